//! Install OS packages in a stage: appended to an installation that is there, or in a RUN of their own.
use crate::analysis::install::Install;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::ImageState;
use crate::knowledge::distros::PackageManager;
use crate::knowledge::packages::{package_provides, packages_for};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::text::edit::Edit;

use super::lines;

/// The command that installs `packages` and leaves no index behind; `None` where nothing can be installed.
pub fn install_command(manager: PackageManager, packages: &[String]) -> Option<String> {
    let list = packages.join(" ");
    Some(match manager {
        PackageManager::Apk => format!("apk add --no-cache {list}"),
        PackageManager::Apt => format!(
            "apt-get update && apt-get install -y --no-install-recommends {list} && rm -rf /var/lib/apt/lists/*"
        ),
        PackageManager::Dnf => format!("dnf install -y {list} && dnf clean all"),
        PackageManager::Microdnf => format!("microdnf install -y {list} && microdnf clean all"),
        PackageManager::Yum => format!("yum install -y {list} && yum clean all"),
        PackageManager::Tdnf => format!("tdnf install -y {list} && tdnf clean all"),
        PackageManager::Zypper => format!("zypper --non-interactive install {list} && zypper clean --all"),
        PackageManager::Pacman => format!("pacman -Sy --noconfirm {list} && pacman -Scc --noconfirm"),
        PackageManager::None => return None,
    })
}

/// The instructions that install `packages` right behind the FROM of `stage`; as root, where the image has another user.
pub fn install_lines(snapshot: &Snapshot, stage: &Stage, packages: &[String]) -> Option<Vec<String>> {
    let start = &snapshot.stage(stage).start;
    let command = install_command(*start.package_manager().as_ref()?, packages)?;
    let run = lines::line(snapshot, stage.from, Kind::Run, &command);
    let user = start.user.as_ref().filter(|_| start.is_root() == Answer::No);
    Some(match user {
        Some(user) => vec![
            lines::line(snapshot, stage.from, Kind::User, "root"),
            run,
            lines::line(snapshot, stage.from, Kind::User, user),
        ],
        None => vec![run],
    })
}

/// Those of `packages` that neither the image nor an installation has; `state` is the image at the point in question.
pub fn missing(state: &ImageState, packages: &[&str]) -> Vec<String> {
    let Some(manager) = state.package_manager().as_ref().copied() else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    for package in packages {
        let there = state.packages.contains(package) == Answer::Yes || comes_with(state, manager, package);
        if !there && !found.iter().any(|name| name == package) {
            found.push((*package).to_owned());
        }
    }
    found
}

/// True when the base image, or another package, brings all that `package` is installed for.
fn comes_with(state: &ImageState, manager: PackageManager, package: &str) -> bool {
    let tools = package_provides(manager, package);
    let compiler = state.image().and_then(|image| image.c_compiler) == Some(true);
    let has = |tool: &str| match tool {
        "c-compiler" | "libc-headers" if compiler => true,
        "c++-compiler" => state.has_command("g++") == Answer::Yes || state.installed(tool),
        _ => state.installed(tool) || state.has_command(tool) == Answer::Yes,
    };
    !tools.is_empty() && tools.iter().all(|tool| has(tool))
}

/// Adds `packages` to an installation of `stage` that is done before `before` and lasts until there.
pub fn append(snapshot: &Snapshot, stage: &Stage, packages: &[String], before: u32) -> Option<Vec<Edit>> {
    let analysis = snapshot.stage(stage);
    let manager = *analysis.start.package_manager().as_ref()?;
    let fits = |install: &&Install| {
        install.manager == manager && !install.removes && !install.open && install.span.start < before
    };
    let install = analysis
        .installs
        .iter()
        .rev()
        .filter(fits)
        .find(|install| lasts(analysis.installs.as_slice(), install, before))?;
    Some(insert_words(snapshot, install, packages))
}

/// True when nothing that `install` adds is removed again in front of `before`.
fn lasts(installs: &[Install], install: &Install, before: u32) -> bool {
    let undoes = |other: &&Install| {
        let names = |name: &String| {
            install.group.as_ref() == Some(name) || install.packages.iter().any(|(package, _)| package == name)
        };
        other.removes && other.packages.iter().any(|(name, _)| names(name))
    };
    let between = |other: &&Install| (install.span.end..before).contains(&other.span.start);
    !install.packages.is_empty() && !installs.iter().filter(between).any(|other| undoes(&other))
}

/// Sorted lists stay sorted, lists of one package a line too.
fn insert_words(snapshot: &Snapshot, install: &Install, packages: &[String]) -> Vec<Edit> {
    let present = &install.packages;
    let separator = separator(snapshot, install);
    let one_word_each = present.windows(2).all(|pair| pair[0].1.end < pair[1].1.start);
    let sorted = one_word_each && present.len() > 1 && present.windows(2).all(|pair| pair[0].0 <= pair[1].0);
    let mut added: Vec<&String> = packages.iter().collect();
    if sorted {
        added.sort();
    }
    let end = present.iter().map(|(_, span)| span.end).max().unwrap_or(install.span.end);
    let edit = |package: &&String| match present.iter().find(|(name, _)| sorted && name > *package) {
        Some((_, span)) => Edit::insert(span.start, format!("{package}{separator}")),
        None => Edit::insert(end, format!("{separator}{package}")),
    };
    added.iter().map(edit).collect()
}

/// What stands between two packages: a blank, or a continuation with its indentation.
fn separator(snapshot: &Snapshot, install: &Install) -> String {
    let spans: Vec<_> = install.packages.iter().map(|(_, span)| *span).collect();
    let Some((last, before)) = spans.split_last() else { return " ".to_owned() };
    let from = before.last().map_or(install.span.start, |span| span.end).min(last.start);
    let between = &snapshot.text()[from as usize..last.start as usize];
    match between.rsplit_once('\n') {
        Some((_, indent)) if spans.len() > 1 => {
            format!(" {}{}{indent}", char::from(snapshot.file().escape), lines::eol(snapshot))
        }
        _ => " ".to_owned(),
    }
}

/// The packages of another distribution that bring what `package` brings; `None` when that is not known.
pub fn translated(package: &str, from: PackageManager, to: PackageManager) -> Option<Vec<&'static str>> {
    let tools = package_provides(from, package);
    let mut packages = Vec::new();
    for tool in tools {
        let of_tool = packages_for(to, tool);
        if of_tool.is_empty() {
            return None;
        }
        packages.extend(of_tool.iter().copied().filter(|name| !packages.contains(name)).collect::<Vec<_>>());
    }
    (!tools.is_empty()).then_some(packages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edit::EditSet;

    fn appended(text: &str, packages: &[&str]) -> Option<String> {
        let snapshot = Snapshot::of_text(text);
        let stage = &snapshot.file().stages[0];
        let packages: Vec<String> = packages.iter().map(|name| (*name).to_owned()).collect();
        let before = snapshot.stage(stage).go.first().map_or(text.len() as u32, |go| go.span.start);
        Some(EditSet::new(append(&snapshot, stage, &packages, before)?).unwrap().apply(text))
    }

    #[test]
    fn appends() {
        let run = |list: &str| format!("FROM golang:1.27-alpine\nRUN apk add --no-cache {list}\nRUN go build\n");
        assert_eq!(appended(&run("git"), &["gcc", "musl-dev"]), Some(run("git gcc musl-dev")));
        assert_eq!(
            appended(&run("bash git tzdata"), &["gcc", "musl-dev", "zip"]),
            Some(run("bash gcc git musl-dev tzdata zip"))
        );
        assert_eq!(appended(&run("tzdata git"), &["gcc"]), Some(run("tzdata git gcc")));
        assert_eq!(
            appended(&run("\\\n    git \\\n    # zones\n    tzdata"), &["gcc", "zip"]),
            Some(run("\\\n    gcc \\\n    git \\\n    # zones\n    tzdata \\\n    zip"))
        );
    }

    #[test]
    fn not_to_what_is_removed_again() {
        assert_eq!(
            appended("FROM golang:1.27-alpine\nRUN apk add --virtual .b git && apk del .b\nRUN go build\n", &["gcc"]),
            None
        );
        let same_run = "FROM golang:1.27-alpine\nRUN apk add --virtual .b git && go build && apk del .b\n";
        assert_eq!(appended(same_run, &["gcc"]), Some(same_run.replace("git", "git gcc")));
        assert_eq!(appended("FROM golang:1.27-alpine\nRUN go build\nRUN apk add git\n", &["gcc"]), None);
    }

    #[test]
    fn knows_what_is_there() {
        let snapshot = Snapshot::of_text("FROM golang:1.27\nFROM golang:1.27-alpine\nRUN apk add build-base\n");
        let wanted = ["g++", "gcc", "libc6-dev", "libvips-dev", "pkg-config"];
        assert_eq!(missing(&snapshot.stages()[0].end, &wanted), ["libvips-dev"]);
        assert_eq!(missing(&snapshot.stages()[1].end, &["gcc", "musl-dev", "pkgconf"]), ["pkgconf"]);
    }

    #[test]
    fn translates() {
        let apk_to_apt = |package| translated(package, PackageManager::Apk, PackageManager::Apt);
        assert_eq!(apk_to_apt("ca-certificates"), Some(vec!["ca-certificates"]));
        assert_eq!(apk_to_apt("ffmpeg"), None);
    }
}
