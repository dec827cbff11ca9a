//! Makefiles: which targets run Go for sure.
//!
//! Recipes are read as text, variables of the file replaced; what includes, functions and conditions do is not followed, so that a
//! target of which nothing is found may run Go all the same.
use std::collections::{BTreeMap, BTreeSet};

use super::paths;

/// One Makefile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Makefile {
    /// Where it is, relative to the context.
    pub path: String,
    /// The first target, which `make` alone makes.
    default: Option<String>,
    targets: BTreeMap<String, Target>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Target {
    /// A command of its recipe is one of Go that downloads or compiles.
    runs_go: bool,
    /// Targets that are made with it.
    needs: Vec<String>,
}

/// The names under which make finds a file by itself, the first one first.
pub const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];

/// Targets of one file, the bytes that a line may have with its variables replaced, and how many these may be.
const MAX_TARGETS: usize = 2_000;
const MAX_LINE: usize = 8 << 10;
const MAX_VARIABLES: usize = 200;
const MAX_DEPTH: usize = 4;

/// True for the path of a Makefile that make finds by itself.
pub fn is_makefile(path: &str) -> bool {
    NAMES.contains(&paths::file_name(path))
}

/// Reads a Makefile.
pub fn read(path: &str, text: &str) -> Makefile {
    let mut file = Makefile { path: path.to_owned(), ..Makefile::default() };
    // Where Go keeps its caches is said elsewhere than the Dockerfile.
    if ["GOCACHE", "GOMODCACHE", "GOPATH=", "GOPATH ", "XDG_CACHE_HOME"].iter().any(|name| text.contains(name)) {
        return file;
    }
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let variables = variables(&joined);
    let mut current: Vec<String> = Vec::new();
    let mut defines = false;
    for line in joined.lines() {
        let start = line.trim_start();
        match start.split_ascii_whitespace().next() {
            Some("define") => defines = true,
            Some("endef") => defines = false,
            _ if defines => {}
            _ if line.starts_with('\t') => file.recipe(&current, line, &variables),
            None => {}
            Some(word) if word.starts_with('#') => {}
            _ if assignment(start).is_some() => {}
            _ => {
                if let Some((targets, rest)) = start.split_once(':') {
                    current = file.rule(targets, rest, &variables);
                }
            }
        }
    }
    file
}

impl Makefile {
    /// True when making `goals`, or what is made by default, runs Go.
    pub fn runs_go(&self, goals: &[&str]) -> bool {
        let mut queue: Vec<&str> = goals.to_vec();
        if queue.is_empty() {
            queue.extend(self.default.as_deref());
        }
        let mut seen = BTreeSet::new();
        while let Some(goal) = queue.pop() {
            let Some(target) = self.targets.get(goal).filter(|_| seen.insert(goal)) else { continue };
            if target.runs_go {
                return true;
            }
            queue.extend(target.needs.iter().map(String::as_str));
        }
        false
    }

    /// `TARGETS: NEEDS ; COMMAND`; gives the targets.
    fn rule(&mut self, targets: &str, rest: &str, variables: &BTreeMap<&str, String>) -> Vec<String> {
        let (needs, command) = rest.trim_start_matches(':').split_once(';').unwrap_or((rest, ""));
        let targets: Vec<String> = expanded(targets, variables).split_whitespace().map(str::to_owned).collect();
        let needs = expanded(needs.split('#').next().unwrap_or_default(), variables);
        for name in &targets {
            if self.targets.len() >= MAX_TARGETS {
                break;
            }
            if self.default.is_none() && !name.starts_with('.') && !name.contains(['%', '$']) {
                self.default = Some(name.clone());
            }
            let target = self.targets.entry(name.clone()).or_default();
            // `target: VARIABLE = value`
            if !needs.contains('=') {
                target.needs.extend(needs.split_whitespace().filter(|need| *need != "|").map(str::to_owned));
            }
        }
        self.recipe(&targets, command, variables);
        targets
    }

    fn recipe(&mut self, targets: &[String], line: &str, variables: &BTreeMap<&str, String>) {
        let line = expanded(line, variables);
        for command in line.split(['&', '|', ';']) {
            let found = read_command(command);
            for name in targets {
                let Some(target) = self.targets.get_mut(name) else { continue };
                match &found {
                    Found::Go => target.runs_go = true,
                    Found::Make(goals) => target.needs.extend(goals.iter().cloned()),
                    Found::Other => {}
                }
            }
        }
    }
}

enum Found {
    Go,
    Make(Vec<String>),
    Other,
}

fn read_command(command: &str) -> Found {
    let command = command.trim_start_matches([' ', '\t', '@', '-', '+', '(', '{']);
    let words = shlex::split(command).unwrap_or_else(|| command.split_whitespace().map(str::to_owned).collect());
    let is_front = |word: &&String| {
        matches!(word.as_str(), "env" | "exec" | "time" | "if" | "then" | "else" | "do" | "!")
            || word.contains('=') && !word.starts_with('-')
    };
    let mut words = words.iter().skip_while(is_front);
    match words.next().map(String::as_str) {
        Some("go") => {
            let mut rest = words.skip_while(|word| word.starts_with('-'));
            let verb = rest.next().map_or("", String::as_str);
            let mut of_modules =
                || rest.next().is_some_and(|word| matches!(word.as_str(), "download" | "vendor" | "verify"));
            let is_it = matches!(verb, "build" | "install" | "test" | "vet" | "run" | "generate");
            if is_it || verb == "mod" && of_modules() { Found::Go } else { Found::Other }
        }
        Some("make" | "$(MAKE)" | "${MAKE}") => {
            let words: Vec<&String> = words.collect();
            let elsewhere = words.iter().any(|word| word.starts_with("-C") || word.starts_with("-f"));
            let goals = words.into_iter().filter(|word| !word.starts_with('-') && !word.contains(['=', '$']));
            if elsewhere { Found::Other } else { Found::Make(goals.cloned().collect()) }
        }
        _ => Found::Other,
    }
}

/// The variables that the file sets; the first `?=` and the last other setting count.
fn variables(text: &str) -> BTreeMap<&str, String> {
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('\t')) {
        let Some((name, operator, value)) = assignment(line.trim_start()) else { continue };
        let value = value.split(" #").next().unwrap_or_default().trim();
        match operator {
            '!' => {
                found.remove(name);
            }
            '?' => {
                found.entry(name).or_insert_with(|| value.to_owned());
            }
            '+' => {
                let all = found.entry(name).or_default();
                if all.len() < MAX_LINE {
                    *all = format!("{all} {value}");
                }
            }
            _ => {
                found.insert(name, value.to_owned());
            }
        }
    }
    found
}

/// `NAME ?= value`: the name, the byte in front of `=` or a blank, and the value.
fn assignment(line: &str) -> Option<(&str, char, &str)> {
    let line = line.strip_prefix("export ").or_else(|| line.strip_prefix("override ")).unwrap_or(line).trim_start();
    let (left, value) = line.split_once('=')?;
    let operator = left.chars().last().filter(|c| matches!(c, ':' | '?' | '+' | '!')).unwrap_or(' ');
    let name = left.trim_end_matches([':', '?', '+', '!']).trim();
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    plain.then_some((name, operator, value))
}

/// `text` with the variables that are known; what else stands behind `$` stays.
fn expanded(text: &str, variables: &BTreeMap<&str, String>) -> String {
    let mut result = String::new();
    expand(text, variables, 0, &mut { MAX_VARIABLES }, &mut result);
    result
}

fn expand(text: &str, variables: &BTreeMap<&str, String>, depth: usize, left: &mut usize, result: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        rest = &rest[at..];
        let close = match rest.as_bytes().get(1) {
            Some(b'(') => ')',
            Some(b'{') => '}',
            // `$$` is the shell's.
            _ => {
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
                result.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
        };
        let Some(end) = rest.find(close) else { break };
        match variables.get(&rest[2..end]).filter(|_| depth < MAX_DEPTH && *left > 0 && result.len() < MAX_LINE) {
            Some(value) => {
                *left -= 1;
                expand(value, variables, depth + 1, left, result);
            }
            None => result.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    result.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, goals: &[&str]) -> bool {
        read("Makefile", text).runs_go(goals)
    }

    #[test]
    fn finds_go_in_recipes() {
        let text = "GO ?= go\nGOBUILD := CGO_ENABLED=0 $(GO) build # fast\n.PHONY: all\n\nall: lint build\n\n\
            build: $(SRC) | bin\n\t@mkdir -p bin \\\n\t  && $(GOBUILD) -o bin/app .\nlint:\n\tgolangci-lint run\n\
            ci: ; $(MAKE) VERBOSE=1 build\nimage:\n\tdocker run golang go build\nlist: A = go build\nlist:\n\tgo list ./...\n\
            deps:\n\tcd x && go mod download\n";
        assert!(runs(text, &[]) && runs(text, &["build"]) && runs(text, &["ci"]) && runs(text, &["lint", "deps"]));
        for goal in ["lint", "image", "list", "absent"] {
            assert!(!runs(text, &[goal]), "{goal}");
        }
    }

    #[test]
    fn what_moves_the_caches_is_not_known() {
        assert!(!runs("export GOCACHE=/x\nall:\n\tgo build\n", &[]));
    }

    #[test]
    fn bounded_and_without_panics() {
        for text in [
            "$",
            "$(",
            "a:\n\t$(a",
            "A=$(A)$(A)$(A)\nb:\n\t$(A)\n",
            "a: b\nb: a\n",
            "é:\n\t$é go\n",
            "define x\n\tgo build\n",
        ] {
            assert!(!runs(text, &[]) && !runs(text, &["a"]), "{text}");
        }
    }
}
