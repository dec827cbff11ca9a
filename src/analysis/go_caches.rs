//! The folders in which go keeps modules and build results, as a command sees them, and the cache mounts that hold them.
use super::accounts;
use super::go::GoCommand;
use super::known::{Answer, Known};
use super::path::{is_below, relative, resolve};
use super::snapshot::Snapshot;
use super::source;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::model::word::{Quoting, parse_word};
use crate::text::span::Span;

/// The folders of one command; `None` for one that can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// GOMODCACHE, or what it is by default.
    pub modules: Option<String>,
    /// GOCACHE, or what it is by default.
    pub builds: Option<String>,
}

/// What makes a cache: mounts with the same hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The id, which is the target where none is given.
    pub id: String,
    /// The folder inside of it.
    pub inside: String,
}

/// Programs that make a command run as somebody else.
const OTHER_USER: [&str; 4] = ["sudo", "doas", "gosu", "su-exec"];

/// Where `command` of `stage` keeps what it downloads and compiles.
pub fn folders(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Folders {
    let wrapped = &snapshot[Span::new(command.span.start, command.command.name_span.start.max(command.span.start))];
    if wrapped.split_whitespace().any(|word| OTHER_USER.contains(&word)) || is_configured(snapshot, stage, command) {
        return Folders { modules: None, builds: None };
    }
    let home = || home(snapshot, stage, command).map(|home| resolve("/", &home));
    let modules = match (variable(command, "GOMODCACHE"), variable(command, "GOPATH")) {
        (Some(folder), _) => folder.as_ref().cloned(),
        (None, Some(gopath)) => gopath.as_ref().and_then(|list| Some(format!("{}/pkg/mod", list.split(':').next()?))),
        (None, None) => home().map(|home| resolve(&home, "go/pkg/mod")),
    };
    let builds = match (variable(command, "GOCACHE"), variable(command, "XDG_CACHE_HOME")) {
        (Some(folder), _) => folder.as_ref().cloned(),
        (None, Some(cache)) => cache.as_ref().map(|cache| format!("{cache}/go-build")),
        (None, None) => home().map(|home| resolve(&home, ".cache/go-build")),
    };
    let absolute = |folder: Option<String>| folder.filter(|path| path.starts_with('/')).map(|path| resolve("/", &path));
    Folders { modules: absolute(modules), builds: absolute(builds) }
}

/// The value of `name`; `None` where it is not set, as far as our table describes how Go is set up in the image.
fn variable(command: &GoCommand, name: &str) -> Option<Known<String>> {
    let env = &command.command.env;
    match env.get(name) {
        Some(variable) if variable.value.is(String::is_empty) => None,
        Some(variable) => Some(variable.value.clone()),
        None if !env.is_open() => None,
        None => {
            let described = command
                .state
                .image()
                .is_some_and(|image| image.env.iter().any(|(name, _)| matches!(*name, "GOPATH" | "HOME")));
            (!described).then_some(Known::Unknown)
        }
    }
}

/// HOME, which the container gets from /etc/passwd where no variable says it.
fn home(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<String> {
    match (variable(command, "HOME"), command.state.is_root()) {
        (Some(home), _) => home.as_ref().cloned(),
        (None, Answer::Yes) => Some("/root".to_owned()),
        (None, Answer::No) => accounts::of(snapshot, stage, command)?.home,
        (None, Answer::Unknown) => None,
    }
}

/// `go env -w GOCACHE=…` in front of it: the file that it writes is read by every command.
fn is_configured(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    let stages = source::analyses(snapshot, stage);
    let mut go = stages.iter().flat_map(|stage| &stage.go).filter(|go| go.span.start < command.span.start);
    let moves = |go: &GoCommand| {
        let words = go.packages.iter().map(|word| word.prefix.as_str()).chain(go.flags.iter().map(|flag| &*flag.name));
        let value = go.flag("-w").is_some_and(|flag| flag.value.is(|value| value.starts_with("GO")));
        words.into_iter().any(|word| ["GOCACHE", "GOMODCACHE", "GOPATH"].iter().any(|name| word.starts_with(name)))
            || value
    };
    go.any(|go| go.verb == "env" && moves(go))
}

/// The absolute target of `mount` in the RUN of `command`, its variables replaced.
pub fn target(snapshot: &Snapshot, command: &GoCommand, mount: &Mount) -> Known<String> {
    let (Some(target), Known::Known(workdir)) = (mount.target(), &command.state.workdir) else { return Known::Unknown };
    match expanded(snapshot, command, target) {
        Known::Known(target) => Known::Known(resolve(workdir, &target)),
        Known::Unknown => Known::Unknown,
    }
}

fn expanded(snapshot: &Snapshot, command: &GoCommand, text: &str) -> Known<String> {
    if !text.contains(['$', '"', '\'', '\\']) {
        return Known::Known(text.to_owned());
    }
    let span = Span::new(0, text.len() as u32);
    command.state.env.expand(text, &parse_word(text, span, snapshot.file().escape, Quoting::Resolve))
}

/// Does `mount` hold `folder` in the RUN of `command`? Only cache mounts do.
pub fn holds(snapshot: &Snapshot, command: &GoCommand, mount: &Mount, folder: &str) -> Answer {
    if mount.kind() != "cache" {
        return if mount.kind().contains('$') { Answer::Unknown } else { Answer::No };
    }
    match target(snapshot, command, mount) {
        Known::Known(target) => Answer::of(is_below(folder, &target)),
        Known::Unknown => Answer::Unknown,
    }
}

/// Which cache `mount` is, and where in it `folder` lies; `None` where that can't be told.
pub fn identity(snapshot: &Snapshot, command: &GoCommand, mount: &Mount, folder: &str) -> Option<Identity> {
    let target = target(snapshot, command, mount);
    let target = target.as_ref()?;
    let written = mount.get(&["id"]).filter(|id| !id.is_empty()).or_else(|| mount.target())?;
    let id = expanded(snapshot, command, written).as_ref()?.trim_end_matches('/').to_owned();
    Some(Identity { id, inside: relative(folder, target)?.to_owned() })
}

/// The options that make the user of `command` the owner of a cache mount, empty for root; `None` where nobody can tell.
pub fn owner(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<String> {
    match command.state.is_root() {
        Answer::Yes => Some(String::new()),
        Answer::No => {
            let account = accounts::of(snapshot, stage, command)?;
            let uid = account.uid?;
            Some(format!(",uid={uid},gid={}", account.gid.unwrap_or(uid)))
        }
        Answer::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folders of the last Go command and the owner of its caches.
    fn seen(text: &str) -> (Option<String>, Option<String>, Option<String>) {
        let snapshot = Snapshot::of_text(text);
        let stage = &snapshot.file().stages[snapshot.file().stages.len() - 1];
        let command = &snapshot.stage(stage).go[snapshot.stage(stage).go.len() - 1];
        let Folders { modules, builds } = folders(&snapshot, stage, command);
        (modules, builds, owner(&snapshot, stage, command))
    }

    fn known(text: &str, modules: &str, builds: &str, owner: &str) {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(seen(text), (some(modules), some(builds), some(owner)), "{text}");
    }

    #[test]
    fn finds_the_folders() {
        let root = "/root/.cache/go-build";
        known("FROM golang:1.25\nRUN go build\n", "/go/pkg/mod", root, "");
        known("FROM golang:1.25\nENV GOPATH=/w:/v GOCACHE=/c/\nRUN go build\n", "/w/pkg/mod", "/c", "");
        known("FROM golang:1.25\nARG GOMODCACHE=/m\nRUN GOCACHE=/b go build\n", "/m", "/b", "");
        known("FROM golang:1.25\nENV XDG_CACHE_HOME=/x\nRUN go build\n", "/go/pkg/mod", "/x/go-build", "");
        known("FROM golang:1.25\nRUN export HOME=/h && go build\n", "/go/pkg/mod", "/h/.cache/go-build", "");
        known(
            "FROM golang:1.25\nUSER 12:34\nENV HOME=/h\nRUN go build\n",
            "/go/pkg/mod",
            "/h/.cache/go-build",
            ",uid=12,gid=34",
        );
        known(
            "FROM golang:1.25\nRUN useradd -m -u 10001 app\nUSER app\nRUN go build\n",
            "/go/pkg/mod",
            "/home/app/.cache/go-build",
            ",uid=10001,gid=10001",
        );
        known("FROM ubuntu:24.04\nRUN apt-get install -y golang\nRUN go build\n", "/root/go/pkg/mod", root, "");
        known("FROM bitnami/golang:1.25\nRUN go build\n", "/go/pkg/mod", "/go/.cache", "");
    }

    #[test]
    fn unknown_stays_unknown() {
        for text in [
            "FROM example.com/go:1\nRUN go build\n",
            "FROM golang:1.25\nRUN sudo -u app go build\n",
            "FROM golang:1.25\nRUN go env -w GOCACHE=/x\nRUN go build\n",
            "FROM golang:1.25\nARG GOPATH\nENV GOCACHE=off\nRUN go build\n",
        ] {
            let (modules, builds, _) = seen(text);
            assert_eq!((modules, builds), (None, None), "{text}");
        }
        let (modules, builds, owner) = seen("FROM golang:1.25\nUSER app\nRUN go build\n");
        assert_eq!((modules.as_deref(), builds, owner), (Some("/go/pkg/mod"), None, None));
    }

    #[test]
    fn mounts_with_variables() {
        let text = "FROM golang:1.25\nARG C=/root/.cache\nWORKDIR /go\n\
            RUN --mount=type=cache,target=$C/go-build --mount=type=cache,id=m,target=pkg/mod --mount=type=cache,target=$U go build\n";
        let snapshot = Snapshot::of_text(text);
        let go = &snapshot.stages()[0].go[0];
        let held = |folder: &str| go.mounts.iter().map(|mount| holds(&snapshot, go, mount, folder)).collect::<Vec<_>>();
        assert_eq!(held("/root/.cache/go-build")[..2], [Answer::Yes, Answer::No]);
        assert_eq!(held("/go/pkg/mod")[..2], [Answer::No, Answer::Yes]);
        let which = identity(&snapshot, go, &go.mounts[1], "/go/pkg/mod");
        assert_eq!(which, Some(Identity { id: "m".into(), inside: String::new() }));
    }
}
