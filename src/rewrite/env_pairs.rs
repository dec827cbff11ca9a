//! Settings of variables as edits.
use super::{go_flags, lines};
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Kind, Pair};
use crate::model::stage::Stage;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// Deletes the pairs at `spans` from the ENV instructions of `stages`; an instruction that keeps none goes as a whole. `None` where
/// that can't be written.
pub fn delete(snapshot: &Snapshot, stages: &[&Stage], spans: &[Span]) -> Option<Vec<Edit>> {
    let (mut edits, mut gone) = (Vec::new(), Vec::new());
    let instructions = stages.iter().flat_map(|stage| snapshot.file().stage_instructions(stage));
    for (index, instruction) in instructions.filter(|(_, instruction)| instruction.kind == Kind::Env) {
        let kept: Vec<&Pair> = instruction.pairs().iter().filter(|pair| !spans.contains(&pair.span)).collect();
        if kept.len() == instruction.pairs().len() {
            continue;
        }
        if snapshot.file().is_refused(index) {
            return None;
        }
        if kept.is_empty() { gone.push(index) } else { edits.push(without(snapshot, instruction.pairs(), &kept)?) }
    }
    edits.extend(lines::delete(snapshot, &gone));
    Some(edits)
}

/// Deletes the setting at `span` that `command` sees: a pair of ENV in `stages`, or an assignment in front of it. `None` where it
/// stands elsewhere, such as behind `export`.
pub fn unset(snapshot: &Snapshot, stages: &[&Stage], command: &GoCommand, span: Span) -> Option<Vec<Edit>> {
    let assigned = command.command.assignments.iter().any(|(_, assignment)| *assignment == span);
    let edits = if assigned { go_flags::delete(snapshot, vec![span]) } else { delete(snapshot, stages, &[span])? };
    (!edits.is_empty()).then_some(edits)
}

/// The pairs `kept` in place of `all`, laid out as these are.
fn without(snapshot: &Snapshot, all: &[Pair], kept: &[&Pair]) -> Option<Edit> {
    let span = all.first()?.span.cover(all.last()?.span);
    let comments = &snapshot.file().comments;
    if comments.iter().any(|comment| comment.overlaps(span)) {
        return None;
    }
    let gaps = all.windows(2).map(|pair| &snapshot[Span::new(pair[0].span.end, pair[1].span.start)]);
    let separator = gaps.into_iter().find(|gap| gap.contains('\n')).unwrap_or(" ");
    let words: Vec<&str> = kept.iter().map(|pair| &snapshot[pair.span]).collect();
    Some(Edit::replace(span, words.join(separator)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edit::EditSet;

    #[test]
    fn deletes_pairs() {
        for (env, expected) in [
            ("ENV A=1 GOARCH=x B=2\n", Some("ENV A=1 B=2\n")),
            ("ENV A=1 \\\n    B=2 \\\n    GOARCH=x\n", Some("ENV A=1 \\\n    B=2\n")),
            ("ENV GOARCH x\n", Some("")),
            ("ENV A=1 \\\n  # why\n  GOARCH=x\n", None),
        ] {
            let text = format!("FROM a\n{env}RUN b\n");
            let snapshot = Snapshot::of_text(&text);
            let stage = &snapshot.file().stages[0];
            let pairs = snapshot.file().instructions[1].pairs();
            let spans: Vec<Span> = pairs.iter().map(|pair| pair.span).collect();
            let spans: Vec<Span> = spans.into_iter().filter(|span| snapshot[*span].starts_with("GOARCH")).collect();
            let edits = delete(&snapshot, &[stage], &spans);
            let after = edits.map(|edits| EditSet::new(edits).unwrap().apply(&text));
            assert_eq!(after, expected.map(|env| format!("FROM a\n{env}RUN b\n")));
        }
    }
}
