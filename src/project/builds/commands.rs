//! `docker build` and its like in recipes and scripts.
use std::path::Path;

use super::Request;
use crate::knowledge::build_flags::stands_alone;

/// The builds of `text`, whose commands run in `folder`.
pub(super) fn read(text: &str, folder: &Path) -> Vec<Request> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| line.contains("build") || line.contains("bud"))
        .flat_map(|line| of_line(line, folder))
        .collect()
}

/// The builds of a script that stays where it is started: in one of `folders`.
pub(super) fn script(text: &str, folders: &[&Path]) -> Vec<Request> {
    let moves = |line: &str| ["cd ", "pushd "].iter().any(|command| line.trim_start().starts_with(command));
    if text.lines().any(moves) {
        return Vec::new();
    }
    folders.iter().flat_map(|folder| read(text, folder)).collect()
}

fn of_line(line: &str, folder: &Path) -> Vec<Request> {
    if line.trim_start().starts_with('#') {
        return Vec::new();
    }
    let line = line.trim_start_matches([' ', '\t', '@', '-', '+']);
    let words = shlex::split(line).unwrap_or_else(|| line.split_whitespace().map(str::to_owned).collect());
    let mut folder = folder.to_owned();
    let mut found = Vec::new();
    for command in words.split(|word| matches!(word.as_str(), "&&" | "||" | ";" | "|")) {
        match command {
            [cd, dir, ..] if cd == "cd" => match super::resolved(dir).filter(|dir| !dir.contains('*')) {
                Some(dir) => folder = folder.join(dir.trim_end_matches(';')),
                None => return found,
            },
            _ => found.extend(build(command).map(|request| Request { folder: folder.clone(), ..request })),
        }
    }
    found
}

/// What `docker build …` asks for, but for the folder, if `words` are that.
fn build(words: &[String]) -> Option<Request> {
    let at = words.iter().position(|word| is_program(word))?;
    // What stands in front of it are variables and wrappers, or it is only spoken of.
    if words[..at].iter().any(|word| word == "echo" || word.ends_with(':')) {
        return None;
    }
    let rest: Vec<&str> = words[at + 1..].iter().map(String::as_str).collect();
    let (["buildx" | "image" | "builder", "build" | "b", arguments @ ..] | ["build" | "bud", arguments @ ..]) =
        rest.as_slice()
    else {
        return None;
    };
    let (mut context, mut dockerfile, mut target) = (None, None, None);
    let mut arguments = arguments.iter();
    while let Some(word) = arguments.next() {
        match word.split_once('=') {
            Some(("--file" | "-f", path)) => dockerfile = Some(path.to_owned()),
            _ if matches!(*word, "-f" | "--file") => dockerfile = arguments.next().map(|path| (*path).to_owned()),
            Some(("--target", stage)) => target = Some(stage.to_owned()),
            _ if *word == "--target" => target = arguments.next().map(|stage| (*stage).to_owned()),
            Some((flag, _)) if flag.starts_with('-') => {}
            _ if *word == "-" => context = Some("-".to_owned()),
            _ if word.starts_with("-f") && !word.starts_with("--") => dockerfile = Some(word[2..].to_owned()),
            _ if word.starts_with('-') => {
                if !stands_alone(word) {
                    arguments.next();
                }
            }
            _ if word.starts_with(['>', '<', '2']) && word.contains(['>', '<']) => break,
            // Flags may hide in a variable.
            _ if word.starts_with('$') && !word.contains('/') && context.is_none() && !is_here(word) => {}
            _ => context = Some((*word).trim_end_matches(';').to_owned()),
        }
    }
    context.map(|context| Request { context, dockerfile, target, ..Request::default() })
}

fn is_here(word: &str) -> bool {
    matches!(word, "$(CURDIR)" | "${CURDIR}" | "$(PWD)" | "${PWD}" | "$PWD" | "$(pwd)")
}

/// `docker`, `podman`, …, or a variable that is called so.
fn is_program(word: &str) -> bool {
    const PROGRAMS: [&str; 5] = ["docker", "podman", "buildah", "nerdctl", "finch"];
    let name = word.rsplit('/').next().unwrap_or(word);
    let lower = word.to_ascii_lowercase();
    let variable = word.starts_with("$(") || word.starts_with("${") || word.starts_with('$');
    PROGRAMS.contains(&name)
        || (variable
            && !word.contains([' ', '/'])
            && ["docker", "podman", "container", "oci"].iter().any(|part| lower.contains(part)))
}
