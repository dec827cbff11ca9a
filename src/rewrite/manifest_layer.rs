//! Put what a project depends on into a layer of its own: manifests first, the install, then the source. The copy of the
//! source moves behind the install; of a RUN that goes on with other things, behind its install.
use super::fix::Fix;
use super::lines;
use super::module_files::is_plain;
use crate::analysis::dependencies::{LateInstall, late_install};
use crate::analysis::install;
use crate::analysis::invocation::Invocation;
use crate::analysis::path::{base, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::analysis::stage::state_before;
use crate::knowledge::dependency_tools::tools;
use crate::model::command::Command;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::syntax::shell::Link;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// What a fix is made of.
struct Layer<'s, 'l> {
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    late: &'l LateInstall<'s>,
    /// The folder of the manifests in the context.
    dir: String,
    /// Their folder in the image.
    folder: String,
}

/// Where the source goes.
enum Place {
    /// Behind the RUN.
    Behind,
    /// Between two commands of it: what joins them.
    Within(Span),
}

/// The remedies for what comes too late in `stage`; none where none is sure to work.
pub fn stage_fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    late_install(snapshot, stage).and_then(|late| fix(snapshot, stage, &late)).into_iter().collect()
}

fn fix(snapshot: &Snapshot, stage: &Stage, late: &LateInstall) -> Option<Fix> {
    let manifest = &late.manifests[0];
    let (dir, folder) = (paths::parent(&manifest.path).to_owned(), resolve(&manifest.image, ".."));
    let layer = Layer { snapshot, stage, late, dir, folder };
    let only_installs = !late.install.tool.builds || late.install.words.first() == Some(&"restore");
    if !only_installs || !stage.instructions.contains(&late.copy.instruction) || !layer.can_move() {
        return None;
    }
    let lines = layer.copies()?;
    let edits = layer.edits(&layer.place()?, &lines);
    let title = format!("run `{}` before the source is copied", late.install.title(snapshot));
    let made = late.install.tool.made.iter().map(|name| paths::join(&layer.dir, name));
    let (mut safe, facts) = (true, snapshot.facts());
    for path in made {
        // The source would be copied over what was installed, and with it what is there on the host.
        let ignored = facts.is_ignored(&path) == Some(true);
        if !ignored && facts.exists(&path) != Some(false) {
            return None;
        }
        safe &= ignored;
    }
    if safe { Fix::safe(title, edits) } else { Fix::unsafe_(title, edits) }
}

impl Layer<'_, '_> {
    /// True when nothing between the copy and the install needs the source, or changes what the copy means.
    fn can_move(&self) -> bool {
        let (file, text) = (self.snapshot.file(), self.snapshot.text());
        let source = &file.instructions[self.late.copy.instruction];
        let written = &self.snapshot[source.span];
        let absolute =
            source.copy().and_then(|copy| copy.destination.as_ref()).is_some_and(|to| to.raw(text).starts_with('/'));
        let mut between = self.late.copy.instruction + 1..self.late.install.command.instruction;
        source.heredocs.is_empty()
            && self.late.copy.sources.len() == 1
            && between.all(|index| match file.instructions[index].kind {
                Kind::Env | Kind::Arg => !written.contains('$'),
                Kind::Workdir => absolute,
                Kind::Run => self.snapshot.stage(self.stage).commands_of(index).iter().all(installs_tools),
                Kind::Expose | Kind::Label | Kind::User | Kind::Cmd | Kind::Entrypoint => true,
                _ => false,
            })
    }

    /// Where the source can be copied; `None` where the RUN is not simple enough.
    fn place(&self) -> Option<Place> {
        let install = &self.late.install;
        let instruction = &self.snapshot.file().instructions[install.command.instruction];
        if !instruction.heredocs.is_empty() || !matches!(instruction.command()?, Command::Shell(_)) {
            return None;
        }
        let script = install.run.script.as_deref().filter(|script| !script.broken && !script.foreign)?;
        let commands = self.snapshot.stage(self.stage).commands_of(install.command.instruction);
        let plain = |link: Link| matches!(link, Link::First | Link::And | Link::Then);
        if script.commands.len() != commands.len() || !script.commands.iter().all(|c| c.group == 0 && plain(c.link)) {
            return None;
        }
        let at = commands.iter().position(|command| command.span == install.command.span)?;
        let is_harmless = |command: &&Invocation| installs_tools(command) || command.name == "cd";
        if !commands[..at].iter().all(|command| is_harmless(&command)) {
            return None;
        }
        let more = commands[at + 1..].iter().take_while(is_harmless).count();
        let Some(next) = commands.get(at + 1 + more) else { return Some(Place::Behind) };
        let between = Span::new(commands[at + more].span.end, next.span.start);
        let joint =
            self.snapshot[between].bytes().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'&' | b'\\'));
        let moves = commands[..=at + more].iter().any(|command| command.name == "cd");
        (joint && !moves && script.commands[at + 1 + more].link == Link::And).then_some(Place::Within(between))
    }

    /// The COPY lines of what the install reads; `None` where a name can't be written.
    fn copies(&self) -> Option<Vec<String>> {
        let tool = self.late.install.tool;
        let facts = self.snapshot.facts();
        let mut names: Vec<&str> = Vec::new();
        for manifest in &self.late.manifests {
            let name = base(&manifest.path);
            let includes = facts.manifest(&manifest.path).is_none_or(|found| !found.includes.is_empty());
            if includes || base(&manifest.image) != name || paths::parent(&manifest.path) != self.dir {
                return None;
            }
            names.push(name);
        }
        names.extend(tool.locks.iter().chain(&tool.beside));
        let here = |name: &&str| facts.arrives(&paths::join(&self.dir, name.trim_end_matches('/'))) == Some(true);
        names.retain(|name| here(name) && !self.is_there(name));
        let (folders, files): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| name.ends_with('/'));
        let workdir = state_before(self.snapshot, self.stage, self.late.copy.instruction).workdir;
        let to = self.written(workdir.as_ref().map_or("", String::as_str));
        let sources: Vec<String> = files.into_iter().map(|name| paths::join(&self.dir, name)).collect();
        let groups = (!sources.is_empty()).then(|| (sources.join(" "), to.clone()));
        let folders =
            folders.iter().map(|name| (paths::join(&self.dir, name.trim_end_matches('/')), format!("{to}{name}")));
        let all: Vec<(String, String)> = groups.into_iter().chain(folders).collect();
        let can_be_written = all.iter().all(|(from, to)| from.split(' ').all(is_plain) && is_plain(to));
        can_be_written.then(|| all.iter().map(|(from, to)| self.line(from, to)).collect())
    }

    fn line(&self, from: &str, to: &str) -> String {
        let like = self.late.copy.instruction;
        let flags = self.snapshot.file().instructions[like].flags.iter();
        let kept = flags.filter(|flag| matches!(&self.snapshot[flag.name], "chown" | "chmod" | "link"));
        let words: Vec<&str> = kept.map(|flag| &self.snapshot[flag.span]).chain([from, to]).collect();
        lines::line(self.snapshot, like, Kind::Copy, &words.join(" "))
    }

    /// True for a file that is in the image in front of the source.
    fn is_there(&self, name: &str) -> bool {
        let path = resolve(&self.folder, name);
        let before = self.late.copy.instruction;
        matches!(source::origin(self.snapshot, self.stage, before, &[], &path), Origin::Context(..))
    }

    /// The folder of the manifests as a destination, with a slash at its end.
    fn written(&self, workdir: &str) -> String {
        match relative(&self.folder, workdir).filter(|_| workdir.len() > 1) {
            Some("") => "./".to_owned(),
            Some(rest) => format!("./{rest}/"),
            None => format!("{}/", self.folder.trim_end_matches('/')),
        }
    }

    fn edits(&self, place: &Place, copies: &[String]) -> Vec<Edit> {
        let (snapshot, index) = (self.snapshot, self.late.copy.instruction);
        let instruction = &snapshot.file().instructions[index];
        let block = lines::block(snapshot, index);
        let comments = snapshot[Span::new(block.start, instruction.span.start)].lines().map(str::trim);
        let mut source: Vec<String> = comments.filter(|line| line.starts_with('#')).map(str::to_owned).collect();
        source.push(snapshot[instruction.span].trim_end().to_owned());
        let (eol, indent) = (lines::eol(snapshot), lines::indent(snapshot, index));
        let joint = format!("{eol}{indent}");
        let mut edits = match copies {
            [] => lines::delete(snapshot, &[index]),
            copies => vec![Edit::replace(block, format!("{indent}{}", copies.join(&joint)))],
        };
        let run = self.late.install.command.instruction;
        edits.push(match place {
            Place::Behind => lines::insert_after(snapshot, run, &source),
            Place::Within(between) => {
                let run = &snapshot.file().instructions[run];
                let flags = run.flags.iter().map(|flag| flag.span);
                let start: String =
                    std::iter::once(run.keyword).chain(flags).flat_map(|span| [&snapshot[span], " "]).collect();
                Edit::replace(*between, format!("{joint}{}{joint}{start}", source.join(&joint)))
            }
        });
        edits
    }
}

/// Commands that bring tools into the image and have no use for the source.
fn installs_tools(command: &Invocation) -> bool {
    let first = command.args.iter().find(|arg| !arg.prefix.starts_with('-'));
    let global = |flag: &str| command.args.iter().any(|arg| arg.is(flag));
    let by_name = |names: &[&str]| first.is_some_and(|first| names.contains(&first.prefix.as_str()));
    let system = install::read(command).is_some() || command.name == "apt-get" && by_name(&["update", "clean"]);
    let own = !tools(&command.name).is_empty()
        && (by_name(&["cache", "config"]) || by_name(&["install", "i"]) && (global("-g") || global("--global")));
    let lists = command.name == "rm"
        && command.args.iter().all(|arg| {
            arg.prefix.starts_with('-')
                || ["/var/", "/tmp/", "/root/"].iter().any(|folder| arg.prefix.starts_with(folder))
        });
    system || own || lists || command.name == "corepack"
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::analysis::needs::needs;
    use crate::project::{Memory, scan};

    #[test]
    fn keeps_line_ends_comments_and_flags() {
        let text = "from node:22\r\nworkdir /app\r\n# all of it\r\ncopy --link . .\r\nrun --mount=type=cache,target=/root/.npm npm ci \\\r\n  && npm run build";
        let files = Memory::new([
            ("/p/package.json", r#"{"dependencies":{"a":"1"}}"#),
            ("/p/package-lock.json", "{}"),
            ("/p/.dockerignore", "node_modules"),
            ("/p/a.js", ""),
            ("/p/Dockerfile", text),
        ]);
        let plain = Snapshot::of_text(text);
        let facts = scan(&files, Path::new("/p/Dockerfile"), Some(Path::new("/p")), &needs(&plain), None);
        let snapshot = plain.with(Arc::new(facts), Arc::default());
        let fixes = stage_fixes(&snapshot, &snapshot.file().stages[0]);
        let fixed = fixes[0].here().apply(text);
        let expected = "from node:22\r\nworkdir /app\r\ncopy --link package.json package-lock.json ./\r\nrun --mount=type=cache,target=/root/.npm npm ci\r\n# all of it\r\ncopy --link . .\r\nrun --mount=type=cache,target=/root/.npm npm run build";
        assert_eq!(fixed, expected);
    }
}
