//! The program: where it is, and calling it, bounded in time and output.
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use super::{Comment, Job, Key, Verdict, report};
use crate::knowledge::shellcheck::{Dialect, dropped};

/// Its name.
const NAME: &str = "shellcheck";
/// The first version that has `--norc`.
const OLDEST: (u32, u32) = (0, 7);
/// The first version that knows BusyBox.
const BUSYBOX: (u32, u32) = (0, 10);
/// One call is killed after this.
const CALL: Duration = Duration::from_secs(30);
/// So many texts a call.
const AT_ONCE: usize = 24;
/// So many bytes a call, beyond its first text.
const BYTES_AT_ONCE: usize = 256 << 10;
/// A longer text is not looked at, in bytes.
const MAX_TEXT: usize = 128 << 10;
/// More output is no report, in bytes.
const MAX_REPORT: u64 = 16 << 20;
/// Folders of one process at a time.
const FOLDERS: u32 = 64;
/// Lines in front of each text: the directive that names the shell.
pub const HEADER: u32 = 1;

/// An installed ShellCheck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    /// Major and minor version.
    pub version: (u32, u32),
}

/// Finds the program that `setting` names, or the one in PATH.
///
/// # Errors
/// Why ShellCheck is not used, as a sentence for the log.
pub fn find(setting: Option<&Path>) -> Result<Program, String> {
    let missing = || "ShellCheck is not used: there is no program shellcheck in PATH".to_owned();
    let path = match setting {
        None => in_path(OsStr::new(NAME)).ok_or_else(missing)?,
        Some(path) if path.is_absolute() => path.to_owned(),
        Some(path) => {
            let name = path.file_name().filter(|name| *name == path.as_os_str());
            let found = name.and_then(in_path);
            found
                .ok_or_else(|| format!("ShellCheck is not used: {} is neither absolute nor in PATH", path.display()))?
        }
    };
    let said = call(Command::new(&path).arg("--version"), CALL);
    let version = said
        .as_deref()
        .and_then(version)
        .ok_or_else(|| format!("ShellCheck is not used: {} does not say which version it is", path.display()))?;
    if version < OLDEST {
        return Err(format!("ShellCheck is not used: {} is older than version 0.7", path.display()));
    }
    Ok(Program { path, version })
}

/// A relative folder of PATH is the project's, not the user's.
fn in_path(name: &OsStr) -> Option<PathBuf> {
    let mut file = name.to_owned();
    if Path::new(name).extension().is_none() {
        file.push(env::consts::EXE_SUFFIX);
    }
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

fn version(said: &[u8]) -> Option<(u32, u32)> {
    let said = String::from_utf8_lossy(said);
    let line = said.lines().find_map(|line| line.trim().strip_prefix("version:"))?;
    let mut numbers = line.trim().split('.').map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Removes what a call that is still under way would leave behind.
pub fn clean_up() {
    (0..FOLDERS).for_each(|number| drop(fs::remove_dir_all(folder(number))));
}

fn folder(number: u32) -> PathBuf {
    env::temp_dir().join(format!("dockline-{}-{number}", std::process::id()))
}

impl Program {
    /// Looks at `jobs` in as few calls as fit; after `patience` the rest is left out. A text that can't be looked at, because
    /// it is too long or takes too long, has no comments.
    pub fn check(&self, jobs: Vec<Job>, patience: Duration) -> Vec<(Key, Verdict)> {
        let end = Instant::now() + patience;
        let (jobs, long): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.source.text().len() <= MAX_TEXT);
        let mut said: Vec<(Key, Verdict)> = long.into_iter().map(|job| (job.key, Verdict::default())).collect();
        let mut rest = jobs.as_slice();
        while !rest.is_empty() {
            let (batch, behind) = rest.split_at(batch(rest));
            self.batch(batch, end, &mut said);
            rest = behind;
        }
        said
    }

    /// One call; what makes it fail is found by halves.
    fn batch(&self, jobs: &[Job], end: Instant, said: &mut Vec<(Key, Verdict)>) {
        let left = end.saturating_duration_since(Instant::now());
        if jobs.is_empty() || left.is_zero() {
            return;
        }
        match self.call(jobs, left.min(CALL)) {
            Some(comments) => {
                said.extend(jobs.iter().zip(comments).map(|(job, comments)| (job.key.clone(), comments.into())));
            }
            None if jobs.len() == 1 => said.push((jobs[0].key.clone(), Verdict::default())),
            None => {
                let (one, other) = jobs.split_at(jobs.len() / 2);
                self.batch(one, end, said);
                self.batch(other, end, said);
            }
        }
    }

    fn call(&self, jobs: &[Job], limit: Duration) -> Option<Vec<Vec<Comment>>> {
        report::read(&self.report(jobs, limit)?, jobs, HEADER, self.knows_busybox())
    }

    /// What it prints of `jobs`, as [`report::read`] wants it; `None` when it can't be run, or took longer than `limit`.
    pub fn report(&self, jobs: &[Job], limit: Duration) -> Option<Vec<u8>> {
        let folder = Folder::new().ok()?;
        for (number, job) in jobs.iter().enumerate() {
            let shell = self.shell(job.source.dialect.unwrap_or(job.key.dialect));
            let text = format!("# shellcheck shell={shell}\n{}\n", job.source.text());
            fs::write(folder.0.join(number.to_string()), text).ok()?;
        }
        let dropped: Vec<String> = dropped().iter().map(|code| format!("SC{code}")).collect();
        let mut command = Command::new(&self.path);
        command.args(["--norc", "--color=never", "--format=json1"]).arg(format!("--exclude={}", dropped.join(",")));
        command.args((0..jobs.len()).map(|number| number.to_string())).current_dir(&folder.0);
        call(&mut command, limit)
    }

    fn shell(&self, dialect: Dialect) -> &'static str {
        if dialect == Dialect::Busybox && !self.knows_busybox() { "sh" } else { dialect.word() }
    }

    fn knows_busybox(&self) -> bool {
        self.version >= BUSYBOX
    }
}

/// How many of `jobs` are looked at in one call.
fn batch(jobs: &[Job]) -> usize {
    let mut bytes = 0;
    let fits = |job: &&Job| {
        bytes += job.source.text().len();
        bytes <= BYTES_AT_ONCE
    };
    jobs.iter().take(AT_ONCE).take_while(fits).count().max(1)
}

/// What it printed; `None` when it can't be run, or was killed.
fn call(command: &mut Command, limit: Duration) -> Option<Vec<u8>> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).env_remove("SHELLCHECK_OPTS");
    let mut child = Killed(command.spawn().ok()?);
    let output = child.0.stdout.take()?;
    let (send, said) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.take(MAX_REPORT).read_to_end(&mut bytes);
        // Nobody listens after the limit.
        let _ = send.send(read.map(|_| bytes));
    });
    said.recv_timeout(limit).ok()?.ok()
}

/// A process that does not outlive its call.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder that only we read, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let mut error = io::Error::other("no folder is free");
        for number in 0..FOLDERS {
            let path = folder(number);
            match create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(other) => error = other,
            }
        }
        Err(error)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(version(b"ShellCheck - shell script analysis tool\nversion: 0.11.0\nlicense"), Some((0, 11)));
        assert_eq!(version(b"version: v1"), None);
        assert_eq!(version(b"\xff"), None);
    }

    #[test]
    fn says_why_it_is_not_used() {
        for path in ["bin/shellcheck", "./shellcheck", "no-such-program-anywhere", ".."] {
            let error = find(Some(Path::new(path))).unwrap_err();
            assert!(error.starts_with("ShellCheck is not used") && error.contains(path), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(find(Some(&folder.path().join("x"))).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_hangs_is_killed() {
        let started = Instant::now();
        let sleep = call(Command::new("/bin/sh").args(["-c", "exec sleep 20"]), Duration::from_millis(100));
        assert_eq!(sleep, None);
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn folders_are_our_own() {
        let (one, two) = (Folder::new().unwrap(), Folder::new().unwrap());
        assert_ne!(one.0, two.0);
        let path = one.0.clone();
        drop(one);
        assert!(!path.exists() && two.0.exists());
    }
}
