//! `dockline init`: a Dockerfile and a .dockerignore for the Go module at hand.
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{self, Input};
use super::output::Output;
use super::settings_file::SettingsFiles;
use super::{CLEAN, FAILED, write};
use crate::analysis::snapshot::Snapshot;
use crate::project::{Disk, Memo, Needs, scan};
use crate::rewrite::generate::{self, Generated, mains};

/// Writes the files, or prints the Dockerfile.
pub fn run(args: &args::Init, output: &mut Output) -> io::Result<u8> {
    match generated(args).and_then(|made| if args.print { Ok((made, Vec::new())) } else { save(args, made) }) {
        Ok((made, written)) => {
            made.notes.iter().for_each(|note| output.warn(note));
            output.print(if args.print { &made.dockerfile } else { "" })?;
            for line in written {
                output.print(&format!("{line}\n"))?;
            }
            Ok(CLEAN)
        }
        Err(error) => {
            output.complain(&error);
            Ok(FAILED)
        }
    }
}

fn generated(args: &args::Init) -> Result<Generated, String> {
    let here = std::env::current_dir().unwrap_or_default();
    let dir = args.dir.strip_prefix(".").map_or_else(|_| here.join(&args.dir), |rest| here.join(rest));
    let dir = dir.components().collect::<PathBuf>();
    if !dir.is_dir() {
        return Err(format!("{}: there is no such folder", args.dir.display()));
    }
    let files = Memo::new(Disk);
    let input = Input { config: args.config.clone(), ..Input::default() };
    let settings = SettingsFiles::new(&input, &files)?;
    let mut settings = settings.of(&dir)?;
    if let Some(base) = args.base {
        Arc::make_mut(&mut settings).actions.final_base = base.base();
    }
    let needs = Needs { sources: Vec::new(), packages: args.main.clone().into_iter().collect() };
    let path = dir.join("Dockerfile");
    let mut facts = scan(&files, &path, None, &needs, Some(&dir));
    if args.force {
        facts.ignore = None; // It is written anew.
    }
    if facts.modules.is_empty()
        && let Some(above) = dir.ancestors().skip(1).find(|dir| dir.join("go.mod").is_file())
    {
        return Err(above_message(&dir, above));
    }
    let snapshot = Snapshot::new(Some(path), 0, Arc::from(""), None, Arc::new(facts), settings);
    let main = mains::choose(&snapshot, args.main.as_deref())?;
    generate::generate(&snapshot, main.module, main.dir).map_err(|error| format!("{}: {error}", main.argument()))
}

fn above_message(dir: &Path, above: &Path) -> String {
    let inside = dir.strip_prefix(above).unwrap_or(dir).display();
    let above = above.display();
    format!("no go.mod is found here; the one of this folder is in {above}: dockline init {above} --main ./{inside}")
}

/// Writes what is not there yet; what was written, and what was left alone.
fn save(args: &args::Init, made: Generated) -> Result<(Generated, Vec<String>), String> {
    let dockerfile = args.dir.join("Dockerfile");
    let ignore = args.dir.join(".dockerignore");
    if !args.force && dockerfile.exists() {
        return Err(format!(
            "{} is there already; --force overwrites it, --print shows what it would be",
            dockerfile.display()
        ));
    }
    let mut said = Vec::new();
    for (path, text) in [(&dockerfile, &made.dockerfile), (&ignore, &made.ignore)] {
        let name = path.display();
        if path.exists() && !args.force {
            said.push(format!("{name} is there already and stays as it is"));
            continue;
        }
        let written = if path.exists() { write::replace(path, text) } else { write::create(path, text) };
        written.map_err(|error| format!("{name}: {error}"))?;
        said.push(format!("wrote {name}"));
    }
    if let Some(command) = made.dockerfile.lines().next().and_then(|line| line.strip_prefix("# ")) {
        said.push(format!("build it with: {command}"));
    }
    Ok((made, said))
}
