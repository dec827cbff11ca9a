//! Access to private modules while they are downloaded: by a secret or by the SSH agent, so that no layer holds a credential.
use super::fix::Fix;
use super::lines;
use super::packages;
use super::run_script;
use crate::analysis::go::GoCommand;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, SourceModule};
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::knowledge::git_hosts::token_user;
use crate::knowledge::packages::packages_for;
use crate::knowledge::table;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::settings::PrivateAccess;
use crate::text::edit::Edit;

/// What a download of private modules needs besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Whole lines in front of the RUN.
    pub before: Vec<String>,
    /// Its mount.
    pub mount: String,
    /// Words in front of `go mod download`.
    pub words: Vec<String>,
    /// `with …` for a title.
    pub how: &'static str,
    /// The same, said more closely.
    pub by: &'static str,
}

/// What `command` of `stage` lacks when its modules are downloaded at instruction `at`; `None` when no module is private, when
/// the Dockerfile gives access already, and when it can't be given.
pub fn lacking_access(
    snapshot: &Snapshot,
    stage: &Stage,
    command: &GoCommand,
    module: Option<&SourceModule>,
    at: usize,
) -> Option<Access> {
    let host = match private_host(snapshot, command, module) {
        Private::No => return None,
        Private::Host(host) => Some(host),
        Private::Unknown => None,
    };
    if has_access(snapshot, stage, command) {
        return None;
    }
    let state = state_before(snapshot, stage, at);
    ways(snapshot, command, &state, host.as_deref(), at).into_iter().next()
}

/// The ways to give `command` of `stage` access to the private modules that it downloads, in the RUN that it stands in; the one
/// of the settings first.
pub fn fixes(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Vec<Fix> {
    let module = source::module_of(snapshot, stage, command);
    if !command.downloads() || !command.is_of_module() || source::uses_vendor(snapshot, module.as_ref(), command) {
        return Vec::new();
    }
    let host = match private_host(snapshot, command, module.as_ref()) {
        Private::No => return Vec::new(),
        Private::Host(host) => Some(host),
        Private::Unknown => None,
    };
    // The first download is the one that fails.
    let stages = source::analyses(snapshot, stage);
    let mut earlier = stages.iter().flat_map(|stage| &stage.go).filter(|go| go.span.start < command.span.start);
    if earlier.any(|go| go.downloads() && go.is_of_module()) || has_access(snapshot, stage, command) {
        return Vec::new();
    }
    let at = command.instruction;
    let ways = ways(snapshot, command, &state_before(snapshot, stage, at), host.as_deref(), at);
    ways.iter().filter_map(|access| access.fix(snapshot, stage, command)).collect()
}

/// Adds `mount` to the RUN at `instruction`.
pub fn add_mount(snapshot: &Snapshot, instruction: usize, mount: &str) -> Edit {
    Edit::insert(snapshot.file().instructions[instruction].keyword.end, format!(" {mount}"))
}

/// Puts assignments in front of a Go command; `None` where something stands between, which may not pass them on.
pub fn assign(snapshot: &Snapshot, command: &GoCommand, assignments: &str) -> Option<Edit> {
    let invocation = &command.command;
    let behind = invocation.assignments.last().map_or(command.span.start, |(_, span)| span.end);
    let between = snapshot.text().get(behind as usize..invocation.name_span.start as usize)?;
    let direct = between.trim_matches([' ', '\t', '\r', '\n', '\\', '`']).is_empty();
    let shell = snapshot.file().instructions[command.instruction].command()?.exec().is_none();
    (direct && shell).then(|| Edit::insert(command.span.start, format!("{assignments} ")))
}

impl Access {
    fn fix(&self, snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Fix> {
        let mut edits = vec![add_mount(snapshot, command.instruction, &self.mount)];
        if !self.before.is_empty() {
            edits.push(lines::insert_before(snapshot, command.instruction, &self.before));
        }
        match self.words.split_last() {
            None => {}
            Some((and, words)) if and == "&&" => {
                edits.push(run_script::prepend(snapshot.stage(stage), &command.command, &words.join(" "))?);
            }
            Some(_) => {
                let assignments = self.words.join(" ");
                let all = snapshot.stage(stage).go.iter().filter(|go| go.instruction == command.instruction);
                for go in all.filter(|go| go.downloads() && go.is_of_module()) {
                    edits.push(assign(snapshot, go, &assignments)?);
                }
            }
        }
        Fix::unsafe_(format!("download private modules {}", self.by), edits)
    }
}

/// True when GOPRIVATE is set for `command` and names a module that it needs.
pub fn is_private(snapshot: &Snapshot, command: &GoCommand, module: &SourceModule) -> bool {
    let known = command.variable("GOPRIVATE").is_some_and(|value| value.is(|value| !value.is_empty()));
    known && !matches!(private_host(snapshot, command, Some(module)), Private::No)
}

/// Where private modules come from.
enum Private {
    /// There are none.
    No,
    /// All from one host.
    Host(String),
    /// From several, or nobody can tell.
    Unknown,
}

fn private_host(snapshot: &Snapshot, command: &GoCommand, module: Option<&SourceModule>) -> Private {
    let mut patterns = snapshot.settings().actions.private_modules.clone();
    let variable = command.variable("GOPRIVATE");
    match &variable {
        Some(Known::Known(value)) => patterns.extend(value.split(',').map(|word| word.trim().to_owned())),
        Some(Known::Unknown) => return Private::Unknown,
        None => {}
    }
    patterns.retain(|pattern| !pattern.is_empty());
    let host = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let Some(source) = module else {
        // GOPRIVATE is set for a reason; the setting holds for other projects too.
        return match patterns.first().filter(|_| variable.is_some()).map(|pattern| host(pattern)) {
            Some(host) if host.contains(['*', '?', '[']) => Private::Unknown,
            Some(host) => Private::Host(host),
            None => Private::No,
        };
    };
    let facts = snapshot.facts();
    let local: Vec<&str> = facts.local_replaces(source.module).into_iter().map(|(path, _)| path).collect();
    let paths = source.module.go_mod.requires.iter().map(|require| require.path.text.as_str());
    let is_own = |path: &str| local.contains(&path) || facts.modules.iter().any(|own| own.go_mod.path() == path);
    let is_private = |path: &&str| !is_own(path) && patterns.iter().any(|pattern| matches_prefix(pattern, path));
    let mut hosts = paths.filter(is_private).map(host);
    let Some(first) = hosts.next() else { return Private::No };
    if hosts.all(|other| other == first) { Private::Host(first) } else { Private::Unknown }
}

/// As GOPRIVATE is read: a pattern matches a path prefix with as many elements (module.MatchPrefixPatterns).
fn matches_prefix(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    let count = pattern.split('/').count();
    let elements: Vec<&str> = path.split('/').take(count).collect();
    elements.len() == count && pattern.split('/').zip(elements).all(|(glob, element)| table::glob(glob, element))
}

/// Credentials are in the image, mounted, or a proxy has them.
fn has_access(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    const VARIABLES: [&str; 6] = ["GOPROXY", "GOAUTH", "NETRC", "GIT_CONFIG_COUNT", "GIT_SSH_COMMAND", "GIT_ASKPASS"];
    const FILES: [&str; 6] = [".netrc", ".git-credentials", ".gitconfig", ".ssh", "id_rsa", "id_ed25519"];
    let mounted = command.mounts.iter().any(|mount| matches!(mount.kind(), "secret" | "ssh"));
    let set = VARIABLES.iter().any(|name| command.command.env.get(name).is_some());
    let stages = source::analyses(snapshot, stage);
    let mut sources = stages.iter().flat_map(|stage| &stage.copies).flat_map(|copy| &copy.sources);
    let copied = sources.any(|source| source.path.is(|path| FILES.contains(&base(path))));
    let mut commands = stages.iter().flat_map(|stage| &stage.commands).filter(|c| c.span.start < command.span.start);
    mounted || set || copied || commands.any(|command| sets_up_access(&snapshot[command.span], &command.name))
}

/// True for a command that tells Git or Go how to get at a repository; `text` is the whole command.
pub fn sets_up_access(text: &str, name: &str) -> bool {
    (name == "git" && text.contains("config"))
        || (name == "go" && text.contains("env -w"))
        || matches!(name, "ssh-keyscan" | "ssh-add")
        || text.contains(".netrc")
        || text.contains(".ssh")
}

/// The ways that work for `command`, the one of the settings first.
fn ways(snapshot: &Snapshot, command: &GoCommand, state: &ImageState, host: Option<&str>, at: usize) -> Vec<Access> {
    let ways = match snapshot.settings().actions.private_access {
        PrivateAccess::Netrc => [PrivateAccess::Netrc, PrivateAccess::Token, PrivateAccess::Ssh],
        PrivateAccess::Token => [PrivateAccess::Token, PrivateAccess::Netrc, PrivateAccess::Ssh],
        PrivateAccess::Ssh => [PrivateAccess::Ssh, PrivateAccess::Netrc, PrivateAccess::Token],
    };
    ways.into_iter().filter_map(|way| access(snapshot, command, state, (way, host), at)).collect()
}

fn access(
    snapshot: &Snapshot,
    command: &GoCommand,
    state: &ImageState,
    (way, host): (PrivateAccess, Option<&str>),
    at: usize,
) -> Option<Access> {
    let mut access = match (way, host) {
        (PrivateAccess::Netrc, _) => netrc(state)?,
        (PrivateAccess::Token, Some(host)) if reads_git_variables(state) => token(host)?,
        (PrivateAccess::Ssh, Some(host)) if state.is_root() == Answer::Yes => ssh(snapshot, host, at),
        _ => return None,
    };
    let tools: &[&str] = if access.mount.contains("=ssh") { &["git", "ssh"] } else { &["git"] };
    let mut lines_out = tools_lines(snapshot, state, tools, at)?;
    if command.variable("GOPRIVATE").is_none() {
        let patterns = snapshot.settings().actions.private_modules.join(",");
        lines_out.push(lines::line(snapshot, at, Kind::Env, &format!("GOPRIVATE={patterns}")));
    }
    lines_out.append(&mut access.before);
    Some(Access { before: lines_out, ..access })
}

/// A .netrc in the home of the user, whom it has to belong to: its number must be known.
fn netrc(state: &ImageState) -> Option<Access> {
    let (home, owner) = if state.is_root() == Answer::Yes {
        (state.env.known("HOME").unwrap_or("/root"), String::new())
    } else {
        let user = state.user.as_ref()?.split(':').next().unwrap_or_default().to_owned();
        let is_number = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit());
        (state.env.known("HOME")?, is_number.then(|| format!(",uid={user}"))?)
    };
    let mount = format!("--mount=type=secret,id=netrc,target={}/.netrc{owner}", home.trim_end_matches('/'));
    Some(Access {
        mount,
        how: "with a secret for the private ones",
        by: "with a .netrc as a secret",
        ..Access::default()
    })
}

/// A token that Git reads from its environment: nothing is written to the image.
fn token(host: &str) -> Option<Access> {
    let user = token_user(host)?;
    let words = vec![
        "GIT_CONFIG_COUNT=1".to_owned(),
        format!("GIT_CONFIG_KEY_0=url.https://{user}:$(cat /run/secrets/git_token)@{host}/.insteadOf"),
        format!("GIT_CONFIG_VALUE_0=https://{host}/"),
    ];
    let mount = "--mount=type=secret,id=git_token".to_owned();
    let by = "with a token as a secret";
    Some(Access { mount, words, how: "with a secret for the private ones", by, before: Vec::new() })
}

/// Git reads `GIT_CONFIG_COUNT` since 2.31: Debian 12 and Ubuntu 22.10 have it, and so have all Alpines with Go modules that count.
pub fn reads_git_variables(state: &ImageState) -> bool {
    state.is_root() == Answer::Yes && !state.glibc().is(|version| *version < (2, 36))
}

fn ssh(snapshot: &Snapshot, host: &str, at: usize) -> Access {
    let known_hosts = format!("mkdir -p -m 0700 ~/.ssh && ssh-keyscan {host} >> ~/.ssh/known_hosts");
    let rewrite = format!("git config --global url.\"ssh://git@{host}/\".insteadOf https://{host}/");
    Access {
        before: vec![lines::line(snapshot, at, Kind::Run, &known_hosts)],
        mount: "--mount=type=ssh".to_owned(),
        words: vec![rewrite, "&&".to_owned()],
        how: "with the SSH agent for the private ones",
        by: "with the SSH agent",
    }
}

/// The line that installs what is missing of `tools`; `None` where that can't be done.
fn tools_lines(snapshot: &Snapshot, state: &ImageState, tools: &[&str], at: usize) -> Option<Vec<String>> {
    let lacking: Vec<&&str> = tools.iter().filter(|tool| !has_tool(state, tool)).collect();
    if lacking.is_empty() {
        return Some(Vec::new());
    }
    let manager = *state.package_manager().as_ref().filter(|_| state.is_root() == Answer::Yes)?;
    let wanted: Vec<String> =
        lacking.into_iter().flat_map(|tool| packages_for(manager, tool)).map(|&name| name.to_owned()).collect();
    let command = packages::install_command(manager, &wanted).filter(|_| !wanted.is_empty())?;
    Some(vec![lines::line(snapshot, at, Kind::Run, &command)])
}

fn has_tool(state: &ImageState, tool: &str) -> bool {
    state.has_command(tool) == Answer::Yes || state.installed(tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_elements() {
        assert!(matches_prefix("github.com/acme/*", "github.com/acme/lib/v2"));
        assert!(matches_prefix("*.corp.example", "git.corp.example/lib"));
        assert!(matches_prefix("github.com/acme", "github.com/acme/lib"));
        assert!(!matches_prefix("github.com/acme", "github.com/acme2/lib"));
        assert!(!matches_prefix("github.com/acme/*", "github.com/acme"));
    }
}
