//! Where stages and variables are named: what definition and references share.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::stage::{Base, find_stage};
use crate::model::word::Word;
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

/// What a place does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It names the stage, or gives the variable a value.
    Definition {
        /// ARG or FROM: not ENV.
        argument: bool,
    },
    /// `ARG X` in a stage, of a global ARG.
    Redeclaration,
    /// Anything else.
    Use,
}

/// The occurrence that the cursor touches.
pub fn at(snapshot: &Snapshot, offset: u32) -> Option<Occurrence> {
    let found = mentions(snapshot).into_iter().find(|mention| mention.span.touches(offset))?;
    match found.name {
        Name::Stage(index) => Some(found.into_occurrence(Target::Stage(index))),
        Name::Variable(name) => {
            of_variable(snapshot, name).into_iter().find(|occurrence| occurrence.span == found.span)
        }
    }
}

/// Every occurrence of `target`, in the order of the text.
pub fn of_target(snapshot: &Snapshot, target: &Target) -> Vec<Occurrence> {
    let mut all = match target {
        Target::Variable(name, _) => of_variable(snapshot, name),
        Target::Stage(_) => mentions(snapshot)
            .into_iter()
            .filter_map(|mention| match mention.name {
                Name::Stage(index) => Some(mention.into_occurrence(Target::Stage(index))),
                Name::Variable(_) => None,
            })
            .collect(),
    };
    all.retain(|found| found.target == *target);
    all
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
        other.instruction < self.instruction
    }
}

/// A place that names something, before it is known which of several.
#[derive(Clone, Copy)]
struct Mention<'t> {
    span: Span,
    name: Name<'t>,
    role: Role,
    instruction: usize,
    stage: Option<usize>,
}

#[derive(Clone, Copy)]
enum Name<'t> {
    Stage(usize),
    Variable(&'t str),
}

impl Mention<'_> {
    fn into_occurrence(self, target: Target) -> Occurrence {
        Occurrence { span: self.span, target, role: self.role, instruction: self.instruction, stage: self.stage }
    }
}

/// The places that name the variable `name`, each with its home; uses of what nothing declares are left out.
fn of_variable(snapshot: &Snapshot, name: &str) -> Vec<Occurrence> {
    let mentions: Vec<Mention<'_>> = mentions(snapshot)
        .into_iter()
        .filter(|mention| matches!(mention.name, Name::Variable(found) if found == name))
        .collect();
    let scopes = Scopes::new(snapshot, &mentions);
    let with_home = |mention: &Mention<'_>| {
        let home = scopes.home(mention)?;
        let role = match mention.role {
            Role::Redeclaration if !scopes.global => Role::Definition { argument: true },
            role => role,
        };
        Some(Mention { role, ..*mention }.into_occurrence(Target::Variable(name.to_owned(), home)))
    };
    mentions.iter().filter_map(with_home).collect()
}

/// Which stages declare one variable.
struct Scopes {
    /// There is a global ARG.
    global: bool,
    /// For each stage: its first instruction that declares the variable.
    first: Vec<Option<usize>>,
    /// For each stage: itself or the stage it builds on, however far, that declares it; the one nearest to the image.
    top: Vec<Option<usize>>,
    /// For each stage: it is a build argument there.
    argument: Vec<bool>,
}

impl Scopes {
    fn new(snapshot: &Snapshot, mentions: &[Mention<'_>]) -> Self {
        let stages = &snapshot.file().stages;
        let mut scopes = Scopes {
            global: false,
            first: vec![None; stages.len()],
            top: vec![None; stages.len()],
            argument: vec![false; stages.len()],
        };
        for mention in mentions.iter().filter(|mention| mention.role != Role::Use) {
            match mention.stage {
                None => scopes.global = true,
                Some(stage) => {
                    scopes.first[stage].get_or_insert(mention.instruction);
                    scopes.argument[stage] |= mention.role != (Role::Definition { argument: false });
                }
            }
        }
        for stage in stages {
            let parent = if let Base::Stage(parent) = stage.base { Some(parent) } else { None };
            let own = scopes.first[stage.index].map(|_| stage.index);
            scopes.top[stage.index] = parent.and_then(|parent| scopes.top[parent]).or(own);
            scopes.argument[stage.index] |= parent.is_some_and(|parent| scopes.argument[parent]);
        }
        scopes
    }

    fn home(&self, mention: &Mention<'_>) -> Option<Home> {
        let Some(stage) = mention.stage else { return self.global.then_some(Home::Global) };
        let top = self.top[stage]?;
        let inherited = top != stage;
        let declared = self.first[stage].is_some_and(|first| first < mention.instruction) || mention.role != Role::Use;
        if !declared && !inherited {
            return None;
        }
        Some(if self.global && self.argument[stage] { Home::Global } else { Home::Stage(top) })
    }
}

/// Every place that names a stage or a variable, in the order of the text.
fn mentions(snapshot: &Snapshot) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    let file = snapshot.file();
    let mut next_stage = 0;
    for (index, instruction) in file.instructions.iter().enumerate() {
        next_stage += usize::from(instruction.kind == Kind::From);
        let stage = if instruction.kind == Kind::From { None } else { next_stage.checked_sub(1) };
        let mut push = |span, name, role| found.push(Mention { span, name, role, instruction: index, stage });
        stages_in(snapshot, next_stage.saturating_sub(1), instruction, &mut push);
        declarations(snapshot, stage, instruction, &mut push);
        for word in words(instruction) {
            for expansion in word.expansions() {
                push(expansion.name, Name::Variable(&snapshot[expansion.name]), Role::Use);
            }
        }
    }
    for (stage, analysis) in snapshot.stages().iter().enumerate() {
        for run in &analysis.runs {
            let uses = run.script.iter().flat_map(|script| &script.uses).map(|found| found.span.shift(run.offset));
            found.extend(uses.map(|span| Mention {
                span,
                name: Name::Variable(&snapshot[span]),
                role: Role::Use,
                instruction: run.instruction,
                stage: Some(stage),
            }));
        }
    }
    found.sort_by_key(|mention| mention.span);
    found
}

fn stages_in<'t>(
    snapshot: &'t Snapshot,
    stage: usize,
    instruction: &'t Instruction,
    push: &mut dyn FnMut(Span, Name<'t>, Role),
) {
    let (text, stages) = (snapshot.text(), &snapshot.file().stages);
    let mut by_name = |name: &str, span: Span, numbers: bool| {
        if let Some(index) = find_stage(stages, stage, name, numbers) {
            push(span, Name::Stage(index), Role::Use);
        }
    };
    match instruction.kind {
        Kind::Copy => {
            let value = instruction.flag(text, "from").and_then(|flag| flag.value.as_ref());
            if let Some((word, name)) = value.and_then(|word| word.literal(text).map(|name| (word, name))) {
                by_name(&name, word.span, true);
            }
        }
        Kind::Run => {
            for flag in instruction.flags_named(text, "mount") {
                let mount = flag.value.as_ref().map(|value| parse_mount(text, flag.span, value));
                let options = mount.into_iter().flat_map(|mount| mount.options);
                let values = options.filter(|option| option.key == "from").filter_map(|option| option.value);
                values.for_each(|(name, span)| by_name(&name, span, false));
            }
        }
        Kind::From => {
            let (Body::From(body), Some(own)) = (&instruction.body, stages.get(stage)) else { return };
            if let (Base::Stage(parent), Some(image)) = (&own.base, &body.image) {
                push(image.span, Name::Stage(*parent), Role::Use);
            }
            push(body.name.unwrap_or(instruction.keyword), Name::Stage(stage), Role::Definition { argument: true });
        }
        _ => {}
    }
}

fn declarations<'t>(
    snapshot: &'t Snapshot,
    stage: Option<usize>,
    instruction: &'t Instruction,
    push: &mut dyn FnMut(Span, Name<'t>, Role),
) {
    if !matches!(instruction.kind, Kind::Arg | Kind::Env) {
        return;
    }
    for pair in instruction.pairs() {
        let written = &snapshot[pair.name.span];
        if pair.name.literal(snapshot.text()).as_deref() != Some(written) || written.is_empty() {
            continue;
        }
        let role = match instruction.kind {
            Kind::Env => Role::Definition { argument: false },
            _ if stage.is_some() && pair.value.is_none() => Role::Redeclaration,
            _ => Role::Definition { argument: true },
        };
        push(pair.name.span, Name::Variable(written), role);
    }
}

/// The words in which the builder expands variables.
fn words(instruction: &Instruction) -> Vec<&Word> {
    let mut words: Vec<&Word> = instruction.flags.iter().filter_map(|flag| flag.value.as_ref()).collect();
    match &instruction.body {
        Body::From(from) => words.extend(&from.image),
        Body::Copy(copy) => words.extend(copy.sources.iter().chain(&copy.destination)),
        Body::Pairs(pairs) => {
            words.extend(pairs.iter().flat_map(|pair| std::iter::once(&pair.name).chain(&pair.value)));
        }
        Body::Words(list) => words.extend(list),
        Body::Value(value) => words.extend(value),
        Body::Command(_) | Body::Healthcheck(_) | Body::Onbuild(_) | Body::Unknown => {}
    }
    words.extend(instruction.heredocs.iter().filter_map(|heredoc| heredoc.content.as_ref()));
    words
}
