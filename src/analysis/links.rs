//! Which stages have to do with each other: what a rule may look at when it is asked about one of them.
use super::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::stage::Stage;

/// The stages of a file in groups; nothing in one group names a stage of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// For each stage the first one of its group.
    first: Vec<usize>,
    /// For each stage the next one of its group, or itself.
    next: Vec<usize>,
}

impl Links {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let stages = &snapshot.file().stages;
        let named = stages.iter().filter_map(|stage| Some((stage.name.as_deref()?, stage.index)));
        let mut names: Vec<(&str, usize)> = named.collect();
        names.sort_unstable();
        let mut groups = Groups { parent: (0..stages.len()).collect() };
        for stage in stages {
            if let Some(parent) = super::start::parent(snapshot, stage) {
                groups.join(stage.index, parent);
            }
            for (_, instruction) in snapshot.file().stage_instructions(stage) {
                each_source(snapshot, instruction, &mut |name| {
                    let number = name.parse().ok().filter(|&index: &usize| index < stages.len());
                    let name = name.to_ascii_lowercase();
                    let from = names.partition_point(|(other, _)| *other < name.as_str());
                    let named = names[from..].iter().take_while(|(other, _)| *other == name).map(|(_, index)| *index);
                    named.chain(number).for_each(|other| groups.join(stage.index, other));
                });
            }
        }
        Self::from_groups(groups, stages)
    }

    fn from_groups(mut groups: Groups, stages: &[Stage]) -> Self {
        let first: Vec<usize> = stages.iter().map(|stage| groups.find(stage.index)).collect();
        let mut next: Vec<usize> = (0..stages.len()).collect();
        let mut last: Vec<usize> = next.clone();
        for (index, &group) in first.iter().enumerate() {
            // The first of a group comes to itself here.
            next[last[group]] = index;
            last[group] = index;
        }
        Self { first, next }
    }

    /// The stages of the group that stage `index` is in, in order.
    pub fn with(&self, index: usize) -> impl Iterator<Item = usize> {
        let follow = |&index: &usize| Some(self.next[index]).filter(|&next| next != index);
        std::iter::successors(self.first.get(index).copied(), follow)
    }

    /// The first stage of the group that stage `index` is in.
    pub fn group(&self, index: usize) -> usize {
        self.first[index]
    }
}

/// Calls `found` with each name of a stage or an image that `instruction` copies or mounts from.
fn each_source(snapshot: &Snapshot, instruction: &Instruction, found: &mut dyn FnMut(&str)) {
    let text = snapshot.text();
    for flag in &instruction.flags {
        let Some(value) = &flag.value else { continue };
        match (&snapshot[flag.name], instruction.kind) {
            ("from", Kind::Copy | Kind::Add) => found(&value.literal(text).unwrap_or_default()),
            ("mount", Kind::Run) => found(parse_mount(text, flag.span, value).from().unwrap_or_default()),
            _ => {}
        }
    }
    if let Body::Onbuild(Some(nested)) = &instruction.body {
        each_source(snapshot, nested, found);
    }
}

/// Disjoint sets; the smallest member stands for its set.
struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    fn find(&mut self, index: usize) -> usize {
        let mut root = index;
        while self.parent[root] != root {
            root = self.parent[root];
        }
        let mut at = index;
        while self.parent[at] != root {
            at = std::mem::replace(&mut self.parent[at], root);
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.parent[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        let text = "ARG B=b\nFROM x AS a\nFROM x AS b\nFROM a\nFROM $B\nRUN --mount=type=bind,from=E true\nFROM y AS e\n\
                    FROM z\nONBUILD COPY --from=6 / /\nFROM q\n";
        let snapshot = Snapshot::of_text(text);
        let of = |index| snapshot.links().with(index).collect::<Vec<_>>();
        assert_eq!([of(0), of(2)], [[0, 2], [0, 2]]);
        assert_eq!([of(1), of(3), of(4)], [[1, 3, 4], [1, 3, 4], [1, 3, 4]]);
        assert_eq!([of(5), of(6)], [[5, 6], [5, 6]]);
    }
}
