//! Commands of package managers, read word by word: what they do, with which flags, to which packages.
use super::invocation::{Arg, Invocation};
use super::path::base;
use crate::knowledge::package_tools::{Family, FlagMeaning, Program, Verb, program};
use crate::text::span::Span;

/// One command of a package manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageCommand {
    /// Its index among the commands of the stage.
    pub command: usize,
    /// The program.
    pub program: Program,
    /// Where the program is named: an argument of `xargs`, else the command's own name.
    pub name: Span,
    /// What it does.
    pub verb: Verb,
    /// Where that word stands; `None` where there is none: `yarn` alone.
    pub verb_span: Option<Span>,
    /// What stands behind the verb and is no flag: the indices of arguments.
    pub operands: Vec<usize>,
    /// True when a word is not known: it may be a flag, or packages.
    pub open: bool,
    flags: u16,
}

impl PackageCommand {
    /// True when a flag that means this is there.
    pub fn has(&self, meaning: FlagMeaning) -> bool {
        self.flags & bit(meaning) != 0
    }

    /// The operands.
    pub fn words<'c>(&'c self, command: &'c Invocation) -> impl Iterator<Item = &'c Arg> {
        self.operands.iter().filter_map(|&index| command.args.get(index))
    }
}

/// Reads `command`, the stage's command number `index`, as one of a package manager.
pub fn read(index: usize, command: &Invocation) -> Option<PackageCommand> {
    let (program, name, first) = start(command)?;
    let mut reader = Reader {
        family: program.family,
        found: PackageCommand {
            command: index,
            program,
            name,
            verb: if program.family == Family::Yarn { Verb::Install } else { Verb::Other },
            verb_span: None,
            operands: Vec::new(),
            open: false,
            flags: 0,
        },
        skip: None,
        quiet: 0,
    };
    for (at, arg) in command.args.iter().enumerate().skip(first) {
        reader.arg(at, arg);
    }
    Some(reader.found)
}

/// The program, where it is named, and the index of the first argument that is its own.
fn start(command: &Invocation) -> Option<(Program, Span, usize)> {
    if let Some(program) = program(&command.name) {
        return Some((program, command.name_span, 0));
    }
    let is_python = || command.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == "python";
    match command.name.as_str() {
        "xargs" => {
            let mut args = command.args.iter().enumerate();
            while let Some((at, arg)) = args.next() {
                if matches!(arg.prefix.as_str(), "-n" | "-I" | "-P" | "-L" | "-d" | "-a" | "-s" | "-E") {
                    args.next();
                } else if !arg.prefix.starts_with('-') && !matches!(arg.prefix.as_str(), "sudo" | "env") {
                    return Some((program(base(&arg.prefix))?, arg.span, at + 1));
                }
            }
            None
        }
        _ if is_python() => {
            let at = command.args.iter().position(|arg| !arg.prefix.starts_with('-') || arg.is("-m"))?;
            let module = command.args.get(at + 1).filter(|module| command.args[at].is("-m") && module.is("pip"))?;
            Some((program("pip")?, module.span, at + 2))
        }
        _ => None,
    }
}

struct Reader {
    family: Family,
    found: PackageCommand,
    /// The flag whose value comes next.
    skip: Option<FlagMeaning>,
    quiet: u8,
}

impl Reader {
    fn arg(&mut self, at: usize, arg: &Arg) {
        let Some(value) = arg.value.as_ref() else {
            // `pkg=$VERSION` and `--flag=$X` are what they look like; `$X` may be anything.
            if arg.prefix.is_empty() && self.skip.is_none() {
                self.found.open = true;
            } else {
                self.word(at, arg, &arg.prefix);
            }
            return;
        };
        if *value == arg.prefix {
            self.word(at, arg, value);
        } else {
            value.split_whitespace().for_each(|word| self.word(at, arg, word));
        }
    }

    fn word(&mut self, at: usize, arg: &Arg, word: &str) {
        if let Some(flag) = self.skip.take() {
            self.value(flag, word);
        } else if word.len() > 1 && word.starts_with('-') {
            self.flag(word);
        } else if self.found.verb_span.is_none() {
            self.found.verb = self.family.verb(word);
            self.found.verb_span = Some(arg.span);
        } else {
            self.found.operands.push(at);
        }
    }

    fn flag(&mut self, word: &str) {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        if let Some(meaning) = self.family.flag(name) {
            self.note(meaning, value);
        } else if !word.starts_with("--") && self.family.has_clusters() {
            self.cluster(word);
        }
    }

    /// `-yq`, `-oKey=value`, `-v1.2`.
    fn cluster(&mut self, word: &str) {
        for (at, letter) in word.char_indices().skip(1) {
            let Some(meaning) = self.family.flag(&format!("-{letter}")) else { continue };
            let rest = &word[at + letter.len_utf8()..];
            if meaning.takes_value() {
                return self.note(meaning, (!rest.is_empty()).then(|| rest.trim_start_matches('=')));
            }
            // apt's `-q=2` is `-qq`.
            let value = rest.strip_prefix('=');
            self.note(meaning, value);
            if value.is_some() {
                return;
            }
        }
    }

    fn note(&mut self, meaning: FlagMeaning, value: Option<&str>) {
        self.found.flags |= bit(meaning);
        if meaning == FlagMeaning::Quiet {
            self.quiet = self.quiet.saturating_add(if value == Some("2") { 2 } else { 1 });
            if self.quiet > 1 {
                self.found.flags |= bit(FlagMeaning::Yes);
            }
        } else if meaning.takes_value() {
            match value {
                Some(value) => self.value(meaning, value),
                None => self.skip = Some(meaning),
            }
        }
    }

    fn value(&mut self, flag: FlagMeaning, value: &str) {
        if flag == FlagMeaning::Set {
            let key = value.split('=').next().unwrap_or_default();
            self.found.flags |= self.family.setting(key).map_or(0, bit);
        }
    }
}

fn bit(meaning: FlagMeaning) -> u16 {
    1 << meaning as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::snapshot::Snapshot;

    fn commands(run: &str) -> Vec<(PackageCommand, Vec<String>)> {
        let snapshot = Snapshot::of_text(&format!("FROM a\nARG V\nENV P='git curl' F=-y\nRUN {run}\n"));
        let stage = &snapshot.stages()[0];
        let words = |found: &PackageCommand| {
            found.words(&stage.commands[found.command]).map(|arg| arg.prefix.clone()).collect::<Vec<_>>()
        };
        stage.packages.iter().map(|found| (found.clone(), words(found))).collect()
    }

    fn one(run: &str) -> (PackageCommand, String) {
        let found = commands(run);
        assert_eq!(found.len(), 1, "{run}");
        (found[0].0.clone(), found[0].1.join(" "))
    }

    #[test]
    fn reads_flags_wherever_they_stand() {
        for run in [
            "apt-get install -y a b",
            "apt-get -yqq install a b",
            "sudo -E apt-get -o APT::Get::Assume-Yes=true install a b",
            "apt-get install a -qq b",
            "apt-get install -t stable -q=2 a b",
            "apt-get install $F a b",
            "apt -oAPT::Get::Assume-Yes=1 install a b",
        ] {
            let (found, words) = one(run);
            assert_eq!(found.verb, Verb::Install, "{run}");
            assert!(found.has(FlagMeaning::Yes), "{run}");
            assert_eq!(words, "a b", "{run}");
        }
        let (found, words) = one("apt-get install -q -t stable-y a=$V ./c.deb");
        assert!(!found.has(FlagMeaning::Yes) && !found.open);
        assert_eq!(words, "a= ./c.deb");
    }

    #[test]
    fn knows_what_it_does_not_know() {
        assert!(one("apt-get install $V git").0.open);
        assert!(!one("apt-get install $P").0.open);
        assert_eq!(one("cat list | xargs -r -n 1 apt-get install").0.verb, Verb::Install);
        assert!(commands("apt-mark hold a; mypip install x; python3 setup.py install; python -c pip").is_empty());
    }

    #[test]
    fn reads_other_managers() {
        let (found, words) = one("python3.12 -u -m pip install -r req.txt --no-cache-dir -c c.txt 'a>=1' -e .");
        assert!(found.has(FlagMeaning::NoCache) && found.has(FlagMeaning::Constraint));
        assert_eq!(words, "a>=1");
        let (found, words) = one("apk --no-cache add --virtual .deps -X https://example.com/x gcc~13 git");
        assert!(found.has(FlagMeaning::NoCache));
        assert_eq!((found.verb, words.as_str()), (Verb::Install, "gcc~13 git"));
        assert!(one("gem install rails -v7.1").0.has(FlagMeaning::Versioned));
        assert!(one("zypper -n in git").0.has(FlagMeaning::Yes));
        assert_eq!(one("yarn --frozen-lockfile").0.verb, Verb::Install);
        assert_eq!(one("yarn build").0.verb, Verb::Other);
        assert_eq!(one("npm --prefix web i left-pad@1").1, "left-pad@1");
    }
}
