//! The texts of an instruction that a shell reads: its line, a document that is a script, the script of an exec form.
use super::exec_shell;
use crate::analysis::shell_body::script_of_shell;
use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::Instruction;
use crate::syntax::shell::{Script, parse, parse_script};
use crate::text::span::Span;

/// A text that a shell reads.
pub struct Text {
    /// Where it stands.
    pub span: Span,
    /// What it is written in.
    pub form: Form,
}

/// What a word is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The text behind the keyword.
    Line,
    /// A document that is the script of a shell.
    Document,
    /// A string of the exec form that is the script of a shell.
    Script,
    /// A string of the exec form: it is the word.
    Word,
}

impl Form {
    /// What a shell reads in `written`; `escape` is the file's escape character.
    pub fn read(self, written: &str, escape: u8) -> Script {
        if self == Form::Line { parse(written, escape) } else { parse_script(written) }
    }
}

/// The text of `instruction` that `offset` is in.
pub fn at(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<Text> {
    let span = match instruction.command()? {
        Command::Shell(text) => Span::new(text.start, instruction.span.end.max(text.end).max(offset)),
        Command::Missing if instruction.flags.iter().all(|flag| flag.span.end < offset) => Span::at(offset),
        Command::Missing => return None,
        // Escapes would move what stands behind them.
        Command::Exec(_) => {
            let span = exec_shell::text(instruction).filter(|span| !snapshot[*span].contains('\\'))?;
            return span.touches(offset).then_some(Text { span, form: Form::Script });
        }
    };
    if offset < span.start {
        return None;
    }
    let is_in_document = instruction.heredocs.iter().any(|document| document.body.start <= offset);
    let line = || parse(&snapshot[span], snapshot.file().escape);
    if is_in_document && let Some(document) = script_of_shell(instruction, &line()) {
        let end = if document.end.is_some() { document.body.end } else { document.body.end.max(offset) };
        let span = Span::new(document.body.start, end);
        return span.touches(offset).then_some(Text { span, form: Form::Document });
    }
    Some(Text { span, form: Form::Line })
}
