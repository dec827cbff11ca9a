//! Functions of Go packages that tell what a program needs at run time.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("go_calls.tsv");

/// What a mention of a function tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// It reads the time zone database.
    TimeZone,
    /// It dials, or may dial, with TLS: CA certificates are needed.
    TlsClient,
    /// It listens; the last literal of its first arguments is the address, without literals it is said elsewhere.
    Listen,
    /// It opens the named file.
    File,
    /// It opens the files that its arguments name or match.
    Files,
    /// It reads or serves the named directory.
    Directory,
    /// It serves what the second of its literals names.
    Served,
    /// It makes the named file or directory.
    Write,
    /// It opens a database; the last literal names the file of SQLite.
    Database,
    /// It changes the working directory.
    WorkingDirectory,
    /// It looks users up.
    UserLookup,
    /// It reads the version and commit that go build wrote into the program.
    BuildInfo,
}

static CALLS: LazyLock<Vec<(&'static str, CallKind)>> = LazyLock::new(|| {
    let call = |row: table::Row| {
        let kind = match row.cell(1) {
            "time-zone" => CallKind::TimeZone,
            "tls-client" => CallKind::TlsClient,
            "listen" => CallKind::Listen,
            "file" => CallKind::File,
            "files" => CallKind::Files,
            "directory" => CallKind::Directory,
            "served" => CallKind::Served,
            "write" => CallKind::Write,
            "database" => CallKind::Database,
            "working-directory" => CallKind::WorkingDirectory,
            "user-lookup" => CallKind::UserLookup,
            "build-info" => CallKind::BuildInfo,
            _ => return None,
        };
        Some((row.some(0)?, kind))
    };
    table::rows(TABLE).filter_map(call).collect()
});

/// What a function tells, by import path and name: `net/http.Get`; `None` for most.
pub fn go_call(name: &str) -> Option<CallKind> {
    CALLS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// True for the import path of a package that has such functions.
pub fn is_listed_package(path: &str) -> bool {
    CALLS.iter().any(|(known, _)| known.rsplit_once('.').is_some_and(|(package, _)| package == path))
}

/// The methods that tell something in files that import the package `path`, as `go_call` knows them: `path.*.Name`.
pub fn methods_of(path: &str) -> impl Iterator<Item = &'static str> {
    CALLS
        .iter()
        .map(|(name, _)| *name)
        .filter(move |name| name.strip_prefix(path).is_some_and(|rest| rest.starts_with(".*.")))
}

/// Folders and files that Go programs read at run time, by custom.
const ASSETS: &str = include_str!("assets.tsv");

static ASSET_NAMES: LazyLock<Vec<(bool, &'static str)>> =
    LazyLock::new(|| table::rows(ASSETS).map(|row| (row.cell(0) == "folder", row.cell(1))).collect());

/// True for a relative path whose first element, or whose name, says that a program reads it at run time: `templates/a.html`,
/// `./config.yaml`.
pub fn is_asset_path(path: &str) -> bool {
    let path = path.strip_prefix("./").unwrap_or(path);
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let name = path.rsplit('/').next().unwrap_or(path);
    let fits = |(is_folder, pattern): &(bool, &str)| {
        if *is_folder { first == *pattern } else { table::glob(pattern, if rest.is_empty() { first } else { name }) }
    };
    path.len() < 256 && !path.starts_with('/') && !path.contains([' ', '\n']) && ASSET_NAMES.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert_eq!(table::rows(TABLE).count(), CALLS.len());
        assert_eq!(go_call("time.LoadLocation"), Some(CallKind::TimeZone));
        assert_eq!(go_call("LoadLocation"), None);
        assert!(is_listed_package("net/http") && !is_listed_package("fmt"));
        assert!(methods_of("github.com/gin-gonic/gin").any(|name| name == "github.com/gin-gonic/gin.*.Run"));
        assert_eq!(methods_of("net/http").count(), 0);
        table::assert_table(ASSETS);
        assert!(is_asset_path("./templates/*.html") && is_asset_path("config.yaml") && is_asset_path("static"));
        assert!(!is_asset_path("cmd/x") && !is_asset_path("/etc/config.yaml") && !is_asset_path("a.pem.go"));
    }
}
