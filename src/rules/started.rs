//! What a stage starts, and for whom.
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::stages::effective;
use crate::text::span::Span;

/// Names that say: not what ships.
const FOR_DEVELOPERS: [&str; 11] =
    ["dev", "devel", "develop", "development", "debug", "test", "tests", "testing", "e2e", "local", "devcontainer"];

/// Folders of what is only there for tests.
const FOR_TESTS: [&str; 10] =
    ["test", "tests", "testing", "e2e", "testdata", "integration", "mock", "mocks", "dummy", "fixtures"];

/// True for a stage that people work in or that tests run in, by its name or by where the Dockerfile lies.
pub fn is_for_developers(snapshot: &Snapshot, stage: &Stage) -> bool {
    let is_one_of = |names: &[&str], word: &str| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    let named =
        |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| is_one_of(&FOR_DEVELOPERS, word));
    let Some(path) = snapshot.path() else { return stage.name.as_deref().is_some_and(named) };
    let mut names = path.iter().rev().take(6).map(|name| name.to_string_lossy());
    // The last folder counts: docker/dev/Dockerfile; further up only what never means a whole project.
    stage.name.as_deref().is_some_and(named)
        || names.by_ref().take(2).any(|name| named(&name))
        || names.any(|name| is_one_of(&FOR_TESTS, &name))
}

/// The words of what the container starts, wrappers and shells left out: the ENTRYPOINT, or the CMD; and where that is written.
pub fn words(snapshot: &Snapshot, stage: &Stage) -> Option<(Span, Vec<String>)> {
    let last = |kind: Kind| effective(snapshot, stage, kind);
    let instruction = last(Kind::Entrypoint).or_else(|| last(Kind::Cmd))?;
    let words: Vec<String> = match instruction.command()? {
        Command::Missing => return None,
        Command::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
        Command::Shell(span) => snapshot[*span].split_whitespace().map(str::to_owned).collect(),
    };
    let words = words.iter().flat_map(|word| word.split_whitespace()).skip_while(|word| is_wrapper(word));
    let words: Vec<String> = words.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect();
    (!words.is_empty()).then_some((instruction.span, words))
}

/// Shells, their flags, and programs that only start another one.
fn is_wrapper(word: &str) -> bool {
    matches!(base(word), "sh" | "bash" | "ash" | "-c" | "-ec" | "-lc" | "exec" | "tini" | "dumb-init" | "--" | "\\")
}
