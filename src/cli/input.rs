//! The Dockerfiles that were asked for, with their settings and projects, one after another on all cores.
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::args::Input;
use super::output::Output;
use super::progress::Progress;
use super::registries::RegistryChecks;
use super::settings_file::SettingsFiles;
use super::shellcheck::ShellChecks;

use crate::analysis::needs::needs;
use crate::analysis::snapshot::Snapshot;
use crate::project::dockerfiles::dockerfiles;
use crate::project::facts::Facts;
use crate::project::{Disk, Memo, Scans};
use crate::rules::rule::{Diagnostic, Place};
use crate::rules::run::{Outcome, Panic};

/// No Dockerfile is larger; a larger one is refused. In bytes.
const MAX_FILE: u64 = 16 << 20;
/// So few files are done sooner than threads are started.
const FEW: usize = 4;
/// As much as the main thread has; in bytes.
const STACK: usize = 8 << 20;

/// A Dockerfile that was read.
pub struct Source<'r> {
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
    /// How many files the run looks at.
    pub of: usize,
    /// What all Dockerfiles share.
    around: &'r Around,
}

/// What is known of the files around Dockerfiles, for one run.
struct Around {
    files: Memo<Disk>,
    scans: Scans,
    shell_checks: ShellChecks,
    registry_checks: RegistryChecks,
    here: PathBuf,
    look: Look,
}

/// How far a command looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// At texts and settings.
    Texts,
    /// At the project around them too.
    Projects,
    /// With the eyes of ShellCheck too.
    Everything,
    /// At what registries say too, where the settings want it; `asked`: the command line wants it.
    Registries {
        /// Whatever the settings say.
        asked: bool,
    },
}

/// What became of the files.
pub struct Done<T> {
    /// In the order of the arguments, those of a directory sorted.
    pub all: Vec<T>,
    /// Something could not be done; it was said.
    pub failed: bool,
}

/// One thing to read.
enum Wanted {
    Stdin,
    File(PathBuf),
}

/// What is to be said of one file: what went wrong.
pub type Complaints = Vec<String>;

/// Reads all that `input` asks for and does `work` with each; complains about what can't be done.
pub fn each<T: Send>(
    input: &Input,
    look: Look,
    output: &mut Output,
    work: impl Fn(Source<'_>, &mut Complaints) -> T + Sync,
) -> Done<T> {
    let here = std::env::current_dir().unwrap_or_default();
    let (shell_checks, registry_checks) = Default::default();
    let around = Around { files: Memo::new(Disk), scans: Scans::default(), shell_checks, registry_checks, here, look };
    let mut done = Done { all: Vec::new(), failed: false };
    let settings = match SettingsFiles::new(input, &around.files) {
        Ok(settings) => settings,
        Err(error) => {
            output.complain(&error);
            return Done { all: Vec::new(), failed: true };
        }
    };
    let progress = Progress::start();
    let (wanted, errors) = wanted(input);
    let nothing = (wanted.is_empty() && errors.is_empty()).then(|| "no Dockerfile found".to_owned());
    progress.expect(wanted.len());
    let one = |one: &Wanted| {
        let mut complaints = Complaints::new();
        let result = source(one, input, &settings, &around).map(|source| Source { of: wanted.len(), ..source });
        let result = result.map(|source| work(source, &mut complaints)).map_err(|error| complaints.push(error)).ok();
        progress.step();
        (result, complaints)
    };
    let results = on_all_cores(&wanted, &one);
    progress.end();
    let (results, complaints): (Vec<_>, Vec<_>) = results.into_iter().unzip();
    for complaint in errors.into_iter().chain(nothing).chain(complaints.into_iter().flatten()) {
        output.complain(&complaint);
        done.failed = true;
    }
    let asked = [around.shell_checks.warnings(), around.registry_checks.warnings()].concat();
    settings.warnings().iter().chain(&asked).for_each(|warning| output.warn(warning));
    done.all.extend(results.into_iter().flatten());
    done
}

/// The results in the order of `wanted`.
fn on_all_cores<T: Send>(wanted: &[Wanted], one: &(impl Fn(&Wanted) -> T + Sync)) -> Vec<T> {
    let pool = if wanted.len() > FEW { rayon::ThreadPoolBuilder::new().stack_size(STACK).build().ok() } else { None };
    match pool {
        Some(pool) => pool.install(|| wanted.par_iter().map(one).collect()),
        None => wanted.iter().map(one).collect(),
    }
}

/// What is to be read, and what could not be looked at.
fn wanted(input: &Input) -> (Vec<Wanted>, Vec<String>) {
    let (mut wanted, mut errors) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for path in &input.paths {
        if path.as_os_str() == "-" {
            wanted.push(Wanted::Stdin);
        } else if path.is_dir() {
            let (found, unseen) = dockerfiles(path, None);
            errors.extend(unseen);
            wanted.extend(found.into_iter().map(plain).filter(|path| seen.insert(path.clone())).map(Wanted::File));
        } else if seen.insert(plain(path.clone())) {
            wanted.push(Wanted::File(plain(path.clone())));
        }
    }
    (wanted, errors)
}

/// Without `./` in front.
fn plain(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

fn source<'r>(
    wanted: &Wanted,
    input: &Input,
    settings: &SettingsFiles<'_>,
    around: &'r Around,
) -> Result<Source<'r>, String> {
    let (path, bytes) = match wanted {
        Wanted::Stdin => (input.stdin_filename.clone(), bounded(io::stdin().lock(), 0)),
        Wanted::File(path) => (Some(path.clone()), whole(path)),
    };
    let name = path.as_ref().map_or_else(|| "<stdin>".to_owned(), |path| path.display().to_string());
    let bytes = bytes.map_err(|error| format!("{name}: {error}"))?;
    let absolute = path.as_deref().map(|path| around.here.join(plain(path.to_owned())));
    let settings = settings.of(absolute.as_deref().and_then(Path::parent).unwrap_or(&around.here))?;
    let text = String::from_utf8_lossy(&bytes);
    let lossy = matches!(text, std::borrow::Cow::Owned(_));
    let read = || {
        let snapshot = Snapshot::new(absolute, 0, Arc::from(text), None, Arc::default(), settings);
        around.with_answers(around.with_project(&snapshot))
    };
    let snapshot = catch_unwind(AssertUnwindSafe(read)).map_err(|_| format!("{name}: a bug of dockline stopped it"))?;
    Ok(Source { name, path, stdin: matches!(wanted, Wanted::Stdin), lossy, snapshot, of: 1, around })
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    bounded(file, size)
}

/// All that is there; `size`: as far as is known.
fn bounded(from: impl Read, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size.min(MAX_FILE) as usize + 1);
    from.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB"));
    }
    Ok(bytes)
}

impl Around {
    /// The same text with what lies around it.
    fn with_project(&self, snapshot: &Snapshot) -> Snapshot {
        snapshot.with(Arc::new(self.facts(snapshot)), snapshot.shared_settings())
    }

    /// The same with what others say who are asked.
    fn with_answers(&self, snapshot: Snapshot) -> Snapshot {
        match self.look {
            Look::Texts | Look::Projects => snapshot,
            Look::Everything => self.shell_checks.look_at(snapshot),
            Look::Registries { asked } => self.registry_checks.look_at(self.shell_checks.look_at(snapshot), asked),
        }
    }

    fn facts(&self, snapshot: &Snapshot) -> Facts {
        let Some(path) = snapshot.path().filter(|_| self.look >= Look::Projects) else { return Facts::default() };
        let context = snapshot.settings().context.as_deref().map(|context| self.here.join(context));
        self.scans.scan(&self.files, path, None, &needs(snapshot), context.as_deref())
    }
}

impl Source<'_> {
    /// The build context, when it is known.
    pub fn context(&self) -> Option<String> {
        self.snapshot.facts().context.as_ref().map(|context| context.dir.display().to_string())
    }

    /// The file with another text and what lies around it. ShellCheck is not asked again.
    pub fn with_text(&self, text: &str) -> Snapshot {
        let path = self.snapshot.path().map(Path::to_owned);
        let snapshot = Snapshot::new(path, 0, text.into(), None, Arc::default(), self.snapshot.shared_settings());
        self.around.with_project(&snapshot).with_verdicts(self.snapshot.verdicts().clone())
    }

    /// The same with what ShellCheck says of the texts that are new.
    pub fn ask_shellcheck(&self, snapshot: Snapshot) -> Snapshot {
        self.around.shell_checks.look_at(snapshot)
    }

    /// Complains about rules that panicked; makes paths below the working directory relative to it.
    pub fn tidy(&self, outcome: &mut Outcome, complaints: &mut Complaints) {
        for Panic { rule, message } in &outcome.panicked {
            complaints.push(format!("{}: a bug of dockline stopped the rule {rule}: {message}", self.name));
        }
        let abroad =
            |found: &&mut Diagnostic| found.finding.related.iter().any(|(place, _)| matches!(place, Place::There(..)));
        for found in outcome.diagnostics.iter_mut().filter(abroad) {
            for (place, _) in &mut Arc::make_mut(&mut found.finding).related {
                if let Place::There(path, _) = place
                    && let Ok(short) = path.strip_prefix(&self.around.here)
                {
                    *path = short.to_owned();
                }
            }
        }
    }
}
