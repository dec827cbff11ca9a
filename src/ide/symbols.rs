//! The outline: stages, and in them their instructions.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::Stage;
use crate::text::span::Span;

/// A line of the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What it is called; never empty.
    pub name: String,
    /// What else is to say: the image of a named stage.
    pub detail: Option<String>,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// The part to jump to; lies in `span`.
    pub selection: Span,
    /// What belongs to it.
    pub children: Vec<Symbol>,
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A build stage.
    Stage,
    /// ARG or ENV.
    Variable,
    /// Any other instruction.
    Instruction,
}

/// Names longer than this are cut.
const MAX_NAME: usize = 72;

/// The outline of the file: the instructions in front of the first FROM, then the stages.
pub fn symbols(snapshot: &Snapshot) -> Vec<Symbol> {
    let file = snapshot.file();
    let first = file.stages.first().map_or(file.instructions.len(), |stage| stage.from);
    let head = file.instructions[..first].iter().map(|instruction| of_instruction(snapshot, instruction));
    head.chain(file.stages.iter().map(|stage| of_stage(snapshot, stage))).collect()
}

fn of_stage(snapshot: &Snapshot, stage: &Stage) -> Symbol {
    let file = snapshot.file();
    let from = &file.instructions[stage.from];
    let (image, name) = match &from.body {
        Body::From(body) => (body.image.as_ref().map(|image| image.span), body.name),
        _ => (None, None),
    };
    let text = |span: Span| one_line(&snapshot[span]);
    Symbol {
        name: name.or(image).map(text).filter(|name| !name.is_empty()).unwrap_or_else(|| "FROM".to_owned()),
        detail: name.and(image).map(text),
        kind: SymbolKind::Stage,
        span: stage.span,
        selection: name.or(image).unwrap_or(from.keyword),
        children: file.stage_instructions(stage).skip(1).map(|(_, found)| of_instruction(snapshot, found)).collect(),
    }
}

fn of_instruction(snapshot: &Snapshot, instruction: &Instruction) -> Symbol {
    let mut name = snapshot[instruction.keyword].to_ascii_uppercase();
    let from = instruction
        .flags
        .iter()
        .find(|flag| &snapshot[flag.name] == "from")
        .map(|flag| first_line(&snapshot[flag.span]));
    let arguments = first_line(&snapshot[instruction.arguments]);
    for part in from.into_iter().chain([arguments]).filter(|part| !part.is_empty()) {
        name.reserve_exact(part.len() + 1);
        name.extend([" ", part]);
    }
    Symbol {
        name: cut(&name).unwrap_or(name),
        detail: None,
        kind: match instruction.kind {
            Kind::Arg | Kind::Env => SymbolKind::Variable,
            _ => SymbolKind::Instruction,
        },
        span: instruction.span,
        selection: instruction.keyword,
        children: Vec::new(),
    }
}

/// The same, cut when it is long.
fn one_line(text: &str) -> String {
    let line = first_line(text);
    cut(line).unwrap_or_else(|| line.to_owned())
}

/// The first line, without the continuation at its end.
fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.trim_end().trim_end_matches(['\\', '`']).trim()
}

/// What is shown of a long name.
fn cut(text: &str) -> Option<String> {
    // The bytes are counted first: most names are short.
    let (end, _) = if text.len() > MAX_NAME { text.char_indices().nth(MAX_NAME)? } else { return None };
    Some(format!("{}…", &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nests_instructions_in_stages() {
        let text = "ARG V=1\nFROM golang:$V AS build\nRUN go build \\\n ./...\nENV A=1\nFROM scratch\nCMD [\"/a\"]\n";
        let outline = symbols(&Snapshot::of_text(text));
        let names: Vec<_> = outline.iter().map(|symbol| symbol.name.as_str()).collect();
        assert_eq!(names, ["ARG V=1", "build", "scratch"]);
        assert_eq!(outline[1].detail.as_deref(), Some("golang:$V"));
        let children: Vec<_> = outline[1].children.iter().map(|symbol| symbol.name.as_str()).collect();
        assert_eq!(children, ["RUN go build", "ENV A=1"]);
        assert_eq!(outline[1].children[1].kind, SymbolKind::Variable);
        for symbol in outline.iter().chain(outline.iter().flat_map(|symbol| &symbol.children)) {
            assert!(symbol.span.contains(symbol.selection), "{symbol:?}");
        }
    }

    #[test]
    fn half_typed_and_long_lines_have_names() {
        let text = format!("FROM\nFROM  \\\n\nRUN {}\n", "é".repeat(200));
        let outline = symbols(&Snapshot::of_text(&text));
        assert!(outline.iter().all(|symbol| !symbol.name.is_empty()), "{outline:?}");
        assert!(outline.iter().flat_map(|symbol| &symbol.children).all(|symbol| symbol.name.chars().count() < 80));
    }
}
