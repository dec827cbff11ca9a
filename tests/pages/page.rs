//! The text of a page as cases, and back.
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A fenced block that means something.
pub struct Block {
    /// The first word of the info string.
    pub kind: String,
    /// The rest of it.
    pub info: String,
    /// What is fenced.
    pub text: String,
    /// All of it in the page, fences included.
    pub range: Range<usize>,
}

/// The blocks of one case.
#[derive(Default)]
pub struct Case {
    /// The heading.
    pub name: String,
    /// Below "Not reported".
    pub silent: bool,
    /// In order.
    pub blocks: Vec<Block>,
}

/// A page with its cases.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
    /// The first heading.
    pub title: String,
    pub cases: Vec<Case>,
}

const KINDS: [&str; 28] = [
    "file",
    "toml",
    "registry",
    "dockerfile",
    "diagnostics",
    "fixed",
    "created",
    "changed",
    "offers",
    "hover",
    "refusal",
    "completion",
    "documentation",
    "tokens",
    "formatted",
    "prepare",
    "rename",
    "highlight",
    "selection",
    "definition",
    "references",
    "inlay-hints",
    "lens",
    "workspace-symbols",
    "symbols",
    "folding",
    "signature",
    "links",
];

impl Case {
    /// The first block of a kind.
    pub fn block(&self, kind: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.kind == kind)
    }

    fn has_dockerfile(&self) -> bool {
        self.block("dockerfile").is_some()
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    case: Case,
    /// The titles of the open sections, outermost first.
    sections: Vec<String>,
    heading: Option<(usize, String)>,
    block: Option<Block>,
}

/// Reads the page at `path`.
pub fn read(path: &Path) -> Page {
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = Reader::default();
    for (event, range) in Parser::new(&text).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => reader.heading = Some((level as usize, String::new())),
            Event::End(TagEnd::Heading(_)) => reader.end_heading(),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => reader.block = Some(new_block(&info, range)),
            Event::End(TagEnd::CodeBlock) => reader.end_block(),
            Event::Text(piece) | Event::Code(piece) => reader.text(&piece),
            _ => {}
        }
    }
    reader.end_case();
    let mut cases = reader.cases;
    cases.retain(Case::has_dockerfile);
    let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().to_owned();
    Page { path: path.to_owned(), title, text, cases }
}

impl Reader {
    fn end_heading(&mut self) {
        let (level, title) = self.heading.take().unwrap();
        self.sections.resize(level - 1, String::new());
        self.sections.push(title);
        self.end_case();
    }

    fn end_case(&mut self) {
        let next = Case {
            name: self.sections.last().cloned().unwrap_or_default(),
            silent: self.sections.iter().any(|title| title == "Not reported"),
            blocks: Vec::new(),
        };
        self.cases.push(std::mem::replace(&mut self.case, next));
    }

    fn end_block(&mut self) {
        let Some(block) = self.block.take().filter(|block| KINDS.contains(&block.kind.as_str())) else { return };
        if matches!(block.kind.as_str(), "file" | "toml" | "registry" | "dockerfile") && self.case.has_dockerfile() {
            self.end_case();
        }
        self.case.blocks.push(block);
    }

    fn text(&mut self, piece: &str) {
        match (&mut self.heading, &mut self.block) {
            (Some((_, title)), _) => title.push_str(piece),
            (None, Some(block)) => block.text.push_str(piece),
            _ => {}
        }
    }
}

fn new_block(info: &str, range: Range<usize>) -> Block {
    let (kind, rest) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    Block { kind: kind.to_owned(), info: rest.trim().to_owned(), text: String::new(), range }
}

/// A block as it is written; with a longer fence where the text holds fences itself.
pub fn fenced(info: &str, text: &str) -> String {
    let fence = if text.contains("```") { "````" } else { "```" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{info}\n{text}{end}{fence}")
}
