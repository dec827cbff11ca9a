//! A Dockerfile and a .dockerignore for a Go program, from what its project says.
//!
//! The stage that builds is drafted first, as somebody would write it who thinks of nothing but the build; what the analysis
//! says of the draft decides the rest: cgo, the download layer with its caches and its access to private modules, the final image,
//! the files that the program reads.
mod ignore;
pub mod mains;

use std::fmt::Write as _;

use super::lines;
use super::multi_stage::assets::{self, Assets};
use super::multi_stage::base::{self, Base, Request};
use super::multi_stage::root_place;
use super::needs::{self, Needs};
use super::{download_layer, enable_cgo, final_base, module_files, packages, shipping};
use crate::analysis::go::{GoCommand, program_name};
use crate::analysis::known::Answer;
use crate::analysis::module_layer::late_download;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::cgo_modules::Musl;
use crate::knowledge::go_calls::{CallKind, go_call};
use crate::knowledge::golang_tags::supported_minors;
use crate::model::stage::Stage;
use crate::model::value::is_port;
use crate::project::build_tags::Build;
use crate::project::packages::Module;
use crate::project::paths;
use crate::project::walk::Target;
use crate::settings::FinalBase;

/// What is written for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The .dockerignore.
    pub ignore: String,
    /// What its author should know.
    pub notes: Vec<String>,
}

/// The user of distroless images: a number, so that Kubernetes can tell that it is not root.
const USER: &str = "65532:65532";

/// Folders that say nothing of the program in them; it is called after its module.
const NAMELESS: [&str; 4] = ["", "cmd", "main", "src"];

/// Descriptions, as `docker build --call=outline` shows them: they begin with the name.
const GO_VERSION: &str = "# GO_VERSION is the release of Go that compiles the program.";
const VERSION: &str = "# VERSION is what the program says of itself.";
const BUILD: &str = "# build compiles the program.";

/// Writes the files for the main package `dir` of `module`. `snapshot` is a Dockerfile that may be empty, with its project.
///
/// # Errors
/// A sentence that says why there is nothing to write.
pub fn generate(snapshot: &Snapshot, module: &Module, dir: &str) -> Result<Generated, String> {
    let plan = Plan::new(snapshot, module, dir)?;
    let mut draft = Draft { variant: "", cgo: Cgo::Default, packages: Vec::new(), mounts: false };
    let probe = snapshot.with_text(&plan.text(&draft));
    let needs = built(&probe).map(|(stage, command)| needs::of(&probe, stage, &[command]));
    let needs = needs.unwrap_or(Needs { cgo: Answer::Unknown, modules: Vec::new() });
    (draft.variant, draft.cgo) = plan.builder(&needs);
    if draft.cgo == Cgo::Needed {
        let state = snapshot.with_text(&plan.text(&draft));
        let wanted = built(&state).and_then(|(_, command)| enable_cgo::build_packages(&state, command, &needs));
        draft.packages = wanted.unwrap_or_default();
    }
    let build = snapshot.with_text(&plan.text(&draft));
    let (stage, command) = built(&build).ok_or("its build command can't be read")?;
    let assets = assets::find(&build, stage, std::slice::from_ref(command), &plan.home, &[]);
    let mut notes = Vec::new();
    let base = base_for(&build, stage, command, &assets, &mut notes)?;
    let first = with_download_layer(&build, stage).unwrap_or_else(|| {
        draft.mounts = true;
        plan.text(&draft)
    });
    let last = plan.final_stage(&base, &assets);
    let dockerfile = format!("{}\n{}\n\n{}\n", plan.head(&first), first.trim_end(), last.join("\n"));
    if let Some(problem) = snapshot.with_text(&dockerfile).file().problems.first() {
        return Err(format!("what would be written is wrong ({:?})", problem.kind));
    }
    Ok(Generated { dockerfile, ignore: ignore::text(snapshot, module, dir, &assets), notes })
}

/// How cgo is set in the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cgo {
    /// Off: the program is static, and every platform is built from this one.
    Off,
    /// On: the program needs it.
    Needed,
    /// As the image has it.
    Default,
}

/// What may change in the stage that builds.
struct Draft {
    /// Of the golang image: `-alpine`.
    variant: &'static str,
    cgo: Cgo,
    /// What is installed for cgo.
    packages: Vec<String>,
    /// The build has a cache, though nothing is downloaded in front of it.
    mounts: bool,
}

/// What is decided before a line is written.
struct Plan<'s> {
    snapshot: &'s Snapshot,
    module: &'s Module,
    /// The main package.
    dir: &'s str,
    /// The program's name.
    name: String,
    /// The folder of the build in the image: that of go.work, or of the module.
    folder: String,
    /// The folder of the module in the image.
    home: String,
    /// The package, as the build in that folder names it.
    package: String,
    /// The COPY of the source.
    copy: String,
    /// `1.27`
    go: String,
}

impl<'s> Plan<'s> {
    fn new(snapshot: &'s Snapshot, module: &'s Module, dir: &'s str) -> Result<Self, String> {
        let facts = snapshot.facts();
        let import_path = module.import_path(dir).unwrap_or_default();
        let own = program_name(".", Some(&import_path)).filter(|name| !NAMELESS.contains(&name.as_str()));
        let name = own.or_else(|| program_name(".", Some(module.go_mod.path()))).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| format!("{dir}: the program has no name"))?;
        if !module_files::is_plain(&format!("{name}{dir}")) {
            return Err(format!("{dir}: the path has characters that would need quotes"));
        }
        outside(snapshot, module)?;
        let hidden = hidden_file(snapshot, module, dir);
        if let Some(path) = hidden {
            return Err(format!("the ignore file keeps {path} out of the build; dockline init --force writes another"));
        }
        let root = facts.work_for(module).map_or(module.dir.as_str(), |work| work.dir.as_str());
        let alone = facts.local_replaces(module).is_empty() && facts.work_for(module).is_none();
        let copy = match root {
            "" => "COPY . .".to_owned(),
            root if alone => format!("COPY {root}/ ./"),
            _ => "COPY . /src/".to_owned(),
        };
        let package = paths::strip(dir, root).filter(|rest| !rest.is_empty());
        let package = package.map_or_else(|| ".".to_owned(), |rest| format!("./{rest}"));
        let (folder, home) = (resolve("/src", root), resolve("/src", &module.dir));
        // What the module was written with, as long as that is kept up.
        let [oldest, newest] = supported_minors();
        let wanted = facts.required_go(module).map(|go| (go.major, go.minor));
        let go = wanted.filter(|go| *go >= oldest).unwrap_or(newest);
        Ok(Self { snapshot, module, dir, name, folder, home, package, copy, go: format!("{}.{}", go.0, go.1) })
    }

    /// The stage that builds, as one who thinks of nothing else writes it.
    fn text(&self, draft: &Draft) -> String {
        let cross = draft.cgo == Cgo::Off;
        let platform = if cross { "--platform=$BUILDPLATFORM " } else { "" };
        let variant = draft.variant;
        let mut text = format!(
            "{GO_VERSION}\nARG GO_VERSION={}\n\n{BUILD}\nFROM {platform}golang:${{GO_VERSION}}{variant} AS build\n",
            self.go
        );
        if !draft.packages.is_empty() {
            let _ = writeln!(text, "RUN {}", self.install(variant, &draft.packages));
        }
        let _ = writeln!(text, "WORKDIR {}\n{}", self.folder, self.copy);
        if cross {
            text.push_str("ARG TARGETOS TARGETARCH\n");
        }
        let version = self.version();
        if version.is_some() {
            let _ = writeln!(text, "{VERSION}\nARG VERSION=dev");
        }
        text.push_str("RUN ");
        if draft.mounts {
            let modules = self.module.vendor.is_none() && !self.module.go_mod.requires.is_empty();
            text.push_str(if modules { "--mount=type=cache,target=/go/pkg/mod " } else { "" });
            text.push_str("--mount=type=cache,target=/root/.cache/go-build \\\n    ");
        }
        text.push_str(match draft.cgo {
            Cgo::Off => "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \\\n    ",
            Cgo::Needed => "CGO_ENABLED=1 ",
            Cgo::Default => "",
        });
        let vendor = if self.module.vendor.is_some() { "-mod=vendor " } else { "" };
        let set = version.map_or_else(String::new, |name| format!(" -X main.{name}=${{VERSION}}"));
        let package = &self.package;
        let _ = writeln!(text, "go build {vendor}-trimpath -ldflags=\"-s -w{set}\" -o /out/{} {package}", self.name);
        text
    }

    /// The variable of the program that takes its version from outside; one that holds a release keeps it.
    fn version(&self) -> Option<&'s str> {
        let package = self.module.packages.get(self.dir)?;
        let variable = package.selected(&Build::default()).find_map(|file| file.source.version.as_ref())?;
        let is_release = variable.value.contains(|c: char| matches!(c, '1'..='9'));
        (!is_release).then_some(variable.name.as_str())
    }

    fn install(&self, variant: &str, names: &[String]) -> String {
        let state = shipping::image_state(&format!("golang:{}{variant}", self.go));
        let manager = state.package_manager().as_ref().copied();
        manager.and_then(|manager| packages::install_command(manager, names)).unwrap_or_default()
    }

    /// The variant of the golang image, and cgo.
    fn builder(&self, needs: &Needs) -> (&'static str, Cgo) {
        let glibc = needs.modules.iter().any(|module| module.musl != Musl::Yes);
        let alpine = self.snapshot.settings().actions.final_base == FinalBase::Alpine;
        match needs.cgo {
            Answer::No => (if alpine { "-alpine" } else { "" }, Cgo::Off),
            Answer::Yes => (if alpine && !glibc { "-alpine" } else { "" }, Cgo::Needed),
            Answer::Unknown => ("", Cgo::Default),
        }
    }

    /// The lines in front of the first instruction: how it is built.
    fn head(&self, build: &str) -> String {
        let id = build.split("type=secret,id=").nth(1).and_then(|rest| rest.split([',', ' ']).next());
        let secret = match id {
            Some("netrc") => " --secret id=netrc,src=$HOME/.netrc".to_owned(),
            Some(id) => format!(" --secret id={id}"),
            None if build.contains("--mount=type=ssh") => " --ssh default".to_owned(),
            None => String::new(),
        };
        format!("# docker build{secret} -t {} .\n#", self.name.to_lowercase())
    }

    fn final_stage(&self, base: &Base, assets: &Assets) -> Vec<String> {
        let built = format!("/out/{}", self.name);
        let reads = !assets.paths.is_empty();
        let place = if reads { format!("/app/{}", self.name) } else { root_place(&built) };
        let mut found = vec![format!("FROM {}", base.image)];
        if reads {
            found.push("WORKDIR /app".to_owned());
        }
        if let Some(manager) = base.state.package_manager().as_ref().filter(|_| !base.packages.is_empty()) {
            found.extend(packages::install_command(*manager, &base.packages).map(|run| format!("RUN {run}")));
        }
        let copy = |from: &str, to: &str| format!("COPY --from=build {from} {to}");
        if base.image == "scratch" {
            found.push(copy("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/"));
            if assets.time_zones {
                found.push(copy("/usr/share/zoneinfo", "/usr/share/zoneinfo"));
            }
        }
        found.push(copy(&built, &place));
        for path in &assets.paths {
            let from = resolve(&self.home, path);
            let written = assets.written.contains(path);
            let owner = if written { format!(" --chown={USER}") } else { String::new() };
            found.push(format!("COPY --from=build{owner} {from} ./{path}"));
        }
        if assets.env_file {
            found.push("# .env is not copied: docker run --env-file .env".to_owned());
        }
        found.extend(self.ports().iter().map(|port| format!("EXPOSE {port}")));
        // There is no program in the image that could ask; Kubernetes and Compose ask from outside.
        found.push("HEALTHCHECK NONE".to_owned());
        found.push(format!("USER {USER}"));
        found.push(format!("ENTRYPOINT [\"{place}\"]"));
        found
    }

    /// The ports that the program listens on, as far as they are written in its own source.
    fn ports(&self) -> Vec<String> {
        let build = Build::default();
        let walk = self.snapshot.facts().walk(self.module, &[self.dir], &build);
        let dirs = walk.reached.iter().filter_map(|reached| match &reached.target {
            Target::Dir(dir) if module_of_project(dir) => Some(dir),
            _ => None,
        });
        let packages = dirs.filter_map(|dir| self.snapshot.facts().package_at(dir));
        let files = packages.flat_map(|package| package.selected(&build).collect::<Vec<_>>());
        let mentions = files.flat_map(|file| &file.source.mentions);
        let listens = mentions.filter(|mention| go_call(&mention.name) == Some(CallKind::Listen));
        let mut ports: Vec<String> = listens.filter_map(|mention| port(mention.literals.last()?)).collect();
        ports.sort_by_key(|port| (port.len(), port.clone()));
        ports.dedup();
        ports
    }
}

/// The only stage of a draft, and its build command.
fn built(draft: &Snapshot) -> Option<(&Stage, &GoCommand)> {
    let stage = draft.file().stages.first()?;
    Some((stage, draft.stage(stage).go.last()?))
}

/// The image that ships the program.
fn base_for(
    draft: &Snapshot,
    stage: &Stage,
    command: &GoCommand,
    assets: &Assets,
    notes: &mut Vec<String>,
) -> Result<Base, String> {
    if needs::of(draft, stage, &[command]).cgo == Answer::Unknown {
        let note = "whether the program needs cgo is not known: it is built with cgo, for an image with glibc";
        notes.push(note.to_owned());
    }
    let request = Request { commands: vec![command.clone()], time_zones: assets.time_zones, ..Request::default() };
    if let Some(base) = base::choose(draft, stage, &request) {
        return Ok(base);
    }
    let wants = final_base::Wants { shell: true, ..final_base::Wants::default() };
    let image = final_base::for_dynamic(&draft.stage(stage).end, wants).ok_or("no image is known that runs it")?;
    notes.push(format!("the C libraries that the program needs are not known: install them in {image} too"));
    Ok(Base { state: shipping::image_state(&image), image, cgo_off: false, packages: Vec::new() })
}

/// The draft with a download layer and caches; `None` where nothing is to be downloaded.
fn with_download_layer(draft: &Snapshot, stage: &Stage) -> Option<String> {
    let late = late_download(draft, stage)?;
    let fixes = download_layer::fixes(draft, &late);
    let fix = fixes.iter().find(|fix| fix.title.contains("cache mounts"))?;
    Some(fix.here().apply(draft.text()))
}

fn module_of_project(dir: &str) -> bool {
    !dir.split('/').any(|part| part == "vendor")
}

/// The port of an address that others can reach: `:8080`, `0.0.0.0:8080`.
fn port(address: &str) -> Option<String> {
    let (host, port) = address.rsplit_once(':')?;
    let open = matches!(host, "" | "0.0.0.0" | "[::]");
    (open && port != "0" && !port.contains('-') && !port.is_empty() && is_port(port)).then(|| port.to_owned())
}

/// What the build needs has to lie in the context.
fn outside(snapshot: &Snapshot, module: &Module) -> Result<(), String> {
    let facts = snapshot.facts();
    let gone = facts.local_replaces(module).into_iter().find(|(_, dir)| dir.is_none());
    if let Some((path, _)) = gone {
        return Err(format!(
            "go.mod replaces {path} by a folder outside this one, which a build can't see: start in a folder that holds both"
        ));
    }
    let work = facts.work_for(module);
    if work.is_some_and(|work| work.module_dirs().any(|dir| dir.is_none())) {
        return Err(
            "go.work uses a folder outside this one, which a build can't see: start in a folder that holds all".into(),
        );
    }
    Ok(())
}

/// What the build needs and an ignore file keeps out.
fn hidden_file(snapshot: &Snapshot, module: &Module, dir: &str) -> Option<String> {
    let build = Build::default();
    let files = module.packages.get(dir).into_iter().flat_map(|package| package.selected(&build));
    let sources = files.map(|file| paths::join(dir, &file.name));
    let mut needed = std::iter::once(paths::join(&module.dir, "go.mod")).chain(sources);
    needed.find(|path| snapshot.facts().is_ignored(path) == Some(true))
}

/// An empty Dockerfile with the whole text in it, as its line ends are.
pub fn in_place(snapshot: &Snapshot, text: &str) -> String {
    let eol = lines::eol(snapshot);
    if eol == "\n" { text.to_owned() } else { text.replace('\n', eol) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        let open = ["", "0.0.0.0", "[::]"].map(|host| port(&format!("{host}:8080")));
        assert_eq!(open, [const { Some("8080") }; 3].map(|port: Option<&str>| port.map(str::to_owned)));
        for closed in ["localhost:80", "127.0.0.1:80", ":http", ":0", ":", "tcp", ":99999", ":80-90"] {
            assert_eq!(port(closed), None, "{closed}");
        }
    }
}
