//! The places that name a stage or a variable, before it is known which of several.
use super::exec_shell;
use crate::analysis::cache;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::stage::{Base, find_stage};
use crate::model::words::words;
use crate::syntax::shell::Script;
use crate::text::span::Span;

/// A place that names something.
#[derive(Clone, Copy, Debug)]
pub struct Mention<'t> {
    /// The name.
    pub span: Span,
    /// What is named.
    pub name: Name<'t>,
    /// What the place does with it.
    pub role: Role,
    /// The index of its instruction.
    pub instruction: usize,
    /// The stage whose values it sees; `None` in front of the first FROM and in every FROM.
    pub stage: Option<usize>,
    /// It is read when a container starts, or in a build upon the image: it sees ENV alone.
    pub later: bool,
}

/// What a place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'t> {
    /// The stage with this index.
    Stage(usize),
    /// A variable, whichever of that name.
    Variable(&'t str),
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

/// The mention that the cursor touches.
pub fn at(snapshot: &Snapshot, offset: u32) -> Option<Mention<'_>> {
    let index = snapshot.file().instruction_at(offset)?;
    let mut found = Vec::new();
    of_instruction(snapshot, index, stage_around(snapshot, index), &mut found);
    found.into_iter().filter(|mention| mention.span.touches(offset)).min_by_key(|mention| mention.span)
}

/// Every mention of the variable `name`, in the order of the text.
pub fn of_variable<'t>(snapshot: &'t Snapshot, name: &str) -> Vec<Mention<'t>> {
    let text_has_it = |instruction: &Instruction| snapshot[instruction.span].contains(name);
    let mut found = in_file(snapshot, &text_has_it);
    found.retain(|mention| mention.name == Name::Variable(name));
    found
}

/// Every mention of a stage, in the order of the text.
pub fn of_stages(snapshot: &Snapshot) -> Vec<Mention<'_>> {
    let names_one = |instruction: &Instruction| match instruction.kind {
        Kind::From => true,
        Kind::Copy | Kind::Run => !instruction.flags.is_empty(),
        _ => false,
    };
    let (mut stage, mut found) = (None, Vec::new());
    for (index, instruction) in snapshot.file().instructions.iter().enumerate() {
        stage = if instruction.kind == Kind::From { Some(stage.map_or(0, |stage| stage + 1)) } else { stage };
        if names_one(instruction) {
            let own = if instruction.kind == Kind::From { None } else { stage };
            stages_in(snapshot, stage.unwrap_or_default(), instruction, &mut |span, name, role| {
                found.push(Mention { span, name, role, instruction: index, stage: own, later: false });
            });
        }
    }
    found.sort_by_key(|mention| mention.span);
    found
}

fn in_file<'t>(snapshot: &'t Snapshot, wanted: &dyn Fn(&Instruction) -> bool) -> Vec<Mention<'t>> {
    let mut found = Vec::new();
    let mut stage = None;
    for (index, instruction) in snapshot.file().instructions.iter().enumerate() {
        stage = if instruction.kind == Kind::From { Some(stage.map_or(0, |stage| stage + 1)) } else { stage };
        if wanted(instruction) {
            of_instruction(snapshot, index, stage, &mut found);
        }
    }
    found.sort_by_key(|mention| mention.span);
    found
}

/// The stage of instruction `index`, by search.
pub fn stage_around(snapshot: &Snapshot, index: usize) -> Option<usize> {
    snapshot.file().stages.partition_point(|stage| stage.from <= index).checked_sub(1)
}

/// What instruction `index` names; `around` is the stage that it belongs to.
fn of_instruction<'t>(snapshot: &'t Snapshot, index: usize, around: Option<usize>, found: &mut Vec<Mention<'t>>) {
    let instruction = &*snapshot.file().instructions[index];
    let stage = if instruction.kind == Kind::From { None } else { around };
    let mut push = |span, name, role, later| {
        // `$1`, `$@` and what is half typed are no names.
        let named = |name: &str| name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        if !matches!(name, Name::Variable(name) if !named(name)) {
            found.push(Mention { span, name, role, instruction: index, stage, later });
        }
    };
    stages_in(snapshot, around.unwrap_or_default(), instruction, &mut |span, name, role| {
        push(span, name, role, false);
    });
    declarations(snapshot, stage, instruction, &mut |span, name, role| push(span, name, role, false));
    let (inner, later) = match &instruction.body {
        Body::Onbuild(Some(trigger)) => (&**trigger, true),
        _ => (instruction, false),
    };
    for expansion in words(inner).into_iter().flat_map(crate::model::word::Word::expansions) {
        push(expansion.name, Name::Variable(&snapshot[expansion.name]), Role::Use, later);
    }
    if let Some(stage) = stage {
        shell_texts(snapshot, stage, index, &mut |script, offset, later| {
            for span in script.uses.iter().map(|found| found.span.shift(offset)) {
                push(span, Name::Variable(&snapshot[span]), Role::Use, later);
            }
        });
    }
}

/// Hands on the shell texts of instruction `index` of a stage, where each starts, and whether it is read later than the build.
pub fn shell_texts(snapshot: &Snapshot, stage: usize, index: usize, visit: &mut dyn FnMut(&Script, u32, bool)) {
    let instruction = &snapshot.file().instructions[index];
    if let Some(text) = exec_shell::text(instruction) {
        if let Some(script) = exec_shell::script(snapshot, text) {
            visit(&script, text.start, instruction.kind != Kind::Run);
        }
        return;
    }
    match instruction.kind {
        Kind::Run => {
            let run = snapshot.stage(&snapshot.file().stages[stage]).run_of(index);
            if let Some((run, script)) = run.and_then(|run| Some((run, run.script.as_ref()?))) {
                visit(script, run.offset, false);
            }
        }
        Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck | Kind::Onbuild => {
            let bodies = &snapshot.stage(&snapshot.file().stages[stage]).bodies;
            let first = bodies.partition_point(|body| body.instruction < index);
            for body in bodies[first..].iter().take_while(|body| body.instruction == index) {
                visit(&cache::script(&snapshot[body.span], snapshot.file().escape), body.span.start, true);
            }
        }
        _ => {}
    }
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
            push(unquoted(text, span), Name::Stage(index), Role::Use);
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
                push(unquoted(text, image.span), Name::Stage(*parent), Role::Use);
            }
            push(body.name.unwrap_or(instruction.keyword), Name::Stage(stage), Role::Definition { argument: true });
        }
        _ => {}
    }
}

/// Without the quotes around it.
fn unquoted(text: &str, span: Span) -> Span {
    let written = &text[span.range()];
    let left = written.len() - written.trim_start_matches(['"', '\'']).len();
    let right = written.trim_end_matches(['"', '\'']).len().max(left);
    Span::from(left..right).shift(span.start)
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
