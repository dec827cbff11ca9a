//! The parts of a form as the reference writes it: `COPY [flags] <source>… <destination>`.
use std::ops::Range;

/// Where the parts of `label` stand, its keyword left out; brackets are parts, and the strings of an array are.
pub fn parts(label: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = label.find(' ').unwrap_or(label.len());
    while let Some(next) = label[at..].chars().next() {
        let rest = &label[at..];
        let length = match next {
            '<' if rest.starts_with("<<") => word(rest),
            '<' => rest.find('>').map_or(rest.len(), |end| end + 1),
            '[' if rest.starts_with("[\"") => {
                at += 1;
                continue;
            }
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            '…' => '…'.len_utf8(),
            _ if next.is_alphanumeric() => word(rest),
            _ => {
                at += next.len_utf8();
                continue;
            }
        };
        parts.push(at..at + length);
        at += length;
    }
    parts
}

fn word(rest: &str) -> usize {
    rest.find(' ').unwrap_or(rest.len())
}

/// What a part is called in the table of parameters: without the quotes of an array, `[=<default>]` without what is around.
pub fn name(part: &str) -> &str {
    let part = part.trim_matches('"');
    part.strip_prefix("[=").and_then(|rest| rest.strip_suffix(']')).unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::instructions::instructions;
    use crate::knowledge::texts::parameter;

    #[test]
    fn every_part_has_a_meaning() {
        for doc in instructions() {
            for label in &doc.signatures {
                let parts = parts(label);
                assert!(!parts.is_empty(), "{label}");
                for part in parts {
                    let name = name(&label[part]);
                    assert!(parameter(doc.name, name).is_some(), "{label}: {name}");
                }
            }
        }
    }

    #[test]
    fn finds_parts() {
        let named = |label: &'static str| parts(label).into_iter().map(|part| name(&label[part])).collect::<Vec<_>>();
        assert_eq!(named("COPY [flags] <source>… <destination>"), ["[flags]", "<source>", "…", "<destination>"]);
        assert_eq!(named("COPY [\"<source>\", …, \"<destination>\"]"), ["<source>", "…", "<destination>"]);
        assert_eq!(named("ARG <name>[=<default>] …"), ["<name>", "<default>", "…"]);
        assert_eq!(named("RUN <<EOF"), ["<<EOF"]);
        assert_eq!(named("HEALTHCHECK NONE"), ["NONE"]);
        assert_eq!(named("FROM <image>[:<tag>] [AS <name>]"), ["<image>", "[:<tag>]", "[AS <name>]"]);
    }
}
