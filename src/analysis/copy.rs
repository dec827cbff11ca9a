//! What COPY and ADD bring into a stage.
use super::known::Known;
use super::path::{base, in_context, resolve};
use super::state::ImageState;
use crate::model::dockerfile::Dockerfile;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::{Stage, find_stage};
use crate::model::value::is_address;
use crate::text::span::Span;

/// One COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFact {
    /// The instruction's index.
    pub instruction: usize,
    /// Where the files come from.
    pub from: CopyFrom,
    /// What is copied, here-documents left out.
    pub sources: Vec<CopySource>,
    /// Absolute; a slash at the end stays away.
    pub destination: Known<String>,
    /// True when the destination is a folder for sure: it ends in a slash, is `.`, or there are several sources.
    pub into_folder: bool,
    /// `--chown=…`, as written.
    pub chown: Option<Span>,
}

/// A source of COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    /// Where it is written.
    pub span: Span,
    /// From the context: relative to it, cleaned, the context itself is empty. From a stage: absolute.
    pub path: Known<String>,
    /// A URL or a git repository of ADD.
    pub remote: bool,
}

/// Where COPY takes its files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    /// The build context.
    Context,
    /// A stage of this file.
    Stage(usize),
    /// An image or a named context.
    Image(String),
    /// Nobody can tell.
    Unknown,
}

impl CopySource {
    /// True when ADD may unpack it: a local archive by its name, or a name that is not known.
    pub fn may_be_archive(&self) -> bool {
        const ENDINGS: [&str; 9] = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", "*"];
        let Some(path) = self.path.as_ref() else { return true };
        !self.remote && ENDINGS.iter().any(|ending| path.ends_with(ending))
    }

    /// True when wildcards are in it.
    pub fn is_glob(&self) -> bool {
        self.path.is(|path| path.contains(['*', '?', '[']))
    }
}

impl CopyFact {
    /// The absolute path that `source` gets, as far as it is certain: a folder's content goes into the destination itself.
    pub fn target(&self, source: &CopySource) -> Known<String> {
        let (Known::Known(destination), Known::Known(path)) = (&self.destination, &source.path) else {
            return Known::Unknown;
        };
        if self.into_folder {
            Known::Known(resolve(destination, base(path)))
        } else {
            Known::Known(destination.clone())
        }
    }

    /// True when it brings the whole context, or a whole folder of it.
    pub fn is_broad(&self) -> bool {
        self.from == CopyFrom::Context
            && self.sources.iter().any(|source| source.path.is(|path| matches!(path.as_str(), "" | "*")))
    }
}

/// Reads a COPY or ADD; `state` is what holds in front of it.
pub fn read(
    text: &str,
    file: &Dockerfile,
    stage: &Stage,
    index: usize,
    instruction: &Instruction,
    state: &ImageState,
) -> Option<CopyFact> {
    let copy = instruction.copy()?;
    if copy.sources.is_empty() {
        return None;
    }
    let from = from(text, file, stage, instruction);
    let is_heredoc = |span: Span| instruction.heredocs.iter().any(|heredoc| heredoc.start.overlaps(span));
    let sources: Vec<CopySource> = copy
        .sources
        .iter()
        .filter(|word| !is_heredoc(word.span))
        .map(|word| source(word.span, state.env.expand(text, word), &from, instruction.kind))
        .collect();
    // Half typed, what is copied is known already.
    let target = copy.destination.as_ref().map_or(Known::Unknown, |destination| state.env.expand(text, destination));
    let slash = target.is(|path| path.ends_with('/') || matches!(path.as_str(), "." | "..") || path.ends_with("/."));
    let into_folder = slash || copy.sources.len() > 1;
    let destination = match (target, &state.workdir) {
        (Known::Known(path), _) if path.starts_with('/') => Known::Known(resolve("/", &path)),
        (Known::Known(path), Known::Known(workdir)) => Known::Known(resolve(workdir, &path)),
        _ => Known::Unknown,
    };
    let chown = instruction.flag(text, "chown").and_then(|flag| flag.value.as_ref()).map(|value| value.span);
    Some(CopyFact { instruction: index, from, sources, destination, into_folder, chown })
}

fn source(span: Span, path: Known<String>, from: &CopyFrom, kind: Kind) -> CopySource {
    let remote = kind == Kind::Add && path.is(|path| is_address(path));
    let path = match path {
        Known::Known(path) if remote => Known::Known(path),
        Known::Known(path) if *from == CopyFrom::Context => Known::Known(in_context(&path)),
        Known::Known(path) => Known::Known(resolve("/", &path)),
        Known::Unknown => Known::Unknown,
    };
    CopySource { span, path, remote }
}

fn from(text: &str, file: &Dockerfile, stage: &Stage, instruction: &Instruction) -> CopyFrom {
    let Some(flag) = instruction.flag(text, "from") else { return CopyFrom::Context };
    let Some(name) = flag.value.as_ref().and_then(|value| value.literal(text)) else { return CopyFrom::Unknown };
    match find_stage(&file.stages, stage.index, &name, true) {
        Some(index) => CopyFrom::Stage(index),
        None if name.is_empty() => CopyFrom::Unknown,
        None => CopyFrom::Image(name.into_owned()),
    }
}
