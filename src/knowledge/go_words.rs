//! The words of the go command: environment variables, commands, flags, GODEBUG keys and platforms.
use std::sync::LazyLock;

use super::table::{self, Row};

const ENV: &str = include_str!("go_env.tsv");
const COMMANDS: &str = include_str!("go_commands.tsv");
const FLAGS: &str = include_str!("go_flags.tsv");
const GODEBUG: &str = include_str!("godebug.tsv");
const PLATFORMS: &str = include_str!("go_platforms.tsv");
const SYSTEMS: &str = include_str!("go_systems.tsv");
const ARCH_NAMES: &str = include_str!("go_arch_names.tsv");

/// Who reads an environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvKind {
    /// The go command.
    Go,
    /// The programs that it builds.
    Program,
    /// Another tool that go runs.
    Other,
    /// Nobody: `go env` only prints it.
    ReadOnly,
    /// Nobody: it does not exist, or no more.
    Gone,
}

/// What is known of one environment variable. Texts may be empty.
#[derive(Clone, Debug)]
pub struct GoEnv {
    /// Its name.
    pub name: &'static str,
    /// Who reads it.
    pub kind: EnvKind,
    /// The Go release that reads it first, where that matters.
    pub since: &'static str,
    /// Its default, for people.
    pub default: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Every valid value, when there are only few; empty: any other check is not possible here.
    pub allowed: Vec<&'static str>,
    /// Sensible values, for people.
    pub good: &'static str,
    /// Values that are wrong and what then happens, for people.
    pub bad: &'static str,
    /// What else matters.
    pub notes: &'static str,
}

/// What is known of one go command.
#[derive(Clone, Debug)]
pub struct GoCommand {
    /// Without `go`: `build`, `mod download`.
    pub name: &'static str,
    /// One sentence or two.
    pub meaning: &'static str,
    /// What else matters in an image build; may be empty.
    pub notes: &'static str,
}

/// What is known of one flag of the go command.
#[derive(Clone, Debug)]
pub struct GoFlag {
    /// With one dash: `-trimpath`.
    pub name: &'static str,
    /// `bool`, or what the value is; for people.
    pub value: &'static str,
    /// The commands that know it, `mod-download` for `go mod download`; `*`: all.
    pub commands: Vec<&'static str>,
    /// One sentence or two.
    pub meaning: &'static str,
    /// What else matters; may be empty.
    pub notes: &'static str,
}

impl GoFlag {
    /// True when the flag stands alone or takes `=true` or `=false`: the next word is not its value.
    pub fn is_bool(&self) -> bool {
        self.value == "bool" || self.name == "-buildvcs"
    }

    /// True when `go <verb>` knows it.
    pub fn fits(&self, verb: &str) -> bool {
        self.commands.iter().any(|name| *name == "*" || name.len() == verb.len() && name.split('-').eq(verb.split(' ')))
    }
}

static ALL_ENV: LazyLock<Vec<GoEnv>> = LazyLock::new(|| table::rows(ENV).filter_map(|row| env(&row)).collect());
static ALL_COMMANDS: LazyLock<Vec<GoCommand>> =
    LazyLock::new(|| table::rows(COMMANDS).map(|row| command(&row)).collect());
static ALL_FLAGS: LazyLock<Vec<GoFlag>> = LazyLock::new(|| table::rows(FLAGS).map(|row| flag(&row)).collect());
static ALL_GODEBUG: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| table::rows(GODEBUG).map(|row| row.cell(0)).collect());
static ALL_PLATFORMS: LazyLock<Vec<[&'static str; 3]>> =
    LazyLock::new(|| table::rows(PLATFORMS).map(|row| [row.cell(0), row.cell(1), row.cell(2)]).collect());

fn env(row: &Row) -> Option<GoEnv> {
    let kind = match row.cell(1) {
        "go" => EnvKind::Go,
        "program" => EnvKind::Program,
        "other" => EnvKind::Other,
        "read-only" => EnvKind::ReadOnly,
        "gone" => EnvKind::Gone,
        _ => return None,
    };
    Some(GoEnv {
        name: row.some(0)?,
        kind,
        since: row.cell(2),
        default: row.cell(3),
        meaning: row.cell(4),
        allowed: row.words(5),
        good: row.cell(6),
        bad: row.cell(7),
        notes: row.cell(8),
    })
}

fn command(row: &Row) -> GoCommand {
    GoCommand { name: row.cell(0), meaning: row.cell(1), notes: row.cell(2) }
}

fn flag(row: &Row) -> GoFlag {
    let [name, value, meaning, notes] = [0, 1, 3, 4].map(|column| row.cell(column));
    GoFlag { name, value, commands: row.words(2), meaning, notes }
}

static ALL_SYSTEMS: LazyLock<Vec<[&'static str; 2]>> =
    LazyLock::new(|| table::rows(SYSTEMS).map(|row| [row.cell(0), row.cell(1)]).collect());

/// All variables, by name.
pub fn go_envs() -> &'static [GoEnv] {
    &ALL_ENV
}

/// What is known of a variable; names are case-sensitive.
pub fn go_env(name: &str) -> Option<&'static GoEnv> {
    ALL_ENV.iter().find(|env| env.name == name)
}

/// All commands.
pub fn go_commands() -> &'static [GoCommand] {
    &ALL_COMMANDS
}

/// What is known of a command: `build`, `mod download`.
pub fn go_command(name: &str) -> Option<&'static GoCommand> {
    ALL_COMMANDS.iter().find(|command| command.name == name)
}

/// All flags.
pub fn go_flags() -> &'static [GoFlag] {
    &ALL_FLAGS
}

/// What is known of a flag, with one dash or two and without its value: `-trimpath`, `--ldflags`.
pub fn go_flag(name: &str) -> Option<&'static GoFlag> {
    let name = if name.starts_with("--") { &name[1..] } else { name };
    ALL_FLAGS.iter().find(|flag| flag.name == name)
}

/// What is known of a flag of `go <verb>`; where that command does not know it, what another one makes of it.
pub fn go_flag_of(verb: &str, name: &str) -> Option<&'static GoFlag> {
    let any = go_flag(name)?;
    ALL_FLAGS.iter().find(|flag| flag.name == any.name && flag.fits(verb)).or(Some(any))
}

/// True for a key of GODEBUG that some part of Go 1.27 reads.
pub fn is_godebug_key(key: &str) -> bool {
    key.starts_with("cpu.") || ALL_GODEBUG.contains(&key)
}

/// The keys of GODEBUG.
pub fn godebug_keys() -> &'static [&'static str] {
    &ALL_GODEBUG
}

/// Whether Go builds, or some release built, for the pair.
pub fn is_platform(goos: &str, goarch: &str) -> bool {
    ALL_PLATFORMS.iter().any(|[os, arch, _]| *os == goos && *arch == goarch)
}

/// What Go calls an architecture that other tools call `name`.
pub fn go_name(name: &str) -> Option<&'static str> {
    table::rows(ARCH_NAMES).find(|row| row.cell(0).eq_ignore_ascii_case(name)).map(|row| row.cell(1))
}

/// True for a word that constrains a file by its name to an operating system.
pub fn is_goos(word: &str) -> bool {
    ALL_SYSTEMS.contains(&[word, "goos"])
}

/// True for a word that constrains a file by its name to an architecture.
pub fn is_goarch(word: &str) -> bool {
    ALL_SYSTEMS.contains(&[word, "goarch"])
}

/// The pairs that the newest known release builds for.
pub fn platforms() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL_PLATFORMS.iter().filter(|[_, _, state]| *state == "now").map(|[os, arch, _]| (*os, *arch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        for text in [ENV, COMMANDS, FLAGS, GODEBUG, PLATFORMS, SYSTEMS] {
            table::assert_table(text);
        }
        assert_eq!(table::rows(ENV).count(), ALL_ENV.len());
        assert!(ALL_ENV.iter().all(|env| !env.meaning.is_empty()));
        assert!(ALL_COMMANDS.iter().all(|command| command.meaning.ends_with('.')));
        assert!(ALL_FLAGS.iter().all(|flag| flag.name.starts_with('-') && flag.meaning.ends_with('.')));
    }

    #[test]
    fn finds_words() {
        assert_eq!(go_env("CGO_ENABLED").map(|env| env.allowed.clone()), Some(vec!["0", "1"]));
        assert!(go_env("CGO_ENABLE").is_none());
        assert!(go_env("CGO_CXXFLAGS_DISALLOW").is_some() && go_env("GOMIPS64").is_some());
        assert_eq!(go_env("GOVERSION").map(|env| env.kind), Some(EnvKind::ReadOnly));
        assert!(go_command("mod download").is_some() && go_command("download").is_none());
        assert_eq!(go_flag("--trimpath").map(GoFlag::is_bool), Some(true));
        assert_eq!(go_flag("-o").map(GoFlag::is_bool), Some(false));
        let download = go_flag_of("mod download", "--json").map(|flag| flag.meaning);
        assert!(download.is_some() && download != go_flag_of("build", "-json").map(|flag| flag.meaning));
        assert!(go_flag("-modcache").is_some_and(|flag| flag.fits("clean") && !flag.fits("build")));
        assert!(
            is_godebug_key("gctrace")
                && is_godebug_key("netdns")
                && is_godebug_key("cpu.all")
                && !is_godebug_key("gcdead")
        );
        assert!(is_platform("linux", "arm64") && !is_platform("linux", "x86_64"));
        assert!(platforms().count() > 40);
        assert!(is_goos("zos") && is_goarch("s390x") && !is_goos("arm64") && !is_goarch("linux"));
    }
}
