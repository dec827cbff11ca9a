//! New names for stages and variables, everywhere they are used, or the reason why not.
mod shell;
mod stages;
mod variables;

use super::mentions::{self, Name};
use super::occurrences::Occurrence;
use super::targets;
use crate::analysis::snapshot::Snapshot;
use crate::project::builds::targets::Target;
use crate::text::edit::{Edit, EditSet, OtherFile};
use crate::text::span::Span;

/// What the cursor is on, when it can be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The name under the cursor.
    pub span: Span,
    /// It as it is written there.
    pub name: String,
}

/// Why nothing is renamed: a sentence for people, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What stands there has to keep its name.
    Place(String),
    /// The new name won't do.
    Name(String),
}

/// What stands at `offset`, if it has a name that can be changed; `None` where there is no name at all.
///
/// # Errors
/// It has to keep its name; the message says why.
pub fn prepare(snapshot: &Snapshot, offset: u32) -> Result<Option<Subject>, Refusal> {
    let plan = plan(snapshot, offset).map_err(Refusal::Place)?;
    Ok(plan.map(|plan| Subject { span: plan.here, name: snapshot[plan.here].to_owned() }))
}

/// The edits that give what stands at `offset` the name `new`; `None` where there is no name at all.
///
/// # Errors
/// It has to keep its name, or can't have the new one; the message says why.
pub fn rename(snapshot: &Snapshot, offset: u32, new: &str) -> Result<Option<EditSet>, Refusal> {
    let Some(plan) = plan(snapshot, offset).map_err(Refusal::Place)? else { return Ok(None) };
    if snapshot[plan.here] == *new {
        return Ok(Some(EditSet::default()));
    }
    let edits = match &plan.what {
        What::Stage(index) => {
            stages::check(snapshot, *index, new).map_err(Refusal::Name)?;
            stages::edits(snapshot, &plan, new)
        }
        What::Variable(name) => {
            variables::check(snapshot, name, &plan.places, new).map_err(Refusal::Name)?;
            plan.places.iter().map(|place| Edit::replace(place.span, new)).collect()
        }
    };
    let unsure = || Refusal::Place("other lines would come to mean something else".to_owned());
    let edits = EditSet::new(edits).ok_or_else(unsure)?;
    let same = match &plan.what {
        What::Stage(_) => stages::mean_the_same(snapshot, &edits),
        What::Variable(name) => variables::mean_the_same(snapshot, &edits, [name, new], &plan.places),
    };
    if same { Ok(Some(edits)) } else { Err(unsure()) }
}

/// What else changes when [`rename`] gives what stands at `offset` the name `new`: the files that build the stage by its name.
pub fn rename_elsewhere(snapshot: &Snapshot, offset: u32, new: &str) -> Vec<OtherFile> {
    let Ok(Some(Plan { what: What::Stage(index), .. })) = plan(snapshot, offset) else { return Vec::new() };
    let targets: Vec<_> = targets::of_stage(snapshot, index).filter(|target| target.name() != new).collect();
    let file = |targets: &[&Target]| {
        let edits = targets.iter().map(|target| Edit::replace(target.span, new)).collect();
        Some(OtherFile { path: targets[0].path.clone(), text: targets[0].text.clone(), edits: EditSet::new(edits)? })
    };
    targets.chunk_by(|one, next| one.path == next.path).filter_map(file).collect()
}

/// What is to be renamed, and where it stands.
struct Plan {
    /// The name under the cursor.
    here: Span,
    what: What,
    /// Every place that holds the name.
    places: Vec<Occurrence>,
}

enum What {
    Stage(usize),
    Variable(String),
}

fn plan(snapshot: &Snapshot, offset: u32) -> Result<Option<Plan>, String> {
    let Some(mention) = mentions::at(snapshot, offset) else { return Ok(None) };
    match mention.name {
        Name::Stage(index) => stages::plan(snapshot, &mention, index, offset),
        Name::Variable(name) => variables::plan(snapshot, &mention, name).map(Some),
    }
}

/// The number of the line that `offset` is in, from 1.
fn line(snapshot: &Snapshot, offset: u32) -> usize {
    snapshot.text()[..offset as usize].bytes().filter(|&byte| byte == b'\n').count() + 1
}
