//! The program listens on another port than EXPOSE says.
use std::collections::BTreeSet;

use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::go_calls::CallKind;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::model::word::Word;
use crate::rewrite::lines;
use crate::rewrite::shipped::{self, Call, Shipped};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::started::is_for_developers;
use crate::rules::unfinished::is_refused;
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some(program) = shipped::program(snapshot, stage) else { return };
    let refused = is_refused(snapshot, stage, &[Kind::Expose, Kind::Env, Kind::Arg, Kind::Cmd, Kind::Unknown]);
    let end = &snapshot.stage(stage).end;
    if refused || end.base == Base::Unknown || is_configured(snapshot, stage) || is_for_developers(snapshot, stage) {
        return;
    }
    let Some(exposed) = exposed(snapshot, stage) else { return };
    let Some((call, ports)) = listened(snapshot, &program) else { return };
    let built = format!("built here, with {} in {}", call.name(), call.place());
    let finding = match exposed.first() {
        None => not_exposed(snapshot, stage, &ports),
        Some((word, _)) if exposed.iter().all(|(_, port)| !ports.contains(port)) => other(word, &exposed, &ports),
        Some(_) => None,
    };
    findings.extend(finding.map(|finding| finding.because(program.command.span, built)));
}

/// True when a variable or an argument may say the port.
fn is_configured(snapshot: &Snapshot, stage: &Stage) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_uppercase();
        ["PORT", "ADDR", "LISTEN", "BIND", "HTTP"].iter().any(|part| text.contains(part))
    };
    let words = shipped::start_words(snapshot, stage).map(|(_, words)| words).unwrap_or_default();
    let env = &snapshot.stage(stage).end.env;
    words.iter().skip(1).any(|word| word.contains(':') || says(word))
        || env.iter().any(|(name, _)| says(name))
        || env.is_open()
}

/// The ports of EXPOSE; `None` when one is not a plain number of TCP.
fn exposed<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<Vec<(&'s Word, u16)>> {
    let instructions = chain(snapshot, stage).flat_map(|stage| snapshot.file().stage_instructions(stage));
    let mut found = Vec::new();
    for (_, instruction) in instructions.filter(|(_, instruction)| instruction.kind == Kind::Expose) {
        let Body::Words(words) = &instruction.body else { return None };
        for word in words {
            let text = word.literal(snapshot.text())?;
            found.push((word, text.strip_suffix("/tcp").unwrap_or(&text).parse().ok()?));
        }
    }
    Some(found)
}

/// The ports that the program listens on, and the call of the first; `None` when one of them is not a constant, or all are
/// for the container alone.
fn listened<'s>(snapshot: &'s Snapshot, program: &Shipped<'s>) -> Option<(Call<'s>, BTreeSet<u16>)> {
    let code = shipped::code(snapshot, program)?;
    let mut ports = BTreeSet::new();
    let mut first = None;
    for call in code.calls.iter().filter(|call| call.kind == CallKind::Listen) {
        let literals = &call.mention.literals;
        // The last one: the network may stand in front.
        let address = if call.mention.name.starts_with("net.") { literals.get(1) } else { literals.first() }?;
        let (host, port) = address.rsplit_once(':')?;
        let port: u16 = port.parse().ok()?;
        if matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            continue;
        }
        let stream =
            !call.mention.name.starts_with("net.") || literals.first().is_some_and(|net| net.starts_with("tcp"));
        if port == 0 || !stream {
            return None;
        }
        ports.insert(port);
        first.get_or_insert(*call);
    }
    Some((first?, ports))
}

fn not_exposed(snapshot: &Snapshot, stage: &Stage, ports: &BTreeSet<u16>) -> Option<Finding> {
    let (start, _) = shipped::start_words(snapshot, stage).filter(|(start, _)| stage.instructions.contains(start))?;
    let list = list(ports);
    let span = snapshot.file().instructions[start].span;
    let finding = Finding::new(span, format!("the program listens on port {list}, and no EXPOSE says so"));
    let numbers: Vec<String> = ports.iter().map(u16::to_string).collect();
    let line = lines::line(snapshot, start, Kind::Expose, &numbers.join(" "));
    let edit = lines::insert_before(snapshot, start, &[line]);
    Some(finding.fix(Fix::unsafe_(format!("add EXPOSE {}", numbers.join(" ")), vec![edit])))
}

fn other(word: &Word, exposed: &[(&Word, u16)], ports: &BTreeSet<u16>) -> Option<Finding> {
    let named: BTreeSet<u16> = exposed.iter().map(|(_, port)| *port).collect();
    let message = format!("the program listens on port {}, not on {}", list(ports), list(&named));
    let mut ports = ports.iter();
    let (port, more) = (ports.next()?, ports.next());
    let single = more.is_none() && exposed.len() == 1;
    let fix = || Fix::unsafe_(format!("write {port}"), vec![Edit::replace(word.span, port.to_string())]);
    Some(Finding::new(word.span, message).fix(single.then(fix).flatten()))
}

fn list(ports: &BTreeSet<u16>) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" and ")
}
