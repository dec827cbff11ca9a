//! A stage that nothing can ask for.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage, find_stage};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity, Tag};
use crate::rules::stages::from;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(check) };

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let stages = &snapshot.file().stages;
    let mut used = vec![false; stages.len()];
    // What is used in front of this stage is not known to the end.
    let mut open = 0;
    for stage in stages {
        for taken in taken(snapshot, stage) {
            match taken {
                Some(index) => used[index] = true,
                None => open = stage.index,
            }
        }
    }
    let Some((_, all_but_last)) = stages.split_last() else { return };
    // A stage with a name may be a target of `docker build --target`.
    for stage in all_but_last.iter().skip(open).filter(|stage| stage.name.is_none() && !used[stage.index]) {
        let from = snapshot.file().instructions[stage.from].span;
        let mut finding =
            Finding::new(from, "nothing is taken from this stage, and it has no name that `--target` could ask for");
        finding.tag = Some(Tag::Unnecessary);
        findings.push(finding);
    }
}

/// The earlier stages that `stage` is made from by number, or copies from; `None` for one that is not typed yet.
fn taken(snapshot: &Snapshot, stage: &Stage) -> Vec<Option<usize>> {
    let (text, file) = (snapshot.text(), snapshot.file());
    let mut taken = Vec::new();
    if let Some(image) = from(snapshot, stage).and_then(|from| from.image.as_ref()) {
        // Buildah starts from a number too.
        let number = snapshot[image.span].parse().ok().filter(|&number| number < stage.index);
        taken.extend(number.map(Some));
    }
    // Only a name lacks where the word AS stands.
    let is_sure = stage.base != Base::Missing && from(snapshot, stage).is_some_and(|from| from.r#as.is_some());
    if file.is_refused(stage.from) && !is_sure {
        taken.push(None);
    }
    for (index, instruction) in file.stage_instructions(stage) {
        let copy = instruction.copy().filter(|_| instruction.kind == Kind::Copy);
        let name = instruction.flag(text, "from").and_then(|flag| flag.value.as_ref()?.literal(text));
        match name.filter(|name| !name.is_empty()) {
            Some(name) if copy.is_some() => taken.extend(find_stage(&file.stages, stage.index, &name, true).map(Some)),
            None if copy.is_some_and(|copy| copy.sources.is_empty()) => taken.push(None),
            _ if instruction.kind == Kind::Unknown && file.is_refused(index) => taken.push(None),
            _ => {}
        }
    }
    taken
}
