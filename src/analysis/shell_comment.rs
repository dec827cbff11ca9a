//! `# hadolint shell=powershell`: comments that say which shell the base image has, as people have them for hadolint.
use std::sync::Arc;

use super::known::Known;
use super::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::text::span::Span;

/// A shell with its arguments, as SHELL would have it.
pub type Shell = Known<Arc<[String]>>;

/// What such a comment holds.
const MENTION: &str = "hadolint";

/// So many mentions of hadolint in one stage are looked at.
const MAX_MENTIONS: usize = 64;

/// What is said in `stage`; the first comment counts.
pub fn of_stage(snapshot: &Snapshot, stage: &Stage) -> Shell {
    let next = snapshot.file().stages.get(stage.index + 1);
    let end = next.map_or(snapshot.text().len() as u32, |next| next.span.start);
    find(snapshot, Span::new(stage.span.start, end))
}

/// What is said for all stages: in front of the first FROM.
pub fn of_file(snapshot: &Snapshot) -> Shell {
    let end = snapshot.file().stages.first().map_or(0, |first| first.span.start);
    find(snapshot, Span::new(0, end))
}

/// True for a comment that may say it.
pub fn may_name_shell(comment: &str) -> bool {
    comment.contains(MENTION)
}

fn find(snapshot: &Snapshot, span: Span) -> Shell {
    let mentions = snapshot[span].match_indices(MENTION).take(MAX_MENTIONS);
    let at = mentions.map(|(at, _)| span.start + at as u32);
    let comments = at.filter(|at| snapshot.file().instruction_at(*at).is_none());
    let names = comments.filter_map(|at| shell(line_at(snapshot.text(), at as usize)));
    names.map(|name| Arc::from([name.to_owned()])).next().into()
}

fn line_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// The shell that a comment names.
fn shell(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix(MENTION)?;
    let value = rest.trim_start().strip_prefix("shell")?.trim_start().strip_prefix('=')?;
    value.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::shell::is_posix;

    #[test]
    fn comments_name_the_shell() {
        let cases = [
            ("# hadolint shell=powershell\nFROM a\nRUN x\n", Some("powershell"), 0),
            ("FROM a\n# hadolint shell = bash why\nRUN x\n", Some("bash"), 1),
            ("FROM a AS b\n# hadolint shell=pwsh\nRUN x\nFROM b\nRUN x\n", Some("pwsh"), 0),
            ("FROM a\n# hadolint shell=pwsh\nRUN x\nFROM b\nRUN x\n", None, 1),
            ("FROM a\n# hadolint shell=\n# hadolint shells=bash\nRUN <<E\n# hadolint shell=pwsh\nE\n", None, 1),
            ("# hadolint shell=pwsh\nFROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN x\n", Some("/bin/ash"), 1),
        ];
        for (text, expected, scripts) in cases {
            let snapshot = Snapshot::of_text(text);
            let last = snapshot.stages().pop().unwrap();
            assert_eq!(last.end.shell.as_ref().map(|shell| &*shell[0]), expected, "{text}");
            assert_eq!(last.runs.iter().filter(|run| run.script.is_some()).count(), scripts, "{text}");
            assert_eq!(last.end.shell.as_ref().is_none_or(|shell| is_posix(shell)), scripts == 1, "{text}");
        }
    }
}
