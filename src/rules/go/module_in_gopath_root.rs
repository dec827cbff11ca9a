//! go.mod lies in the folder GOPATH itself, because no WORKDIR is set.
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::knowledge::golang_tags::GoVersion;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Later releases warn and build.
const LAST_THAT_STOPS: GoVersion = GoVersion::minor(1, 21);

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = &snapshot.stage(stage).go;
    findings.extend(go.iter().filter(|go| go.is_of_module()).find_map(|go| finding(snapshot, stage, go)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    let gopath = command.command.env.known("GOPATH")?.to_owned();
    let version = *command.state.go.as_ref()?.as_ref()?.version.as_ref()?;
    if !command.folder().is(|folder| *folder == gopath) || version < GoVersion::minor(1, 13) {
        return None;
    }
    let Origin::Context(_, index) = source::seen_by(snapshot, stage, command, &format!("{gopath}/go.mod")) else {
        return None;
    };
    let stops = (version.major, version.minor) <= (LAST_THAT_STOPS.major, LAST_THAT_STOPS.minor);
    let then = if stops { "Go stops" } else { "Go warns" };
    let message = format!("go.mod lies in {gopath}, which is GOPATH itself: {then}; set a WORKDIR");
    let place = index.map_or(command.span, |index| snapshot.file().instructions[index].span);
    let finding = Finding::new(place, message).because(command.span, "runs in GOPATH");
    let level = if stops { Severity::Error } else { Severity::Hint };
    Some(finding.at_level(level).fix(fix(snapshot, stage, &gopath)))
}

/// A WORKDIR in front of the first copy, where no path names the old folder.
fn fix(snapshot: &Snapshot, stage: &Stage, gopath: &str) -> Option<Fix> {
    let file = snapshot.file();
    let own = file.stage_instructions(stage);
    let names_it =
        |text: &str| text.contains(&format!("{gopath}/")) || text.contains("$GOPATH") || text.contains("${GOPATH");
    if { own }.any(|(_, instruction)| names_it(&snapshot[instruction.span])) || snapshot.linked(stage).count() > 1 {
        return None;
    }
    let first = snapshot.stage(stage).copies.first()?.instruction;
    let line = lines::line(snapshot, first, Kind::Workdir, "/src");
    Fix::unsafe_("add WORKDIR /src", vec![lines::insert_before(snapshot, first, &[line])])
}
