//! Cross-compile with cgo: the scripts of tonistiigi/xx call Go and the C compiler for the platform of the image.
use super::command::{install, is_understood, takes_assignments};
use super::{Group, platform_edit, products};
use crate::analysis::env::Origin;
use crate::analysis::go::{GoCommand, Linkage};
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::{Musl, Phase};
use crate::knowledge::distros::{Distro, PackageManager};
use crate::knowledge::packages::package_provides;
use crate::knowledge::xx::{self, XxNeeds};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::fix::Fix;
use crate::rewrite::module_files::is_plain;
use crate::rewrite::needs::{self, Needs};
use crate::rewrite::{env_pairs, go_flags, lines, packages, run_script};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The name of the stage that brings the scripts.
const STAGE: &str = "xx";

/// What chooses a compiler, which the scripts do by themselves.
const COMPILERS: [&str; 5] = ["AR", "CC", "CXX", "PKG_CONFIG", "PKG_CONFIG_PATH"];

/// Cross-compiles what `stage` builds with cgo; `None` where nothing of it needs cgo, or it can't be written.
pub fn fix(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    let group = Group::of(snapshot, stage)?;
    let builds = Builds::of(snapshot, &group)?;
    let platform = platform_edit(snapshot, &group)?;
    let moves = !platform.is_empty();
    if moves && products::has_tools(snapshot, &group) || !products::are_all(snapshot, &group) {
        return None;
    }
    let mut edits = platform;
    edits.extend(builds.scripts(&group)?);
    edits.extend(builds.packages()?);
    let mut gone = Vec::new();
    for command in &builds.commands {
        edits.extend(builds.command(command, &mut gone)?);
    }
    edits.extend(env_pairs::delete(snapshot, &group.stages, &gone)?);
    let fix = Fix::unsafe_("cross-compile with cgo by the scripts of tonistiigi/xx", edits)?;
    let after = snapshot.with_edits(&fix.here());
    (after.file().problems.len() <= snapshot.file().problems.len()).then_some(fix)
}

/// The builds of one stage, and what they need.
struct Builds<'s> {
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    commands: Vec<&'s GoCommand>,
    needs: Needs,
    manager: PackageManager,
    xx: XxNeeds,
}

impl<'s> Builds<'s> {
    /// `None` unless all builds of `group` are in one stage, which the scripts know, and cgo is needed.
    fn of(snapshot: &'s Snapshot, group: &Group<'s>) -> Option<Self> {
        let (stage, first) = *group.builds.first()?;
        let commands: Vec<&GoCommand> = group.builds.iter().map(|(_, command)| *command).collect();
        let fits = |(other, command): &(&Stage, &GoCommand)| {
            other.index == stage.index
                && snapshot[command.command.name_span] == *"go"
                && is_understood(snapshot, stage, command)
                && command.flag("-race").is_none()
                && !COMPILERS.iter().any(|name| command.command.env.get(name).is_some())
        };
        let state = &first.state;
        let known = state.distro().is(|it| matches!(it, Distro::Alpine | Distro::Debian | Distro::Ubuntu));
        let is_user = |(_, it): (usize, &crate::model::instruction::Instruction)| it.kind == Kind::User;
        let as_root = state.is_root() == Answer::Yes && !snapshot.file().stage_instructions(stage).any(is_user);
        if !group.builds.iter().all(fits) || !known || !as_root {
            return None;
        }
        let manager = state.package_manager().as_ref().copied()?;
        let needs = needs::of(snapshot, stage, &commands);
        let set = |command: &&GoCommand| command.command.env.known("CGO_ENABLED") == Some("1");
        let no_musl = manager == PackageManager::Apk && needs.modules.iter().any(|module| module.musl == Musl::No);
        if needs.cgo != Answer::Yes && !commands.iter().any(set) || no_musl {
            return None;
        }
        Some(Self { snapshot, stage, commands, needs, manager, xx: xx::needs(manager)? })
    }

    /// The scripts, and the compiler that they call; it runs on the builder.
    fn scripts(&self, group: &Group) -> Option<Vec<Edit>> {
        let snapshot = self.snapshot;
        let stages = &snapshot.file().stages;
        let mut edits = Vec::new();
        let image = xx::image();
        let repository = image.split(':').next().unwrap_or(image);
        let brings = |stage: &&Stage| {
            let reference = snapshot.stage(stage).start.reference.as_deref().unwrap_or_default();
            reference.split([':', '@']).next() == Some(repository)
        };
        let from = match stages[..group.root.index].iter().find(brings) {
            Some(stage) => stage.name.clone()?,
            // Another stage in front would move the numbers of all others.
            None if stages.iter().any(|stage| stage.name.as_deref() == Some(STAGE)) || self.has_numbers() => {
                image.to_owned()
            }
            None => {
                let from = &snapshot.file().instructions[group.root.from];
                let lower = lines::keyword(snapshot, from, Kind::From) == "from";
                let named = format!("--platform=$BUILDPLATFORM {image} {} {STAGE}", if lower { "as" } else { "AS" });
                let line = lines::line(snapshot, group.root.from, Kind::From, &named);
                edits.push(lines::insert_before(snapshot, group.root.from, &[line, String::new()]));
                STAGE.to_owned()
            }
        };
        let mut behind_from = vec![lines::line(snapshot, self.stage.from, Kind::Copy, &format!("--from={from} / /"))];
        let first = self.commands.first()?;
        let mut wanted: Vec<&str> = self.xx.build.split(' ').collect();
        wanted.extend(self.of_modules(|tools| tools.contains(&"pkg-config")));
        let wanted = packages::missing(&first.state, &wanted);
        if !wanted.is_empty() {
            match packages::append(snapshot, self.stage, &wanted, first.span.start) {
                Some(appended) => edits.extend(appended),
                None => behind_from.extend(packages::install_lines(snapshot, self.stage, &wanted)?),
            }
        }
        edits.push(lines::insert_after(snapshot, self.stage.from, &behind_from));
        Some(edits)
    }

    /// `COPY --from=0`
    fn has_numbers(&self) -> bool {
        let (file, text) = (self.snapshot.file(), self.snapshot.text());
        let is_number = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        let copied = file.instructions.iter().any(|instruction| {
            let from = instruction.flag(text, "from").and_then(|flag| flag.value.as_ref());
            from.is_some_and(|from| is_number(from.raw(text).trim_matches(['"', '\''])))
        });
        let linked = || self.snapshot.linked(self.stage);
        let mut runs = linked().flat_map(|stage| &self.snapshot.stage(stage).runs);
        copied || runs.any(|run| run.mounts.iter().any(|mount| mount.from().is_some_and(is_number)))
    }

    /// The packages of the modules whose tools are such.
    fn of_modules(&self, fits: impl Fn(&[&str]) -> bool) -> Vec<&'static str> {
        let packages = self.needs.packages(self.manager, Phase::Build, false);
        packages.into_iter().filter(|package| fits(package_provides(self.manager, package))).collect()
    }

    /// Declares the platform and installs for it, in front of the source: neither changes with it.
    fn packages(&self) -> Option<Vec<Edit>> {
        let snapshot = self.snapshot;
        let first = self.commands.first()?;
        let env = &first.command.env;
        let chosen = ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"];
        if chosen.iter().any(|name| env.known(name).is_some()) {
            return None;
        }
        let declared = env.get("TARGETPLATFORM").map(|variable| variable.span.unwrap_or(first.span).start);
        let mut at = self.in_front_of_source(first.instruction);
        if declared.is_some_and(|declared| declared > snapshot.file().instructions[at].span.start) {
            at = first.instruction;
        }
        let install = format!("{} {}", self.xx.install, self.target_packages()?.join(" "));
        let argument = lines::line(snapshot, first.instruction, Kind::Arg, "TARGETPLATFORM");
        let mut new = Vec::new();
        new.extend(declared.is_none().then_some(argument));
        new.push(lines::line(snapshot, first.instruction, Kind::Run, &install));
        Some(vec![lines::insert_before(snapshot, at, &new)])
    }

    /// The first COPY or ADD of those between the command before RUN `index` and it.
    fn in_front_of_source(&self, index: usize) -> usize {
        let before: Vec<_> =
            self.snapshot.file().stage_instructions(self.stage).filter(|(at, _)| *at < index).collect();
        let quiet = before.iter().rev().take_while(|(_, instruction)| instruction.kind != Kind::Run);
        let copies = quiet.filter(|(_, instruction)| matches!(instruction.kind, Kind::Copy | Kind::Add));
        copies.last().map_or(index, |(at, _)| *at)
    }

    /// What is linked: the libraries of C, those of the modules, and those that the stage has installed for itself.
    fn target_packages(&self) -> Option<Vec<String>> {
        let is_library = |tools: &[&str]| tools.is_empty();
        let mut found: Vec<String> = self.of_modules(is_library).into_iter().map(str::to_owned).collect();
        let chain = source::chain(self.snapshot, self.stage);
        let mut explicit = false;
        for install in chain.iter().flat_map(|stage| &self.snapshot.stage(stage).installs) {
            if install.manager != self.manager || install.removes {
                continue;
            }
            if install.open {
                return None;
            }
            for (name, _) in &install.packages {
                let tools = package_provides(self.manager, name);
                explicit |= tools.contains(&"c++-compiler");
                let library = ["-dev", "-static", "-headers"].iter().any(|ending| name.ends_with(ending));
                if library && is_library(tools) {
                    found.push(name.clone());
                }
            }
        }
        let state = &self.commands.first()?.state;
        let may_be = self.needs.cgo != Answer::Yes && state.has_command("g++") == Answer::Yes;
        let cpp = self.needs.cpp() || explicit && self.needs.modules.is_empty() || may_be;
        let base = if cpp { self.xx.cpp } else { self.xx.c };
        let mut wanted: Vec<String> = base.split(' ').map(str::to_owned).collect();
        for name in found {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        Some(wanted)
    }

    /// `CGO_ENABLED=1 xx-go build …`, without the platform that was chosen, and a look at what comes out.
    fn command(&self, command: &GoCommand, gone: &mut Vec<Span>) -> Option<Vec<Edit>> {
        let snapshot = self.snapshot;
        let mut edits = Vec::new();
        let mut own = Vec::new();
        for name in ["GOOS", "GOARCH", "GOARM", "GOAMD64"] {
            let Some(variable) = command.command.env.get(name) else { continue };
            let span = variable.span?;
            let from_target = snapshot[span].contains("$TARGET") || snapshot[span].contains("${TARGET");
            let assigned = command.command.assignments.iter().any(|(_, assignment)| *assignment == span);
            let constant = variable.value.as_ref();
            if name == "GOOS" && constant.is_some_and(|os| os != "linux" && !os.is_empty()) {
                return None;
            }
            match variable.origin {
                Origin::Shell if assigned && (from_target || constant.is_some()) => own.push(span),
                Origin::Env if constant.is_some() => gone.push(span),
                Origin::Env if from_target => {}
                _ => return None,
            }
        }
        edits.extend(go_flags::delete(snapshot, own));
        let cgo = match (command.command.env.get("CGO_ENABLED").map(|variable| &variable.value), self.needs.cgo) {
            (Some(Known::Known(value)), _) if value == "0" || value == "1" => "",
            (None, Answer::Yes) => "CGO_ENABLED=1 ",
            _ => return None,
        };
        if !cgo.is_empty() && !takes_assignments(snapshot, command) {
            return None;
        }
        edits.push(Edit::replace(command.command.name_span, format!("{cgo}xx-go")));
        let outputs = self.outputs(command);
        if command.verb == "install" {
            edits.extend(install(snapshot, command)?);
        }
        edits.extend(outputs.and_then(|outputs| self.verify(command, &outputs)));
        Some(edits)
    }

    /// The files that `command` writes; `None` where that can't be told for sure.
    fn outputs(&self, command: &GoCommand) -> Option<Vec<String>> {
        let module = source::module_of(self.snapshot, self.stage, command);
        let path = module.and_then(|module| module.module.import_path(&module.cwd));
        let outputs = if command.verb == "install" {
            let folder = super::command::install_folder(command)?;
            let name = |package: &crate::analysis::invocation::Arg| {
                crate::analysis::go::program_name(package.value.as_ref()?, path.as_deref())
            };
            let names: Option<Vec<String>> = command.packages.iter().map(name).collect();
            names?.iter().map(|name| crate::analysis::path::resolve(&folder, name)).collect()
        } else {
            let several = command.packages.len() > 1 || command.packages.iter().any(|it| it.prefix.contains("..."));
            let into_folder = command.flag("-o").is_some_and(|flag| flag.value.is(|value| value.ends_with('/')));
            command.outputs(path.as_deref()).filter(|_| !several || into_folder)?
        };
        (!outputs.is_empty() && outputs.iter().all(|output| is_plain(output))).then_some(outputs)
    }

    fn verify(&self, command: &GoCommand, outputs: &[String]) -> Option<Edit> {
        let snapshot = self.snapshot;
        let is_static = command.linkage(self.needs.cgo) == Linkage::Static;
        let flag = if is_static { "--static " } else { "" };
        let text = format!("xx-verify {flag}{}", outputs.join(" "));
        let edit = run_script::append(snapshot, snapshot.stage(self.stage), &command.command, &text)?;
        // Behind `set -e`, the first of two commands that `&&` joins may fail unseen.
        let script = &snapshot[snapshot.file().instructions[command.instruction].span];
        let guarded = script.contains("set -e") || script.contains("errexit");
        (!guarded || !edit.text.contains("&&")).then_some(edit)
    }
}
