//! Stages of the file, as FROM, COPY --from and mounts name them.
use super::{Item, ItemKind, Offer, typed::Typed};
use crate::analysis::snapshot::Snapshot;
use crate::ide::markdown::code;
use crate::model::stage::Stage;

/// The stages in front of the stage `before`, the nearest first; those without a name by their number if `numbers`.
pub fn items(snapshot: &Snapshot, before: usize, typed: &Typed, numbers: bool) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    let stages = snapshot.file().stages.iter().take(before).rev();
    for (rank, stage) in (0..).zip(stages) {
        let from = &snapshot[snapshot.file().instructions[stage.from].span];
        let label = match &stage.name {
            Some(_) => name(snapshot, stage).to_owned(),
            None if numbers => stage.index.to_string(),
            None => continue,
        };
        offer.add(ItemKind::Stage, &label, first_line(from), code("dockerfile", from), rank);
    }
    offer.items
}

/// The name of `stage` as it is written.
fn name<'s>(snapshot: &'s Snapshot, stage: &Stage) -> &'s str {
    use crate::model::instruction::Body;
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return "" };
    from.name.map_or("", |name| &snapshot[name])
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
