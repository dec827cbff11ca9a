//! Paths inside an image: always with slashes, whatever system dockline runs on.

/// `path` seen from `cwd`, without `.` and `..`; no slash at the end unless it is the root.
pub fn resolve(cwd: &str, path: &str) -> String {
    let cwd = if path.starts_with('/') { "" } else { cwd };
    let mut resolved = String::with_capacity(cwd.len() + path.len() + 1);
    for part in cwd.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => resolved.truncate(resolved.rfind('/').unwrap_or(0)),
            _ => {
                resolved.push('/');
                resolved.push_str(part);
            }
        }
    }
    if resolved.is_empty() {
        resolved.push('/');
    }
    resolved
}

/// A path of the build context, cleaned: no leading slash, no `.`; `..` stops at the root as BuildKit does. The context itself is ``.
pub fn in_context(path: &str) -> String {
    resolve("/", path).trim_start_matches('/').to_owned()
}

/// The last element.
pub fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// True for the file name of a shell.
pub fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash" | "busybox")
}

/// True for the name of a Go file.
pub fn is_go_file(path: &str) -> bool {
    base(path).strip_suffix(".go").is_some()
}

/// True when `path` is `folder` or lies below it; both resolved.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder == "/" || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// `path` below `folder`, without a leading slash; empty for the folder itself.
pub fn relative<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    is_below(path, folder).then(|| path[if folder == "/" { 0 } else { folder.len() }..].trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves() {
        assert_eq!(resolve("/src", "./cmd/../x/"), "/src/x");
        assert_eq!(resolve("/src", "/"), "/");
        assert_eq!(resolve("/", "../.."), "/");
        assert_eq!(
            (resolve("/a/b", "../c"), resolve("a//", "b/.."), resolve("", "")),
            ("/a/c".into(), "/a".into(), "/".into())
        );
        assert_eq!(in_context("./a/"), "a");
        assert_eq!(in_context("."), "");
        assert!(is_below("/a/b", "/a") && !is_below("/ab", "/a") && is_below("/x", "/"));
        assert_eq!(relative("/a/b", "/a"), Some("b"));
        assert_eq!(relative("/a/b", "/"), Some("a/b"));
        assert_eq!(base("/out/app/"), "app");
    }
}
