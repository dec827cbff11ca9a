//! What can be folded: stages, instructions of several lines, here-documents, blocks of comments.
use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;

/// A part that can be folded; it covers more than one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the first byte that stays to the last that is hidden.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// What a fold hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// A stage, FROM stays.
    Stage,
    /// An instruction of several lines.
    Instruction,
    /// A here-document.
    Heredoc,
    /// Comment lines that follow each other.
    Comments,
}

/// All folds, those that begin first in front, the larger in front of the smaller.
pub fn folds(snapshot: &Snapshot) -> Vec<Fold> {
    let file = snapshot.file();
    let fold = |kind: FoldKind| move |span: Span| Fold { span, kind };
    let mut folds: Vec<Fold> = file.stages.iter().map(|stage| stage.span).map(fold(FoldKind::Stage)).collect();
    for instruction in &file.instructions {
        folds.push(Fold { span: instruction.span, kind: FoldKind::Instruction });
        // A lone here-document is the instruction already.
        if instruction.heredocs.len() > 1 {
            folds.extend(instruction.heredocs.iter().map(|heredoc| heredoc.body).map(fold(FoldKind::Heredoc)));
        }
    }
    folds.extend(comment_blocks(snapshot).into_iter().map(fold(FoldKind::Comments)));
    folds.retain(|fold| snapshot[fold.span].trim_end_matches(['\r', '\n']).contains('\n'));
    folds.sort_by_key(|fold| (fold.span.start, u32::MAX - fold.span.end));
    // A stage that is its FROM alone.
    folds.dedup_by_key(|fold| fold.span);
    folds
}

/// Comments with nothing but white space and a single line end between them.
fn comment_blocks(snapshot: &Snapshot) -> Vec<Span> {
    let mut blocks: Vec<Span> = Vec::new();
    for &comment in &snapshot.file().comments {
        if let Some(last) = blocks.last_mut()
            && last.end <= comment.start
            && is_one_line_end(&snapshot[Span::new(last.end, comment.start)])
        {
            last.end = comment.end;
        } else {
            blocks.push(comment);
        }
    }
    blocks
}

fn is_one_line_end(between: &str) -> bool {
    between.bytes().filter(|&byte| byte == b'\n').count() <= 1 && between.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_has_lines() {
        let text = "# a\n# b\n\n# c\nFROM x\nRUN a \\\n # d\n # e\n b\nCOPY <<A <<B /\na\na\nA\nb\nb\nB\nUSER x\n";
        let snapshot = Snapshot::of_text(text);
        let found: Vec<_> =
            folds(&snapshot).iter().map(|fold| (fold.kind, snapshot[fold.span].lines().count())).collect();
        use FoldKind::{Comments, Heredoc, Instruction, Stage};
        assert_eq!(
            found,
            [(Comments, 2), (Stage, 13), (Instruction, 4), (Comments, 2), (Instruction, 7), (Heredoc, 2), (Heredoc, 2)]
        );
        let alone = folds(&Snapshot::of_text("FROM \\\n  x\n"));
        assert_eq!(alone.iter().map(|fold| fold.kind).collect::<Vec<_>>(), [Stage], "{alone:?}");
    }
}
