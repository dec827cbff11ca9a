//! `workspace/symbol`: what the Dockerfiles of the workspace declare, the open ones as they are in the editor. Those on disk
//! are read off the message loop, bounded, and again only when they changed.
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::task::spawn_blocking;
use tower_lsp::gen_lsp_types::{BaseSymbolInformation, Location, Position, Range, SymbolInformation, SymbolKind, Uri};

use super::convert::View;
use super::session::Session;
use super::uri::uri_of;
use crate::analysis::snapshot::Snapshot;
use crate::ide::symbols;
use crate::ide::workspace_symbols::{declared, matches};
use crate::project::dockerfiles::{WalkLimits, dockerfiles};
use crate::text::buffer::PositionEncoding;
use crate::text::span::Span;

/// For so long the disk is not looked at again: editors ask with every letter of a query.
const FRESH: Duration = Duration::from_secs(5);
/// How much of a workspace folder is looked at.
pub const LIMITS: WalkLimits = WalkLimits { entries: 200_000, time: Duration::from_secs(5) };
/// Dockerfiles on disk that are read.
const MAX_FILES: usize = 2_000;
/// A larger file is not read, in bytes.
const MAX_SIZE: u64 = 1 << 20;
/// Names that are answered.
const MAX_FOUND: usize = 1_000;

/// What the Dockerfiles on disk declare, as far as they were read.
#[derive(Debug, Default)]
pub struct Index(Mutex<Read>);

#[derive(Clone, Debug, Default)]
struct Read {
    /// When it was, and in which folders.
    last: Option<(Instant, Vec<PathBuf>)>,
    files: Arc<HashMap<PathBuf, File>>,
}

#[derive(Clone, Debug)]
struct File {
    stamp: (Option<SystemTime>, u64),
    symbols: Arc<Vec<(String, SymbolKind, Range)>>,
}

impl Index {
    /// Files came, went or have another text: what was read just now is old.
    pub fn changed(&self) {
        self.lock().last = None;
    }

    fn lock(&self) -> MutexGuard<'_, Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names that fit `query`, those of the open documents first.
pub async fn find(session: &Arc<Session>, query: &str) -> Vec<SymbolInformation> {
    let (mut found, mut open) = (Vec::new(), HashSet::new());
    let mut documents = session.documents.all();
    documents.sort_by(|one, other| one.0.cmp(&other.0));
    for (uri, document) in documents {
        let uri = Uri(uri);
        let view = View { uri: &uri, document: &document, editor: session.editor() };
        let names = declared(document.snapshot()).into_iter().filter(|one| matches(&one.name, query));
        found.extend(names.map(|one| symbol(one.name, kind(one.kind), view.location(one.span), &uri)));
        open.extend(document.path.clone());
    }
    let read = on_disk(session).await;
    let mut paths: Vec<&PathBuf> = read.keys().filter(|path| !open.contains(*path)).collect();
    paths.sort();
    for (path, uri) in paths.into_iter().filter_map(|path| Some((path, uri_of(path)?))) {
        let names = read[path].symbols.iter().filter(|(name, ..)| matches(name, query));
        found.extend(names.map(|(name, kind, range)| {
            symbol(name.clone(), *kind, Location { uri: uri.clone(), range: *range }, &uri)
        }));
        if found.len() >= MAX_FOUND {
            break;
        }
    }
    found.truncate(MAX_FOUND);
    found
}

fn symbol(name: String, kind: SymbolKind, location: Location, file: &Uri) -> SymbolInformation {
    // The last two parts tell most Dockerfiles apart.
    let path = super::uri::path_of(file).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let parts: Vec<&str> = path.rsplit(['/', '\\']).take(2).collect();
    let container = parts.into_iter().rev().collect::<Vec<_>>().join("/");
    let base =
        BaseSymbolInformation { name, kind, tags: None, container_name: Some(container).filter(|c| !c.is_empty()) };
    SymbolInformation::new(None, location, base)
}

fn kind(kind: symbols::SymbolKind) -> SymbolKind {
    match kind {
        symbols::SymbolKind::Variable => SymbolKind::Variable,
        symbols::SymbolKind::Stage | symbols::SymbolKind::Instruction => SymbolKind::Module,
    }
}

/// What is on disk, looked at again unless that was just done.
async fn on_disk(session: &Arc<Session>) -> Arc<HashMap<PathBuf, File>> {
    let (roots, encoding) = (session.roots(), session.editor().encoding);
    let known = session.index.lock().clone();
    let fresh = known.last.as_ref().is_some_and(|(at, of)| at.elapsed() < FRESH && *of == roots);
    if fresh || roots.is_empty() {
        return known.files;
    }
    let (old, folders) = (known.files.clone(), roots.clone());
    // What panics is logged by the panic hook; the old answers are kept.
    let Ok(files) = spawn_blocking(move || Arc::new(read(&folders, &old, encoding))).await else { return known.files };
    *session.index.lock() = Read { last: Some((Instant::now(), roots)), files: files.clone() };
    files
}

fn read(roots: &[PathBuf], old: &HashMap<PathBuf, File>, encoding: PositionEncoding) -> HashMap<PathBuf, File> {
    let paths = roots.iter().flat_map(|root| dockerfiles(root, Some(LIMITS)).0).take(MAX_FILES);
    paths.filter_map(|path| read_one(&path, old.get(&path), encoding).map(|file| (path, file))).collect()
}

fn read_one(path: &Path, old: Option<&File>, encoding: PositionEncoding) -> Option<File> {
    let about = fs::metadata(path).ok().filter(|about| about.is_file() && about.len() <= MAX_SIZE)?;
    let stamp = (about.modified().ok(), about.len());
    if let Some(old) = old.filter(|old| old.stamp == stamp && stamp.0.is_some()) {
        return Some(old.clone());
    }
    let bytes = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // Editors take the mark away before they count.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let snapshot = Snapshot::of_text(text);
    let position = |offset: u32| {
        let found = snapshot.lines().position(offset, encoding);
        Position { line: found.line, character: found.column }
    };
    let range = |span: Span| Range { start: position(span.start), end: position(span.end) };
    let symbols = declared(&snapshot).into_iter();
    let symbols = symbols.map(|one| (one.name, kind(one.kind), range(one.span))).collect();
    Some(File { stamp, symbols: Arc::new(symbols) })
}
