//! What a build does not need: the lines of a .dockerignore.
use crate::analysis::snapshot::Snapshot;
use crate::project::Dockerignore;
use crate::project::build_tags::Build;
use crate::project::packages::{Module, Package};
use crate::project::paths;
use crate::project::walk::Target;
use crate::rewrite::multi_stage::assets::Assets;

/// Each with a blank line behind it; the first line of a group says what it is.
const GROUPS: [&[&str]; 4] = [
    &[
        "# history, settings of editors and of CI",
        ".git",
        ".github",
        ".gitlab-ci.yml",
        ".idea",
        ".vscode",
        "**/.DS_Store",
    ],
    &[
        "# how the image is built",
        "Dockerfile*",
        "*.Dockerfile",
        ".dockerignore",
        "compose*.y*ml",
        "docker-compose*.y*ml",
    ],
    &["# documents and tests", "*.md", "**/*_test.go", "**/testdata", "coverage.*", "*.out"],
    &["# what is made here, and what is private", "bin/", "dist/", "tmp/", "**/node_modules", ".env", ".env.*"],
];

/// So many paths below embedded folders are looked at.
const MAX_BELOW: usize = 5_000;

/// The text for the program `dir` of `module`: no line in it keeps out what the build or the program reads.
pub fn text(snapshot: &Snapshot, module: &Module, dir: &str, assets: &Assets) -> String {
    let needed = needed(snapshot, module, dir, assets);
    let harmless = |line: &&&str| {
        let pattern = Dockerignore::parse(line);
        line.starts_with('#') || !needed.iter().any(|path| pattern.excludes(path))
    };
    let groups = GROUPS.iter().map(|group| group.iter().filter(harmless).copied().collect::<Vec<_>>());
    let groups = groups.filter(|group| group.len() > 1).map(|group| format!("{}\n", group.join("\n")));
    groups.collect::<Vec<_>>().join("\n")
}

/// The paths of the context that have to arrive.
fn needed(snapshot: &Snapshot, module: &Module, dir: &str, assets: &Assets) -> Vec<String> {
    let facts = snapshot.facts();
    let mut found: Vec<String> = Vec::new();
    for other in facts.modules.iter() {
        found.extend(["go.mod", "go.sum", "vendor/modules.txt"].map(|name| paths::join(&other.dir, name)));
    }
    found.extend(["go.work", "go.work.sum"].map(str::to_owned));
    let build = Build::default();
    for reached in facts.walk(module, &[dir], &build).reached {
        if let Target::Dir(dir) = &reached.target
            && let Some(package) = facts.package_at(dir)
        {
            of_package(snapshot, package, &build, &mut found);
        }
    }
    for path in &assets.paths {
        with_below(snapshot, &paths::join(&module.dir, path), &mut found);
    }
    found
}

fn of_package(snapshot: &Snapshot, package: &Package, build: &Build, found: &mut Vec<String>) {
    for file in package.selected(build) {
        found.push(paths::join(&package.dir, &file.name));
        for (pattern, _) in &file.source.embeds {
            let pattern = paths::join(&package.dir, pattern.trim_start_matches("all:"));
            for path in snapshot.facts().glob(&pattern).unwrap_or_default() {
                with_below(snapshot, path, found);
            }
            found.push(pattern);
        }
    }
}

/// A path, and what is in it when it is a folder.
fn with_below(snapshot: &Snapshot, path: &str, found: &mut Vec<String>) {
    let below = snapshot.facts().paths.iter().map(|(path, _)| path);
    let below = below.filter(|other| paths::strip(other, path).is_some());
    found.extend(below.take(MAX_BELOW).map(str::to_owned));
    found.push(path.to_owned());
}
