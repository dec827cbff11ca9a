//! All of the project is copied, and no ignore file keeps anything out.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Instruction;
use crate::model::word::Word;
use crate::rules::rule::Applicability;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::FileEdit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Warning, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(check) };

/// What no build wants, and what is large.
const HEAVY: [&str; 2] = [".git", "node_modules"];

/// What the fix writes: what no build needs.
const IGNORE: &str = ".git\n.github\n.idea\n.vscode\n.env\n**/.DS_Store\nDockerfile*\n.dockerignore\ndocker-compose*.yml\ncompose*.yaml\n";

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let facts = snapshot.facts();
    let Some(context) = facts.context.as_ref().filter(|_| facts.ignore.is_none()) else { return };
    let Some(source) = snapshot.file().instructions.iter().find_map(|instruction| whole(snapshot, instruction)) else {
        return;
    };
    let heavy: Vec<&str> = HEAVY.into_iter().filter(|name| facts.exists(name) == Some(true)).collect();
    let (message, level) = match heavy.as_slice() {
        [] => (
            "all of the folder is copied: without a .dockerignore every local file changes the layer".to_owned(),
            Severity::Hint,
        ),
        heavy => (
            format!("all of the folder is copied, {} too: there is no .dockerignore", heavy.join(" and ")),
            Severity::Warning,
        ),
    };
    let edits = vec![FileEdit::Create(context.dir.join(".dockerignore"), IGNORE.to_owned())];
    let fix = Fix { title: "create a .dockerignore".to_owned(), edits, applicability: Applicability::Unsafe };
    findings.push(Finding::new(source.span, message).at_level(level).fix(fix));
}

/// The source that is the whole context.
fn whole<'s>(snapshot: &Snapshot, instruction: &'s Instruction) -> Option<&'s Word> {
    let from_elsewhere = instruction.flags_named(snapshot.text(), "from").next().is_some();
    let copy = instruction.copy().filter(|copy| !from_elsewhere && copy.destination.is_some())?;
    copy.sources.iter().find(|source| matches!(source.raw(snapshot.text()), "." | "./" | "/"))
}
