//! The image that the program is put into.
use crate::analysis::go::{GoCommand, Linkage};
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::ImageState;
use crate::knowledge::cgo_modules::Phase;
use crate::knowledge::distros::{Distro, Libc, PackageManager};
use crate::knowledge::packages::{package_provides, packages_for};
use crate::model::stage::Stage;
use crate::rewrite::final_base::{self, IN_DISTROLESS_CC, Wants};
use crate::rewrite::needs::{self, Needs};
use crate::rewrite::{packages, shipping};
use crate::settings::FinalBase;

/// The final image and what has to be done so that the program runs in it.
#[derive(Clone, Debug)]
pub struct Base {
    /// The reference behind FROM.
    pub image: String,
    /// What our table says of it.
    pub state: ImageState,
    /// The program must be built without cgo to be static, and nothing speaks against it.
    pub cgo_off: bool,
    /// Packages to install there.
    pub packages: Vec<String>,
}

/// What the program asks for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The commands that build what is shipped.
    pub commands: Vec<GoCommand>,
    /// A shell text starts it or checks its health.
    pub shell: bool,
    /// A script of the project starts it: it may want any tool of the old image's distribution.
    pub script: bool,
    /// Programs that HEALTHCHECK or the start call.
    pub tools: Vec<String>,
    /// Time zones are looked up.
    pub time_zones: bool,
}

/// Chooses the image; `None` where none of those that we know will do.
pub fn choose(snapshot: &Snapshot, stage: &Stage, request: &Request) -> Option<Base> {
    let builder = &snapshot.stage(stage).end;
    let needs = needs::of(snapshot, stage, &request.commands.iter().collect::<Vec<_>>());
    if draws(&needs) {
        return None;
    }
    let (is_static, cgo_off) = match request.commands.as_slice() {
        // make builds it: the variable tells what it sees.
        [] => (builder.env.known("CGO_ENABLED") == Some("0"), false),
        _ => linkage(request, &needs),
    };
    if !is_static && !cgo_off && links_unknown_libraries(snapshot, stage, request, &needs) {
        return None;
    }
    let mut wanted = runtime_packages(builder, &needs);
    let plain = |name: &String| matches!(name.as_str(), "ca-certificates" | "tzdata");
    let same_distro = request.script || !wanted.iter().all(plain);
    let needs_tools = request.tools.iter().any(|tool| !comes_with_alpine(tool));
    let shell = request.shell || same_distro || needs_tools || !request.tools.is_empty();
    let image = if same_distro {
        final_base::for_dynamic(
            builder,
            Wants { shell: true, same_release: !wanted.iter().all(plain), ..Wants::default() },
        )?
    } else if is_static {
        static_image(snapshot, builder, shell, request.time_zones)?
    } else {
        dynamic_image(snapshot, builder, shell, &needs)?
    };
    let state = shipping::image_state(&image);
    wanted.retain(|name| !plain(name));
    let manager = state.package_manager().as_ref().copied().unwrap_or(PackageManager::None);
    let extra = extra_packages(&state, manager, &wanted, request)?;
    wanted.extend(extra);
    Some(Base { image, state, cgo_off, packages: wanted })
}

/// Programs that draw need a screen, and more than a program.
fn draws(needs: &Needs) -> bool {
    let packages = needs.packages(PackageManager::Apt, Phase::Build, false);
    packages.iter().any(|name| name.starts_with("libx11") || name.starts_with("libgl") || *name == "xorg-dev")
}

/// True when the program is linked to libraries of which we don't know the packages that a final image needs.
fn links_unknown_libraries(snapshot: &Snapshot, stage: &Stage, request: &Request, needs: &Needs) -> bool {
    let analysis = snapshot.stage(stage);
    let flags = request.commands.iter().filter_map(|command| command.variable("CGO_LDFLAGS"));
    let named = flags.into_iter().any(|flags| flags.as_ref().is_none_or(|flags| flags.contains("-l")));
    let manager = analysis.end.package_manager().as_ref().copied().unwrap_or(PackageManager::None);
    let known = needs.packages(manager, Phase::Build, false);
    let is_library = |name: &str| {
        (name.ends_with("-dev") || name.ends_with("-devel"))
            && package_provides(manager, name).is_empty()
            && !known.contains(&name)
            && !name.starts_with("linux-")
    };
    named
        || analysis.end.packages.names().any(is_library)
        || analysis.commands.iter().any(|command| command.name == "dpkg")
}

/// Is what the commands build static, and does it become so without cgo?
fn linkage(request: &Request, needs: &Needs) -> (bool, bool) {
    let all = |linkage| request.commands.iter().all(|command| command.linkage(needs.cgo) == linkage);
    if all(Linkage::Static) {
        return (true, false);
    }
    let may_be_off = |command: &GoCommand| {
        let mode = command.flag("-buildmode").is_none();
        command.variable("CGO_ENABLED").is_none() && mode && command.flag("-race").is_none()
    };
    let off = needs.cgo == Answer::No && request.commands.iter().all(may_be_off);
    (off, off)
}

/// A program that only the build uses: what it brings, by our table.
const BUILD_TOOLS: [&str; 22] = [
    "c-compiler",
    "c++-compiler",
    "clang",
    "musl-gcc",
    "other-compiler",
    "libc-headers",
    "musl-headers",
    "make",
    "cmake",
    "ninja",
    "git",
    "hg",
    "svn",
    "ssh",
    "pkg-config",
    "curl",
    "wget",
    "unzip",
    "go",
    "other-go",
    "protoc",
    "upx",
];

/// The packages of the old image that the program may use, and those that the modules' C libraries need.
fn runtime_packages(builder: &ImageState, needs: &Needs) -> Vec<String> {
    let Some(manager) = builder.package_manager().as_ref().copied() else { return Vec::new() };
    let is_build = |name: &str| {
        let tools = package_provides(manager, name);
        let is_tool = !tools.is_empty() && tools.iter().all(|tool| BUILD_TOOLS.contains(tool));
        is_tool
            || name.ends_with("-dev")
            || name.ends_with("-devel")
            || name.ends_with("-headers")
            || name == "binutils"
    };
    let mut wanted: Vec<String> = builder.packages.names().filter(|name| !is_build(name)).map(str::to_owned).collect();
    let t64 = builder.image().is_some_and(crate::knowledge::base_images::BaseImage::has_t64_names);
    for library in needs.packages(manager, Phase::Run, t64) {
        let in_cc = manager == PackageManager::Apt && IN_DISTROLESS_CC.contains(&library);
        if !in_cc && !wanted.iter().any(|name| name == library) {
            wanted.push(library.to_owned());
        }
    }
    wanted
}

/// BusyBox has it.
fn comes_with_alpine(tool: &str) -> bool {
    shipping::image_state(&final_base::alpine(None)).has_command(tool) == Answer::Yes
}

fn static_image(snapshot: &Snapshot, builder: &ImageState, shell: bool, time_zones: bool) -> Option<String> {
    let version = |distro| {
        let is_it = builder.distro().is(|known| *known == distro);
        builder.image().filter(|_| is_it).and_then(|image| image.version.clone())
    };
    let no_zones = builder.image().and_then(|image| image.tzdata) != Some(true);
    match snapshot.settings().actions.final_base {
        FinalBase::Debian => {
            final_base::debian_slim(version(Distro::Debian).as_deref().unwrap_or(final_base::newest_debian()))
        }
        FinalBase::Alpine => Some(final_base::alpine(version(Distro::Alpine).as_deref())),
        _ if shell => Some(final_base::alpine(version(Distro::Alpine).as_deref())),
        FinalBase::Chainguard => Some(final_base::CHAINGUARD_STATIC.to_owned()),
        // The zones are copied from the old image, where that has some.
        FinalBase::Scratch if !(time_zones && no_zones) => Some("scratch".to_owned()),
        _ => final_base::for_static(Wants { nonroot: true, ..Wants::default() }),
    }
}

fn dynamic_image(snapshot: &Snapshot, builder: &ImageState, shell: bool, needs: &Needs) -> Option<String> {
    let wanted = snapshot.settings().actions.final_base;
    let musl = builder.libc().is(|libc| *libc == Libc::Musl);
    if wanted == FinalBase::Chainguard && !shell && !musl {
        return Some(final_base::CHAINGUARD_GLIBC.to_owned());
    }
    let shell = shell || (wanted == FinalBase::Debian && !musl);
    final_base::for_dynamic(builder, Wants { shell, cpp: needs.cpp(), nonroot: !shell, same_release: false })
}

/// Certificates, time zones and tools that the image lacks; `None` when a tool can't be had.
fn extra_packages(
    state: &ImageState,
    manager: PackageManager,
    present: &[String],
    request: &Request,
) -> Option<Vec<String>> {
    let mut wanted = Vec::new();
    let image = state.image();
    let installs = manager != PackageManager::None;
    if installs && image.and_then(|image| image.ca_certs) == Some(false) {
        wanted.push("ca-certificates".to_owned());
    }
    if installs && request.time_zones && image.and_then(|image| image.tzdata) == Some(false) {
        wanted.push("tzdata".to_owned());
    }
    let is_wanted = |tool: &String| present.iter().any(|name| package_provides(manager, name).contains(&tool.as_str()));
    for tool in request.tools.iter().filter(|tool| state.has_command(tool) != Answer::Yes && !is_wanted(tool)) {
        let packages = packages_for(manager, tool);
        if packages.is_empty() {
            return None;
        }
        wanted.extend(packages.iter().map(|name| (*name).to_owned()));
    }
    Some(packages::missing(state, &wanted.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// True for images that we don't take apart: unknown ones may have triggers, Windows has no image to go to.
pub fn is_refused(builder: &ImageState) -> bool {
    let windows = builder.distro().is(|distro| *distro == Distro::Windows);
    let triggers = builder.reference.as_deref().is_none_or(|reference| reference.contains("onbuild"));
    windows || triggers || builder.image().is_none() || builder.libc() == Known::Unknown
}
