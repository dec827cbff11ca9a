//! What a project's Dockerfiles declare for others to name: stages, and ARGs in front of the first FROM.
use crate::analysis::snapshot::Snapshot;
use crate::ide::symbols::SymbolKind;
use crate::model::instruction::Body;
use crate::text::span::Span;

/// A name that a file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The name.
    pub name: String,
    /// A stage or a variable.
    pub kind: SymbolKind,
    /// Where the name stands; of a stage without one, its image.
    pub span: Span,
}

/// What the file declares, in the order of the text.
pub fn declared(snapshot: &Snapshot) -> Vec<Declared> {
    let (file, text) = (snapshot.file(), snapshot.text());
    let pairs = file.global_args().flat_map(|index| file.instructions[index].pairs());
    let arguments = pairs.filter_map(|pair| {
        let name = pair.name.literal(text).filter(|name| !name.is_empty())?.into_owned();
        Some(Declared { name, kind: SymbolKind::Variable, span: pair.name.span })
    });
    let stages = file.stages.iter().filter_map(|stage| {
        let Body::From(from) = &file.instructions[stage.from].body else { return None };
        let span = from.name.or(from.image.as_ref().map(|image| image.span)).filter(|span| !span.is_empty())?;
        Some(Declared { name: snapshot[span].to_owned(), kind: SymbolKind::Stage, span })
    });
    arguments.chain(stages).collect()
}

/// True when the characters of `query` stand in `name` in their order, in any case; blanks don't count.
pub fn matches(name: &str, query: &str) -> bool {
    let mut left = name.chars().flat_map(char::to_lowercase);
    let mut wanted = query.chars().filter(|character| !character.is_whitespace()).flat_map(char::to_lowercase);
    wanted.all(|character| left.any(|other| other == character))
}
