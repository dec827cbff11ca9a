//! The folders and ports that matter once the program is no longer root.
use super::Account;
use crate::analysis::invocation::Invocation;
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::rewrite::shipped;
use crate::text::span::Span;

/// What another user meets in the image.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Folders that the user must own: volumes, those made by `mkdir`, and WORKDIR where the program writes there. True
    /// where it has to be made first.
    pub owned: Vec<(String, bool)>,
    /// WORKDIR names the home of root, which nobody else may enter: where that is written, and how.
    pub root: Option<(Span, String)>,
    /// The program writes to WORKDIR, and this WORKDIR of a stage without RUN makes that folder.
    pub workdir_by_user: Option<usize>,
    /// The lowest port below 1024.
    pub port: Option<u16>,
}

impl Places {
    /// Looks through `stage`; `None` where something is only for root and can't be moved.
    pub fn read(snapshot: &Snapshot, stage: &Stage) -> Option<Self> {
        let mut places = Self { port: low_port(snapshot, stage), ..Self::default() };
        if is_closed(snapshot, stage) {
            return None;
        }
        places.root = root_workdir(snapshot, stage)?;
        places.folders(snapshot, stage);
        places.workdir(snapshot, stage);
        Some(places)
    }

    /// Volumes, and what RUN makes.
    fn folders(&mut self, snapshot: &Snapshot, stage: &Stage) {
        for stage in source::chain(snapshot, stage) {
            for command in snapshot.stage(stage).commands.iter().filter(|command| command.name == "mkdir") {
                let paths = command.args.iter().filter_map(|arg| absolute(command, arg.value.as_ref()?));
                self.owned.extend(paths.filter(|path| is_data(path)).map(|path| (path, false)));
            }
            for (_, instruction) in snapshot.file().stage_instructions(stage) {
                let Body::Words(words) = &instruction.body else { continue };
                let words = words.iter().filter(|_| instruction.kind == Kind::Volume);
                let paths = words.filter_map(|word| word.literal(snapshot.text()));
                self.owned.extend(paths.filter(|path| path.starts_with('/')).map(|path| (resolve("/", &path), true)));
            }
        }
        self.owned.sort();
        self.owned.dedup_by(|next, first| next.0 == first.0);
        let tops: Vec<String> = self.owned.iter().map(|(path, _)| path.clone()).collect();
        self.owned.retain(|(path, _)| !tops.iter().any(|top| top != path && is_below(path, top)));
    }

    /// WORKDIR, where the program is seen to write.
    fn workdir(&mut self, snapshot: &Snapshot, stage: &Stage) {
        let end = &snapshot.stage(stage).end;
        let Some(workdir) = end.workdir.as_ref().filter(|_| writes_to_workdir(snapshot, stage)) else { return };
        let workdir = if self.root.is_some() { "/app" } else { workdir.as_str() };
        if workdir == "/" || self.owned.iter().any(|(path, _)| is_below(workdir, path)) {
            return;
        }
        let steps = |kinds: &'static [Kind]| {
            let own = snapshot.file().stage_instructions(stage);
            own.filter(move |(_, instruction)| kinds.contains(&instruction.kind)).map(|(index, _)| index)
        };
        let first = steps(&[Kind::Workdir]).next();
        let before = first.is_some_and(|first| steps(&[Kind::Copy, Kind::Add]).all(|copy| first < copy));
        if steps(&[Kind::Run]).next().is_none() && steps(&[Kind::Workdir]).count() == 1 && before {
            self.workdir_by_user = first;
        }
        self.owned.push((workdir.to_owned(), false));
    }

    /// The command that gives the folders to the account; `Some(None)` when there is nothing to give, `None` when nothing can
    /// give it.
    #[allow(clippy::option_option, reason = "nothing to do is not the same as no way to do it")]
    pub fn own(&self, account: &Account) -> Option<Option<String>> {
        if self.owned.is_empty() || (!account.shell && self.owned.len() == 1 && self.workdir_by_user.is_some()) {
            return Some(None);
        }
        let make: Vec<&str> = self.owned.iter().filter(|(_, make)| *make).map(|(path, _)| path.as_str()).collect();
        let all: Vec<&str> = self.owned.iter().map(|(path, _)| path.as_str()).collect();
        let plain = |path: &&str| path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
        if !account.shell || !all.iter().all(plain) {
            return None;
        }
        let mkdir = if make.is_empty() { String::new() } else { format!("mkdir -p {} && ", make.join(" ")) };
        Some(Some(format!("{mkdir}chown -R {} {}", account.user, all.join(" "))))
    }

    /// What has to be known before it is applied.
    pub fn note(&self) -> String {
        self.port.map_or_else(String::new, |port| format!(" (port {port}: only where users may bind it)"))
    }
}

/// True when a VOLUME stands in front of instruction `last`.
pub fn volume_before(snapshot: &Snapshot, stage: &Stage, last: usize) -> bool {
    let mut steps = snapshot.file().stage_instructions(stage);
    steps.any(|(index, instruction)| index < last && instruction.kind == Kind::Volume)
}

/// True when the program writes to a path that is relative to WORKDIR.
fn writes_to_workdir(snapshot: &Snapshot, stage: &Stage) -> bool {
    let Some(program) = shipped::program(snapshot, stage) else { return false };
    let Some(code) = shipped::code(snapshot, &program) else { return false };
    code.written().any(|(_, path)| !path.starts_with('/') && !path.starts_with(".."))
}

/// An argument of `mkdir` as an absolute path.
fn absolute(command: &Invocation, value: &str) -> Option<String> {
    let is_path = !value.starts_with('-') && !value.bytes().all(|byte| byte.is_ascii_digit());
    match command.cwd.as_ref() {
        _ if value.starts_with('/') => Some(resolve("/", value)),
        Some(cwd) if is_path => Some(resolve(cwd, value)),
        _ => None,
    }
}

/// False for folders of the system.
fn is_data(path: &str) -> bool {
    const SYSTEM: [&str; 10] =
        ["/etc", "/usr", "/root", "/tmp", "/bin", "/sbin", "/lib", "/lib64", "/var/lib/apt", "/var/cache"];
    path != "/" && !SYSTEM.iter().any(|folder| is_below(path, folder))
}

/// The lowest port below 1024 that EXPOSE names.
fn low_port(snapshot: &Snapshot, stage: &Stage) -> Option<u16> {
    let chain = source::chain(snapshot, stage);
    let instructions = chain.iter().flat_map(|stage| snapshot.file().stage_instructions(stage));
    let words = instructions
        .filter(|(_, instruction)| instruction.kind == Kind::Expose)
        .flat_map(|(_, expose)| if let Body::Words(words) = &expose.body { words.as_slice() } else { &[] });
    let ports = words.filter_map(|word| word.literal(snapshot.text())?.split('/').next()?.parse().ok());
    ports.filter(|port| *port < 1024).min()
}

/// True when files are closed to others: `--chmod=700`, `chmod 0600 x`, `chmod u+x x`.
fn is_closed(snapshot: &Snapshot, stage: &Stage) -> bool {
    let text = snapshot.text();
    let closes = |mode: &str| {
        let octal = !mode.is_empty() && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        let last = mode.bytes().last().map_or(0, |byte| byte.wrapping_sub(b'0'));
        let symbolic = ["u+", "u=", "o-", "go-", "o=", "go="].iter().any(|start| mode.starts_with(start));
        (octal && last & 4 == 0) || symbolic
    };
    source::chain(snapshot, stage).into_iter().any(|stage| {
        let flags = snapshot.file().stage_instructions(stage).filter_map(|(_, i)| i.flag(text, "chmod"));
        let mut flags = flags.filter_map(|flag| flag.value.as_ref()?.literal(text));
        let commands = snapshot.stage(stage).commands.iter().filter(|command| command.name == "chmod");
        let mut modes = commands.flat_map(|command| command.args.iter().take(2)).map(|arg| arg.prefix.as_str());
        flags.any(|mode| closes(&mode)) || modes.any(closes)
    })
}

/// The one WORKDIR that names the home of root: `Some(None)` where nothing does, `None` where more than it does.
#[allow(clippy::option_option, reason = "nothing to move is not the same as no way to move it")]
fn root_workdir(snapshot: &Snapshot, stage: &Stage) -> Option<Option<(Span, String)>> {
    let text = snapshot.text();
    let chain = source::chain(snapshot, stage);
    let mentions: usize = chain.iter().map(|stage| snapshot[stage.span].matches("/root").count()).sum();
    let homes = chain.iter().any(|stage| snapshot[stage.span].contains("$HOME") || snapshot[stage.span].contains("~/"));
    let workdir = snapshot.stage(stage).end.workdir.as_ref();
    if mentions == 0 && !homes && !workdir.is_some_and(|path| is_below(path, "/root")) {
        return Some(None);
    }
    let steps = snapshot.file().stage_instructions(stage).filter(|(_, step)| step.kind == Kind::Workdir);
    let words: Vec<_> = steps.filter_map(|(_, step)| step.value()).collect();
    let [word] = words.as_slice() else { return None };
    let written = word.literal(text).filter(|path| matches!(&**path, "/root" | "/root/"))?;
    let copies = chain.iter().flat_map(|stage| &snapshot.stage(stage).copies);
    let taken = copies
        .filter(|copy| !copy.destination.is(|path| is_below(path, "/root")))
        .any(|copy| copy.destination.as_ref().is_none_or(|path| is_below(path, "/app")));
    (mentions == 1 && !homes && !taken).then(|| Some((word.span, written.into_owned())))
}
