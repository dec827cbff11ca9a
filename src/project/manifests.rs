//! Files that name what a part of the project depends on: package.json, requirements.txt, pom.xml and their like.
//!
//! They are read for one question: does an install need more of the project than this file? In doubt it does.
use serde_json::Value;

use crate::knowledge::dependency_tools;

use super::listing::Listing;
use super::paths;

/// What one of them says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "four facts that have nothing to do with each other")]
pub struct Manifest {
    /// Where it is, relative to the context.
    pub path: String,
    /// It names something that has to be downloaded.
    pub requires: bool,
    /// Other folders and files of the project are parts of it, or that can't be told.
    pub local: bool,
    /// The project's own scripts run when it is installed.
    pub scripts: bool,
    /// The project itself is built when it is installed.
    pub builds: bool,
    /// Further lists that it includes, relative to the context.
    pub includes: Vec<String>,
}

/// True for the path of a manifest: by its name, or as a list in a folder called `requirements`.
pub fn is_manifest(path: &str) -> bool {
    let in_folder = || path.strip_suffix(".txt").is_some() && paths::file_name(paths::parent(path)) == "requirements";
    dependency_tools::is_manifest(paths::file_name(path)) || in_folder()
}

/// Reads a manifest; `listing` is what lies around it.
pub fn read(path: &str, text: &str, listing: &Listing) -> Manifest {
    let mut manifest = Manifest { path: path.to_owned(), ..Manifest::default() };
    match paths::file_name(path) {
        "package.json" => package_json(text, &mut manifest),
        "composer.json" => composer_json(text, &mut manifest),
        "pyproject.toml" => pyproject(text, &mut manifest),
        "Pipfile" => pipfile(text, &mut manifest),
        "Cargo.toml" => cargo(text, &mut manifest),
        "Gemfile" => gemfile(text, &mut manifest),
        "pom.xml" => pom(text, &mut manifest, listing),
        name if name.contains(".gradle") => gradle(text, &mut manifest),
        name if name.ends_with("proj") => msbuild(text, &mut manifest),
        _ => requirements(text, &mut manifest),
    }
    manifest
}

fn object<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn package_json(text: &str, manifest: &mut Manifest) {
    const GROUPS: [&str; 4] = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
    const SCRIPTS: [&str; 7] =
        ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
    const LOCAL: [&str; 8] = ["file:", "link:", "workspace:", "portal:", "patch:", "./", "../", "/"];
    let Ok(root) = serde_json::from_str::<Value>(text) else {
        manifest.local = true;
        return;
    };
    let versions =
        || GROUPS.into_iter().flat_map(|group| object(&root, group)).filter_map(|(_, version)| version.as_str());
    manifest.requires = versions().next().is_some();
    let is_local = |version: &str| LOCAL.iter().any(|start| version.starts_with(start));
    let patched = root.get("pnpm").is_some_and(|pnpm| pnpm.get("patchedDependencies").is_some());
    let shared = ["workspaces", "resolutions", "overrides"].iter().any(|key| {
        let text = root.get(key).map(Value::to_string).unwrap_or_default();
        *key == "workspaces" && !text.is_empty() || text.contains("file:") || text.contains("patch:")
    });
    manifest.local = patched || shared || versions().any(is_local) || root.get("patchedDependencies").is_some();
    manifest.scripts = object(&root, "scripts").any(|(name, _)| SCRIPTS.contains(&name.as_str()));
}

fn composer_json(text: &str, manifest: &mut Manifest) {
    const SCRIPTS: [&str; 4] = ["pre-install-cmd", "post-install-cmd", "pre-autoload-dump", "post-autoload-dump"];
    let Ok(root) = serde_json::from_str::<Value>(text) else {
        manifest.local = true;
        return;
    };
    let mut names = ["require", "require-dev"].into_iter().flat_map(|group| object(&root, group)).map(|(name, _)| name);
    manifest.requires = names.any(|name| name.contains('/'));
    manifest.local = root.get("repositories").is_some_and(|all| all.to_string().contains("\"path\""));
    // Without the plugins themselves nobody knows what they read.
    manifest.local |= root.get("extra").is_some_and(|extra| extra.to_string().contains("patches"));
    manifest.scripts = object(&root, "scripts").any(|(name, _)| SCRIPTS.contains(&name.as_str()));
    let loads = |group: &str| object(&root, group).any(|(kind, _)| matches!(kind.as_str(), "classmap" | "files"));
    manifest.builds = loads("autoload") || loads("autoload-dev");
}

fn pyproject(text: &str, manifest: &mut Manifest) {
    let Ok(root) = text.parse::<toml::Table>() else {
        manifest.local = true;
        return;
    };
    let at = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(root.get(*first)?, |at, key| at.get(key))
    };
    let poetry = at(&["tool", "poetry"]);
    let named = at(&["project", "dependencies"]).and_then(toml::Value::as_array).is_some_and(|all| !all.is_empty());
    let grouped = root.contains_key("dependency-groups");
    let by_poetry = at(&["tool", "poetry", "dependencies"]).and_then(toml::Value::as_table);
    manifest.requires = named || grouped || by_poetry.is_some_and(|all| all.keys().any(|name| name != "python"));
    let local = ["path=", "workspace=", "file:", "file="];
    let squeezed: String = text.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
    let workspace = at(&["tool", "uv", "workspace"]).is_some();
    manifest.local = workspace || local.iter().any(|word| squeezed.contains(word));
    let off = |path: &[&str]| at(path).and_then(toml::Value::as_bool) == Some(false);
    let is_package = root.contains_key("build-system") || poetry.is_some();
    let forced = at(&["tool", "uv", "package"]).and_then(toml::Value::as_bool) == Some(true);
    let is_none = off(&["tool", "uv", "package"]) || off(&["tool", "poetry", "package-mode"]);
    manifest.builds = forced || is_package && !is_none;
}

fn pipfile(text: &str, manifest: &mut Manifest) {
    let Ok(root) = text.parse::<toml::Table>() else {
        manifest.local = true;
        return;
    };
    let some = |group: &str| root.get(group).and_then(toml::Value::as_table).is_some_and(|all| !all.is_empty());
    manifest.requires = some("packages") || some("dev-packages");
    manifest.local = ["path", "editable", "file"].iter().any(|word| text.contains(word));
}

fn cargo(text: &str, manifest: &mut Manifest) {
    let Ok(root) = text.parse::<toml::Table>() else {
        manifest.local = true;
        return;
    };
    let some = |group: &str| root.get(group).and_then(toml::Value::as_table).is_some_and(|all| !all.is_empty());
    manifest.requires = some("dependencies") || some("build-dependencies");
    let squeezed: String = text.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
    let part = squeezed.contains("workspace=true") || squeezed.contains(".workspace=");
    manifest.local = root.contains_key("workspace") || root.contains_key("patch") || part;
    // A library or program may say where its own source is; a dependency in a folder is another matter.
    let groups = ["dependencies", "dev-dependencies", "build-dependencies"];
    let all = groups.iter().filter_map(|group| root.get(*group)?.as_table()).flatten();
    manifest.local |= { all }.any(|(_, dependency)| dependency.get("path").is_some());
}

fn gemfile(text: &str, manifest: &mut Manifest) {
    const READS: [&str; 9] =
        ["path", "gemspec", "eval_gemfile", "File.", "Dir[", "require_relative", "instance_eval", "Pathname", "load "];
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        manifest.requires |= line.starts_with("gem ") || line.starts_with("gem(");
        // `ruby file: ".ruby-version"` reads what is copied with it.
        manifest.local |= READS.iter().any(|word| line.contains(word));
    }
}

fn pom(text: &str, manifest: &mut Manifest, listing: &Listing) {
    manifest.requires = text.contains("<dependency>");
    let own_parent = text.contains("<parent>")
        && paths::join_inside(paths::parent(&manifest.path), "../pom.xml")
            .is_none_or(|parent| listing.exists(&parent) != Some(false))
        && !text.contains("<relativePath/>")
        && !text.contains("<relativePath />");
    let above = text.contains("<relativePath>");
    manifest.local = text.contains("<module>") || text.contains("<systemPath>") || above;
    manifest.local |= own_parent && !paths::parent(&manifest.path).is_empty();
}

fn gradle(text: &str, manifest: &mut Manifest) {
    const PARTS: [&str; 9] = [
        "project(",
        "subprojects",
        "allprojects",
        "apply from",
        "includeBuild",
        "include(",
        "include ",
        "files(",
        "fileTree(",
    ];
    manifest.requires = text.contains("dependencies");
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    manifest.local = lines.any(|line| PARTS.iter().any(|word| line.contains(word)));
}

fn msbuild(text: &str, manifest: &mut Manifest) {
    manifest.requires = text.contains("<PackageReference");
    manifest.local = ["<ProjectReference", "<Import ", "<HintPath", "<Target "].iter().any(|word| text.contains(word));
}

fn requirements(text: &str, manifest: &mut Manifest) {
    let dir = paths::parent(&manifest.path).to_owned();
    for line in text.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let included = ["--requirement", "--constraint", "-r", "-c"].iter().find_map(|flag| line.strip_prefix(flag));
        if let Some(name) = included {
            let name = name.trim_start_matches(['=', ' ', '\t']);
            match paths::join_inside(&dir, name).filter(|_| !name.contains(':')) {
                Some(path) => manifest.includes.push(path),
                None => manifest.local |= !name.contains("://"),
            }
        } else if line.starts_with('-') {
            manifest.local |= line.starts_with("-e") || line.starts_with("--editable") || line.starts_with("-f");
            manifest.local |= line.starts_with("--find-links");
        } else {
            let path = line.starts_with(['.', '/']) || line.contains("file:") || line.contains("@ .");
            let archive = !line.contains("://") && (line.contains(".whl") || line.contains(".tar"));
            manifest.local |= path || archive;
            manifest.requires = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Manifest {
        read(path, text, &Listing::default())
    }

    #[test]
    fn reads_package_json() {
        let plain = of("web/package.json", r#"{"dependencies":{"a":"^1"},"scripts":{"build":"x"}}"#);
        assert!(plain.requires && !plain.local && !plain.scripts);
        assert!(of("package.json", r#"{"dependencies":{"a":"file:../a"}}"#).local);
        assert!(of("package.json", r#"{"workspaces":["packages/*"]}"#).local && of("package.json", "{").local);
        assert!(of("package.json", r#"{"scripts":{"postinstall":"x"}}"#).scripts);
        assert!(!of("package.json", r#"{"name":"x"}"#).requires);
    }

    #[test]
    fn reads_python_lists() {
        let list = of("app/requirements.txt", "# c\nflask==3 # why\n-r base.txt\n-c ../c.txt\n--index-url https://x\n");
        assert!(list.requires && !list.local);
        assert_eq!(list.includes, ["app/base.txt", "c.txt"]);
        for line in ["-e .", "./lib", "x @ file:///a", "a.whl", "-r ../../x.txt", "-f wheels"] {
            assert!(of("a/requirements.txt", line).local, "{line}");
        }
        assert!(is_manifest("requirements/prod.txt") && !is_manifest("docs/a.txt"));
        let uv = of("pyproject.toml", "[project]\ndependencies=['a']\n");
        assert!(uv.requires && !uv.builds && !uv.local);
        assert!(
            of("pyproject.toml", "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\npython='^3'\na='*'\n").builds
        );
        assert!(of("pyproject.toml", "[build-system]\n[tool.uv.sources]\na = { path = 'x' }\n").local);
        assert!(!of("pyproject.toml", "[tool.poetry]\npackage-mode=false\n").builds);
    }

    #[test]
    fn reads_the_others() {
        let gems = of("Gemfile", "source 'x'\ngem 'rails'\n# path\n");
        assert!(gems.requires && !gems.local && of("Gemfile", "gemspec").local);
        assert!(!of("Cargo.toml", "[package]\nname='a'\n[dependencies]\nb='1'\n[lib]\npath='x.rs'\n").local);
        assert!(of("Cargo.toml", "[dependencies]\nb={path='b'}\n").local);
        assert!(of("pom.xml", "<modules><module>a</module></modules>").local);
        assert!(!of("pom.xml", "<parent></parent><dependency></dependency>").local);
        assert!(of("a.csproj", "<ProjectReference Include='b'/>").local);
        assert!(of("settings.gradle", "include 'a'").local && !of("build.gradle", "dependencies { }").local);
        let php = of("composer.json", r#"{"require":{"php":"8","a/b":"1"},"scripts":{"post-autoload-dump":[]}}"#);
        assert!(php.requires && php.scripts && !php.local && !php.builds);
    }
}
