//! Paths relative to a build context: slashes, no `.` and `..`, empty for the context itself.
use std::borrow::Cow;

/// The clean form of `path`, as if the context were the root: `./a//b/../c/` → `a/c`, `../x` → `x`, `.` → ``.
pub fn clean(path: &str) -> Cow<'_, str> {
    if is_clean(path) {
        return path.into();
    }
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => clean.truncate(clean.rfind('/').unwrap_or(0)),
            _ => {
                if !clean.is_empty() {
                    clean.push('/');
                }
                clean.push_str(part);
            }
        }
    }
    clean.into()
}

/// True when every part of `path` is a name; also false for names that begin with a dot.
fn is_clean(path: &str) -> bool {
    let mut before = b'/';
    let is_name = |byte| {
        let starts = std::mem::replace(&mut before, byte) == b'/';
        !starts || !matches!(byte, b'/' | b'.')
    };
    path.is_empty() || path.bytes().all(is_name) && !path.ends_with('/')
}

/// Like `clean`, but `None` when `path`, seen from the directory `from`, leaves the context.
pub fn join_inside(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    if path.starts_with('/') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `dir/name`, or `name` in the context itself.
pub fn join(dir: &str, name: &str) -> String {
    match (dir, name) {
        ("", _) => name.to_owned(),
        (_, "") => dir.to_owned(),
        _ => format!("{dir}/{name}"),
    }
}

/// The directory that holds a path; empty for what lies in the context itself.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The last element.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What follows `dir/` in `path`; empty when both are the same, `None` when it lies elsewhere.
pub fn strip<'a>(path: &'a str, dir: &str) -> Option<&'a str> {
    if dir.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(dir)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans() {
        assert_eq!(clean("./a//b/../c/"), "a/c");
        assert_eq!([clean("../x"), clean("."), clean("/a")], ["x", "", "a"]);
        assert_eq!([clean("a/.."), clean("a/../b"), clean("a/b/../../../c/.")], ["", "b", "c"]);
        assert_eq!([clean(""), clean("a"), clean("a/b.c"), clean("a//b"), clean("a/")], ["", "a", "a/b.c", "a/b", "a"]);
        assert_eq!([clean(".a/b"), clean("a/.b"), clean("a/./b"), clean("/")], [".a/b", "a/.b", "a/b", ""]);
        assert_eq!(join_inside("api", "../lib"), Some("lib".into()));
        assert_eq!((join_inside("", "../lib"), join_inside("a", "/b")), (None, None));
        assert_eq!(strip("cmd/x", "cmd"), Some("x"));
        assert_eq!((strip("cmdx", "cmd"), strip("cmd", "cmd"), strip("a", "")), (None, Some(""), Some("a")));
    }
}
