//! `dockline context`: what is known of the project around a Dockerfile.
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::args::{Context, ListFormat};
use super::input::{self, Look, Source};
use super::output::Output;
use super::{CLEAN, FAILED};
use crate::project::facts::Facts;

/// Shows the build contexts of what was asked for.
pub fn run(args: &Context, output: &mut Output) -> io::Result<u8> {
    let done = input::each(&args.input, Look::Projects, output, |source, _| report(&source));
    match args.format {
        ListFormat::Text => {
            let texts: Vec<String> = done.all.iter().map(text).collect();
            output.print(&texts.join("\n"))?;
        }
        ListFormat::Json => {
            let all: Vec<Value> = done.all.iter().map(Report::json).collect();
            output.print(&format!("{}\n", json!({ "version": 1, "files": all })))?;
        }
    }
    Ok(if done.failed { FAILED } else { CLEAN })
}

/// What is printed of one file.
struct Report {
    name: String,
    /// The directory, and why it is believed to be the context.
    context: Option<(String, String)>,
    ignore: Option<String>,
    /// Path and folder.
    modules: Vec<(String, String)>,
    workspace: Option<String>,
    truncated: bool,
}

fn report(source: &Source<'_>) -> Report {
    let facts = source.snapshot.facts();
    let here = std::env::current_dir().unwrap_or_default();
    let shown = |path: &Path| {
        let short = path.strip_prefix(&here).unwrap_or(path).display().to_string();
        if short.is_empty() { ".".to_owned() } else { short }
    };
    let folder = |dir: &str| if dir.is_empty() { ".".to_owned() } else { dir.to_owned() };
    Report {
        name: source.name.clone(),
        context: facts.context.as_ref().map(|context| (shown(&context.dir), context.how.why(&shown))),
        ignore: facts.ignore_path.as_deref().map(shown),
        modules: modules(facts).map(|(path, dir)| (path.to_owned(), folder(dir))).collect(),
        workspace: facts.work.as_ref().map(|work| folder(&work.dir)),
        truncated: facts.truncated,
    }
}

fn modules(facts: &Facts) -> impl Iterator<Item = (&str, &str)> {
    facts.modules.iter().map(|module| (module.go_mod.path(), module.dir.as_str()))
}

fn text(report: &Report) -> String {
    let mut out = format!("{}\n", report.name);
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(out, "  {name:<11} {value}");
    };
    match &report.context {
        Some((dir, why)) => row("context", &format!("{dir} ({why})")),
        None => row(
            "context",
            "not known: rules that need the files of the project are silent; name it with `context` in dockline.toml",
        ),
    }
    row("ignore file", report.ignore.as_deref().unwrap_or("none"));
    for (path, dir) in &report.modules {
        row("module", &format!("{path} ({dir})"));
    }
    if let Some(dir) = &report.workspace {
        row("workspace", &format!("go.work ({dir})"));
    }
    if report.truncated {
        row("note", "the project is too large to be read whole");
    }
    out
}

impl Report {
    fn json(&self) -> Value {
        let modules: Vec<Value> = self.modules.iter().map(|(path, dir)| json!({ "path": path, "dir": dir })).collect();
        json!({
            "path": self.name,
            "context": self.context.as_ref().map(|(dir, why)| json!({ "dir": dir, "why": why })),
            "ignoreFile": self.ignore,
            "modules": modules,
            "workspace": self.workspace,
            "truncated": self.truncated,
        })
    }
}
