//! Where stages and variables are named: what definition, references, highlights and renaming share.
pub use super::mentions::Role;
use super::mentions::{self, Mention, Name};
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Base;
use crate::text::span::Span;

/// A place that names a stage or a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The name.
    pub span: Span,
    /// What is named.
    pub target: Target,
    /// What the place does with it.
    pub role: Role,
    /// The index of its instruction.
    pub instruction: usize,
    /// The stage whose values it sees; `None` in front of the first FROM and in every FROM.
    pub stage: Option<usize>,
    /// It is read when a container starts, or in a build upon the image: it sees ENV alone.
    pub later: bool,
}

/// What can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The stage with this index.
    Stage(usize),
    /// A variable and where it lives.
    Variable(String, Home),
}

/// Variables of one name that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// The global ARG and what the stages declare of it.
    Global,
    /// What this stage declares and the stages upon it inherit.
    Stage(usize),
}

impl Occurrence {
    /// A mention, now that it is known what is named.
    pub fn of(mention: Mention<'_>, target: Target) -> Self {
        let Mention { span, role, instruction, stage, later, .. } = mention;
        Self { span, target, role, instruction, stage, later }
    }
}

/// The occurrence that the cursor touches, and every occurrence of what it names, itself among them, in the order of the text.
pub fn around(snapshot: &Snapshot, offset: u32) -> Option<(Occurrence, Vec<Occurrence>)> {
    let mention = mentions::at(snapshot, offset)?;
    match mention.name {
        Name::Stage(index) => {
            let target = Target::Stage(index);
            Some((Occurrence::of(mention, target.clone()), of_target(snapshot, &target)))
        }
        Name::Variable(name) => {
            let mut all = of_variable(snapshot, name);
            let here = all.iter().find(|occurrence| occurrence.span == mention.span)?.clone();
            all.retain(|other| other.target == here.target);
            Some((here, all))
        }
    }
}

/// Every occurrence of `target`, in the order of the text.
pub fn of_target(snapshot: &Snapshot, target: &Target) -> Vec<Occurrence> {
    match target {
        Target::Variable(name, _) => {
            let mut all = of_variable(snapshot, name);
            all.retain(|found| found.target == *target);
            all
        }
        Target::Stage(index) => mentions::of_stages(snapshot)
            .into_iter()
            .filter(|mention| mention.name == Name::Stage(*index))
            .map(|mention| Occurrence::of(mention, target.clone()))
            .collect(),
    }
}

impl Occurrence {
    /// True when a definition at `other` can give this place its value.
    pub fn sees(&self, snapshot: &Snapshot, other: &Occurrence) -> bool {
        if matches!(self.target, Target::Stage(_)) {
            return true;
        }
        let stages = &snapshot.file().stages;
        let mut stage = self.stage.filter(|_| self.role == Role::Use);
        while stage != other.stage {
            stage = match stage.map(|index| &stages[index].base) {
                Some(Base::Stage(parent)) => Some(*parent),
                _ => return false,
            };
        }
        // ENV takes its values from in front of it, ARG goes from word to word; what a container reads is set by the whole stage.
        let environment = other.role == (Role::Definition { argument: false });
        let within = other.instruction == self.instruction && !environment && other.span.start < self.span.start;
        other.instruction < self.instruction || within || self.later && environment
    }
}

/// The places that name the variable `name`, each with its home; uses of what nothing declares are left out.
pub fn of_variable(snapshot: &Snapshot, name: &str) -> Vec<Occurrence> {
    let mentions = mentions::of_variable(snapshot, name);
    let scopes = Scopes::new(snapshot, &mentions);
    let with_home = |mention: &Mention<'_>| {
        let home = scopes.home(mention)?;
        let role = match mention.role {
            Role::Redeclaration if !scopes.global => Role::Definition { argument: true },
            role => role,
        };
        Some(Occurrence::of(Mention { role, ..*mention }, Target::Variable(name.to_owned(), home)))
    };
    mentions.iter().filter_map(with_home).collect()
}

/// Which stages declare one variable.
struct Scopes {
    /// There is a global ARG.
    global: bool,
    /// For each stage: where it first declares the variable.
    first: Vec<Option<u32>>,
    /// For each stage: itself or the stage it builds on, however far, that declares it; the one nearest to the image.
    top: Vec<Option<usize>>,
    /// For each stage: it is a build argument there.
    argument: Vec<bool>,
    /// For each stage: an ENV sets it, there or below.
    environment: Vec<bool>,
}

impl Scopes {
    fn new(snapshot: &Snapshot, mentions: &[Mention<'_>]) -> Self {
        let stages = &snapshot.file().stages;
        let mut scopes = Scopes {
            global: false,
            first: vec![None; stages.len()],
            top: vec![None; stages.len()],
            argument: vec![false; stages.len()],
            environment: vec![false; stages.len()],
        };
        for mention in mentions.iter().filter(|mention| mention.role != Role::Use) {
            match mention.stage {
                None => scopes.global = true,
                Some(stage) => {
                    scopes.first[stage].get_or_insert(mention.span.start);
                    let environment = mention.role == (Role::Definition { argument: false });
                    scopes.argument[stage] |= !environment;
                    scopes.environment[stage] |= environment;
                }
            }
        }
        for stage in stages {
            let parent = if let Base::Stage(parent) = stage.base { Some(parent) } else { None };
            let own = scopes.first[stage.index].map(|_| stage.index);
            scopes.top[stage.index] = parent.and_then(|parent| scopes.top[parent]).or(own);
            scopes.argument[stage.index] |= parent.is_some_and(|parent| scopes.argument[parent]);
            scopes.environment[stage.index] |= parent.is_some_and(|parent| scopes.environment[parent]);
        }
        scopes
    }

    fn home(&self, mention: &Mention<'_>) -> Option<Home> {
        let Some(stage) = mention.stage else { return self.global.then_some(Home::Global) };
        let top = self.top[stage]?;
        let inherited = top != stage;
        let declared = self.first[stage].is_some_and(|first| first < mention.span.start) || mention.role != Role::Use;
        let seen = if mention.later { self.environment[stage] } else { declared || inherited };
        if !seen {
            return None;
        }
        Some(if self.global && self.argument[stage] { Home::Global } else { Home::Stage(top) })
    }
}
