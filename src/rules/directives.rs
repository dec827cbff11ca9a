//! Parser directives and what was meant to be one: what the rules about them have in common.
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::is_blank;
use crate::model::image::is_valid_reference;
use crate::text::span::Span;

/// The directives that BuildKit knows. Source: frontend/dockerfile/parser/directives.go of BuildKit v0.32.2.
pub const NAMES: [&str; 3] = ["syntax", "escape", "check"];

/// `# name=value`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The name.
    pub name: Span,
    /// `=`, or the colon that stands in its place.
    pub sign: Span,
    /// The value, without blanks around it.
    pub value: Span,
}

/// Reads the comment at `comment` as a directive; a colon may stand for the equals sign.
pub fn read(text: &str, comment: Span) -> Option<Line> {
    let bytes = text.as_bytes();
    let end = comment.start + text[comment.range()].trim_end().len() as u32;
    let skip = |mut at: u32| {
        while at < end && is_blank(bytes[at as usize]) {
            at += 1;
        }
        at
    };
    let start = skip(comment.start);
    if bytes.get(start as usize) != Some(&b'#') || start >= end {
        return None;
    }
    let start = skip(start + 1);
    let length =
        text[start.min(end) as usize..end as usize].bytes().take_while(u8::is_ascii_alphanumeric).count() as u32;
    let name = Span::new(start, start + length);
    let sign = skip(name.end);
    let value = skip(sign + 1);
    let known_sign = sign < end && matches!(bytes[sign as usize], b'=' | b':');
    (length > 0 && known_sign && value < end).then(|| Line {
        name,
        sign: Span::new(sign, sign + 1),
        value: Span::new(value, end),
    })
}

/// What a value does as that of the directive `name`; `None` when it is no value that anybody would write there.
pub fn effect(snapshot: &Snapshot, name: &str, value: &str) -> Option<Effect> {
    match name {
        "syntax" => (value.contains('/') && is_valid_reference(value)).then_some(Effect::Frontend),
        "escape" if matches!(value, "\\" | "`") => {
            let differs = value.as_bytes()[0] != snapshot.file().escape;
            Some(if differs { Effect::Escape } else { Effect::None })
        }
        "check" => {
            let option = value.split(';').next().unwrap_or_default();
            let known = ["skip=", "error=", "experimental="].iter().any(|start| option.starts_with(start));
            known.then_some(if value.contains("error=") { Effect::Checks } else { Effect::None })
        }
        _ => None,
    }
}

/// What is lost when a directive is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Another frontend than the one that is named reads the file.
    Frontend,
    /// Lines are continued by another character.
    Escape,
    /// Findings don't stop the build.
    Checks,
}

impl Effect {
    /// What the file loses, in words.
    pub fn words(self) -> &'static str {
        match self {
            Effect::None => "it has no effect",
            Effect::Frontend => "the builder's own frontend reads the file, not this one",
            Effect::Escape => "lines are continued by another character than this one",
            Effect::Checks => "no finding stops the build",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines() {
        let parts = |text: &'static str| {
            let line = read(text, Span::new(0, text.len() as u32))?;
            Some((&text[line.name.range()], &text[line.sign.range()], &text[line.value.range()]))
        };
        assert_eq!(parts("#syntax=a/b:1"), Some(("syntax", "=", "a/b:1")));
        assert_eq!(parts("  # sytnax : a/b \r"), Some(("sytnax", ":", "a/b")));
        for other in ["#", "# x", "# =a", "# x=", "#!/bin/sh", "# a b=c", "", "# é=x"] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
