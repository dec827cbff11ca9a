//! From a use to where it is defined: stages and variables.
use super::occurrences::{Role, at, of_target};
use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;

/// Where the stage or the variable at `offset` is defined: the last ENV or ARG that a use sees in its stage
/// or in those it builds on; the definition itself where the cursor stands on one.
///
/// A bare `ARG X` in a stage leads to the global `ARG X` that it takes its value from.
pub fn definition(snapshot: &Snapshot, offset: u32) -> Option<Span> {
    let here = at(snapshot, offset)?;
    if matches!(here.role, Role::Definition { .. }) {
        return Some(here.span);
    }
    let all = of_target(snapshot, &here.target);
    let definitions = all.iter().filter(|found| found.role != Role::Use && here.sees(snapshot, found));
    definitions.max_by_key(|found| (found.role != Role::Redeclaration, found.span)).map(|found| found.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the cursor `|` leads, as the text from there.
    fn leads(marked: &str) -> Option<String> {
        let offset = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let found = definition(&Snapshot::of_text(&text), offset as u32)?;
        Some(text[found.start as usize..].lines().next().unwrap().to_owned())
    }

    #[test]
    fn stages() {
        assert_eq!(leads("FROM a AS one\nFROM o|ne\n").as_deref(), Some("one"));
        assert_eq!(leads("FROM a AS One\nFROM b\nCOPY --from=on|e x /\n").as_deref(), Some("One"));
        assert_eq!(leads("FROM a\nFROM b\nCOPY --from=|0 x /\n").as_deref(), Some("FROM a"));
        assert_eq!(
            leads("FROM a AS one\nFROM b\nRUN --mount=type=bind,from=o|ne,target=/x y\n").as_deref(),
            Some("one")
        );
        assert_eq!(leads("FROM a AS o|ne\n").as_deref(), Some("one"));
        assert_eq!(leads("FROM o|ne\n"), None);
    }

    #[test]
    fn variables() {
        assert_eq!(leads("ARG V=1\nFROM a:$|V\n").as_deref(), Some("V=1"));
        assert_eq!(leads("ARG V=1\nFROM a\nARG |V\nRUN x\n").as_deref(), Some("V=1"));
        assert_eq!(leads("FROM a\nARG V=1\nENV W=${|V}\n").as_deref(), Some("V=1"));
        assert_eq!(leads("FROM a\nARG V=1\nENV V=2\nUSER $|V\nENV V=3\n").as_deref(), Some("V=2"));
        assert_eq!(leads("FROM a AS b\nENV V=1\nFROM b\nUSER $|V\n").as_deref(), Some("V=1"));
        assert_eq!(leads("FROM a\nENV V=1\nFROM b\nUSER $|V\n"), None);
        assert_eq!(leads("ARG V=1\nFROM a\nUSER $|V\n"), None);
        assert_eq!(leads("FROM a\nENV V=1\nRUN echo \"$|V\"\n").as_deref(), Some("V=1"));
    }
}
