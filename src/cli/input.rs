//! The Dockerfiles that were asked for, with their settings and projects.
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Input;
use super::output::Output;
use super::settings_file::SettingsFiles;
use super::walk;
use crate::analysis::needs::needs;
use crate::analysis::snapshot::Snapshot;
use crate::project::{Disk, Facts, scan};
use crate::rules::rule::Place;
use crate::rules::run::{self, Outcome, Panic};

/// No Dockerfile is larger; a larger one is refused. In bytes.
const MAX_FILE: u64 = 16 << 20;

/// A Dockerfile that was read.
pub struct Source {
    /// Its name as it is printed.
    pub name: String,
    /// Where it lies; `None` for standard input without a name.
    pub path: Option<PathBuf>,
    /// It came from standard input.
    pub stdin: bool,
    /// Some bytes were no UTF-8 and are replaced in the text: it may not be written back.
    pub lossy: bool,
    /// The text with what lies around it.
    pub snapshot: Snapshot,
}

/// Everything that was asked for.
pub struct Sources {
    /// In the order of the arguments, those of a directory sorted.
    pub all: Vec<Source>,
    /// Something could not be read; it was said.
    pub failed: bool,
}

/// One thing to read.
enum Wanted {
    Stdin,
    File(PathBuf),
}

/// Reads all that `input` asks for; complains about the rest.
pub fn read(input: &Input, output: &mut Output) -> Sources {
    read_with(input, output, with_project)
}

/// The same without their projects: the texts and their settings alone.
pub fn read_texts(input: &Input, output: &mut Output) -> Sources {
    read_with(input, output, Snapshot::clone)
}

fn read_with(input: &Input, output: &mut Output, complete: fn(&Snapshot) -> Snapshot) -> Sources {
    let mut sources = Sources { all: Vec::new(), failed: false };
    let mut settings = SettingsFiles::default();
    let wanted = wanted(input, output, &mut sources.failed);
    if wanted.is_empty() && !sources.failed {
        output.complain("no Dockerfile found");
        sources.failed = true;
    }
    for wanted in wanted {
        match source(&wanted, input, &mut settings, complete) {
            Ok(source) => sources.all.push(source),
            Err(error) => {
                output.complain(&error);
                sources.failed = true;
            }
        }
    }
    settings.warnings.iter().for_each(|warning| output.warn(warning));
    sources
}

fn wanted(input: &Input, output: &mut Output, failed: &mut bool) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
    for path in &input.paths {
        if path.as_os_str() == "-" {
            wanted.push(Wanted::Stdin);
        } else if path.is_dir() {
            let (found, errors) = walk::dockerfiles(path);
            for error in errors {
                output.complain(&error);
                *failed = true;
            }
            wanted.extend(found.into_iter().map(plain).filter(|path| seen.insert(path.clone())).map(Wanted::File));
        } else if seen.insert(plain(path.clone())) {
            wanted.push(Wanted::File(plain(path.clone())));
        }
    }
    wanted
}

/// Without `./` in front.
fn plain(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

fn source(
    wanted: &Wanted,
    input: &Input,
    settings: &mut SettingsFiles,
    complete: fn(&Snapshot) -> Snapshot,
) -> Result<Source, String> {
    let (path, bytes) = match wanted {
        Wanted::Stdin => (input.stdin_filename.clone(), bounded(io::stdin().lock())),
        Wanted::File(path) => (Some(path.clone()), File::open(path).and_then(bounded)),
    };
    let name = path.as_ref().map_or_else(|| "<stdin>".to_owned(), |path| path.display().to_string());
    let bytes = bytes.map_err(|error| format!("{name}: {error}"))?;
    let settings = settings.of(path.as_deref(), input)?;
    let text = String::from_utf8_lossy(&bytes);
    let lossy = matches!(text, std::borrow::Cow::Owned(_));
    let absolute = path.as_deref().and_then(|path| std::path::absolute(path).ok());
    let read = || {
        let snapshot = Snapshot::new(absolute, 0, Arc::from(text), None, Arc::default(), settings);
        complete(&snapshot)
    };
    let snapshot = catch_unwind(AssertUnwindSafe(read)).map_err(|_| format!("{name}: a bug of dockline stopped it"))?;
    Ok(Source { name, path, stdin: matches!(wanted, Wanted::Stdin), lossy, snapshot })
}

fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB"));
    }
    Ok(bytes)
}

/// The same text with what lies around it now.
pub fn with_project(snapshot: &Snapshot) -> Snapshot {
    snapshot.with(Arc::new(facts(snapshot)), snapshot.shared_settings())
}

fn facts(snapshot: &Snapshot) -> Facts {
    let Some(path) = snapshot.path() else { return Facts::default() };
    let context = snapshot.settings().context.as_deref().and_then(|context| std::path::absolute(context).ok());
    scan(&Disk, path, None, &needs(snapshot), context.as_deref())
}

impl Source {
    /// The build context, when it is known.
    pub fn context(&self) -> Option<String> {
        self.snapshot.facts().context.as_ref().map(|context| context.dir.display().to_string())
    }

    /// The findings; rules that panicked are complained about. Paths below the working directory are relative to it.
    pub fn findings(&self, output: &mut Output, failed: &mut bool) -> Outcome {
        let mut outcome = run::run(&self.snapshot);
        for panic in &outcome.panicked {
            let Panic { rule, message } = panic;
            output.complain(&format!("{}: a bug of dockline stopped the rule {rule}: {message}", self.name));
            *failed = true;
        }
        let here = std::env::current_dir().unwrap_or_default();
        let related = outcome.diagnostics.iter_mut().flat_map(|found| &mut found.finding.related);
        for (place, _) in related {
            if let Place::There(path, _) = place
                && let Ok(short) = path.strip_prefix(&here)
            {
                *path = short.to_owned();
            }
        }
        outcome
    }
}
