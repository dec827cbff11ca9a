//! Pieces of Markdown.

/// Paragraphs with a blank line between them; empty ones left out.
pub fn paragraphs(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("\n\n")
}

/// A code block; empty for no text.
pub fn code(language: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("```{language}\n{text}\n```") }
}

/// `- **name**: value`, or nothing for an empty value.
pub fn item(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("- **{name}**: {value}\n") }
}

/// Words of the tables, which are no Markdown but for code: stars and angle brackets stand for themselves.
pub fn prose(text: &str) -> String {
    let mut in_code = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        in_code ^= c == '`';
        if !in_code && matches!(c, '*' | '<') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The same without marks, for editors that show the text as it is; it knows what is written here: bold words, code, links.
pub fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut in_block = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        if in_block {
            out.push_str(line);
        } else {
            plain_line(line, &mut out);
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

fn plain_line(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '*', '\\', '[']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match rest.as_bytes()[0] {
            b'`' => plain_code(rest, out),
            b'*' if rest.starts_with("**") => &rest[2..],
            b'\\' if rest[1..].starts_with(['*', '<']) => {
                out.push_str(&rest[1..2]);
                &rest[2..]
            }
            b'[' if plain_link(rest).is_some() => {
                let (text, address, behind) = plain_link(rest).unwrap_or_default();
                out.extend([text, ": ", address]);
                behind
            }
            _ => {
                out.push_str(&rest[..1]);
                &rest[1..]
            }
        };
    }
    out.push_str(rest);
}

/// Writes the code that `rest` begins with; what stands behind it.
fn plain_code<'t>(rest: &'t str, out: &mut String) -> &'t str {
    let marks = &rest[..rest.len() - rest.trim_start_matches('`').len()];
    let behind = &rest[marks.len()..];
    let Some(end) = behind.find(marks) else {
        out.push_str(marks);
        return behind;
    };
    let code = &behind[..end];
    out.push_str(if marks.len() > 1 { code.trim() } else { code });
    &behind[end + marks.len()..]
}

/// The text and the address of the link that `rest` begins with, and what stands behind it.
fn plain_link(rest: &str) -> Option<(&str, &str, &str)> {
    let (text, behind) = rest[1..].split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    (!text.contains(['[', ']'])).then_some((text, address, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_marks() {
        let markdown = "**a**, `b*`\n\n- **c**: `` d`e `` [Page](https://x/*)\n\n```dockerfile\nCOPY `**` [a](b)\n```\n\n\\*.go [flags] 2*3";
        let text = "a, b*\n\n- c: d`e Page: https://x/*\n\nCOPY `**` [a](b)\n\n*.go [flags] 2*3";
        assert_eq!(plain(markdown), text);
        assert_eq!(plain("`é [ ** \\"), "`é [  \\");
        assert_eq!(plain(""), "");
    }

    #[test]
    fn stars_that_are_stars() {
        assert_eq!(prose("*.a.b,c/* in `*` <x>"), "\\*.a.b,c/\\* in `*` \\<x>");
        assert_eq!(plain(&prose("*.a.b,c/* in `*` <x>")), "*.a.b,c/* in * <x>");
    }
}
