//! What each word is, for colours: the Dockerfile, and the shell inside it. One pass in the order of the text.
//!
//! Words of a command that mean nothing to us have no token: the editor's own colours stay.
mod instruction;
mod painter;
mod shell;
mod shell_state;
mod shell_word;
mod shells;
mod value;

use painter::Painter;

use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;

/// A word, or a part of one; never over a line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
    /// What else it is: bits of [`DECLARATION`], [`DEFAULT_LIBRARY`], [`DEPRECATED`].
    pub modifiers: u8,
}

/// The name is given here.
pub const DECLARATION: u8 = 1;
/// Nobody has to bring it: commands that every shell has, arguments that every build has, `scratch`.
pub const DEFAULT_LIBRARY: u8 = 2;
/// It should not be used any more.
pub const DEPRECATED: u8 = 4;

/// The protocol's names of the modifiers, from the lowest bit on.
pub const MODIFIERS: [&str; 3] = ["declaration", "defaultLibrary", "deprecated"];

/// What a token is; each is one of the protocol's standard types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenKind {
    /// Instructions, `AS`, the words of the shell's language, delimiters of here-documents.
    Keyword,
    /// A comment.
    Comment,
    /// The name of a parser directive.
    Macro,
    /// Flags, of instructions and of commands.
    Parameter,
    /// Keys of mounts and labels.
    Property,
    /// `=`, `&&`, `>`, `$(` and their kind.
    Operator,
    /// Quoted text, values, paths.
    String,
    /// Numbers, ports, digests, durations.
    Number,
    /// A variable, with its dollar and braces.
    Variable,
    /// The name of a command or of a function of the shell.
    Function,
    /// An image without tag and digest.
    Type,
    /// A stage.
    Class,
    /// One of few values: types of mounts, protocols, signals, tags.
    EnumMember,
}

/// The protocol's names of the types, in the order of [`TokenKind`].
pub const TYPES: [&str; 13] = [
    "keyword",
    "comment",
    "macro",
    "parameter",
    "property",
    "operator",
    "string",
    "number",
    "variable",
    "function",
    "type",
    "class",
    "enumMember",
];

impl TokenKind {
    /// Its place in [`TYPES`].
    pub fn index(self) -> u32 {
        self as u32
    }
}

/// The tokens of the file, or those that share a byte with `within`: sorted, none overlaps another.
pub fn semantic_tokens(snapshot: &Snapshot, within: Option<Span>) -> Vec<Token> {
    let file = snapshot.file();
    let wanted = |span: Span| within.is_none_or(|within| span.overlaps(within));
    let mut painter = Painter::new(snapshot, within);
    for directive in file.directives.iter().filter(|directive| wanted(directive.span)) {
        painter.directive(directive);
    }
    shells::each(snapshot, |instruction, stage, posix| {
        if wanted(instruction.span) {
            painter.stage = stage;
            painter.posix = posix;
            painter.instruction(instruction);
        }
    });
    let mut tokens = painter.finish();
    tokens.retain(|token| wanted(token.span));
    tokens
}
