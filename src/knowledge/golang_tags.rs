//! Go releases and the tags of the official golang image.
use std::cmp::Ordering;
use std::fmt;
use std::sync::LazyLock;

use super::distros::{self, Distro};
use super::table::{self, Row};

const TAGS: &str = include_str!("golang_tags.tsv");
const SUITES: &str = include_str!("golang_suites.tsv");

/// What a pre-release is; ordered as Go orders them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pre {
    /// `1.21alpha1`.
    Alpha(u32),
    /// `1.21beta1`.
    Beta(u32),
    /// `1.21rc1`.
    Rc(u32),
}

/// A Go version as go.mod, toolchain lines and image tags write it. `1.21` is a language version: older than
/// `1.21rc1` and `1.21.0`; before 1.21, `1.20` is the same as `1.20.0`. Source: package internal/gover of Go.
#[derive(Clone, Copy, Debug)]
pub struct GoVersion {
    /// 1.
    pub major: u32,
    /// The 21 of 1.21.3.
    pub minor: u32,
    /// The 3 of 1.21.3.
    pub patch: Option<u32>,
    /// The rc1 of 1.21rc1.
    pub pre: Option<Pre>,
}

impl GoVersion {
    /// A language version.
    pub const fn minor(major: u32, minor: u32) -> Self {
        Self { major, minor, patch: None, pre: None }
    }

    /// `1.21`, `1.21.3`, `1.21rc2`, each also with a leading `go`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("go").unwrap_or(text);
        let (major, rest) = number(text)?;
        let Some(rest) = rest.strip_prefix('.') else {
            return rest.is_empty().then_some(Self { major, minor: 0, patch: Some(0), pre: None });
        };
        let (minor, rest) = number(rest)?;
        let version = Self { major, minor, patch: None, pre: None };
        if rest.is_empty() {
            return Some(version);
        }
        if let Some(rest) = rest.strip_prefix('.') {
            let (patch, rest) = number(rest)?;
            return rest.is_empty().then_some(Self { patch: Some(patch), ..version });
        }
        let digits = rest.find(|c: char| c.is_ascii_digit())?;
        let (count, after) = number(&rest[digits..])?;
        let pre = match &rest[..digits] {
            "alpha" => Pre::Alpha(count),
            "beta" => Pre::Beta(count),
            "rc" => Pre::Rc(count),
            _ => return None,
        };
        after.is_empty().then_some(Self { pre: Some(pre), ..version })
    }

    /// True when both are of the same minor release.
    pub fn same_minor(self, other: Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }

    fn key(self) -> impl Ord {
        let implied = (self.pre.is_none() && (self.major, self.minor) < (1, 21)).then_some(0);
        (self.major, self.minor, self.patch.or(implied), self.pre)
    }
}

impl Ord for GoVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for GoVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for GoVersion {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for GoVersion {}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match (self.patch, self.pre) {
            (Some(patch), _) => write!(f, ".{patch}"),
            (None, Some(Pre::Alpha(n))) => write!(f, "alpha{n}"),
            (None, Some(Pre::Beta(n))) => write!(f, "beta{n}"),
            (None, Some(Pre::Rc(n))) => write!(f, "rc{n}"),
            (None, None) => Ok(()),
        }
    }
}

/// The decimal number that `text` starts with, as Go writes it (no leading zero), and what follows.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let padded = digits.len() > 1 && digits.starts_with('0');
    (!padded).then(|| digits.parse().ok())?.map(|value| (value, rest))
}

/// One line of the table: a suffix of the tags of one minor release.
struct Built {
    go: (u32, u32),
    suffix: &'static str,
    last_seen: &'static str,
    patches: (i64, i64),
}

static BUILT: LazyLock<Vec<Built>> = LazyLock::new(|| table::rows(TAGS).filter_map(|row| built(&row)).collect());

fn built(row: &Row) -> Option<Built> {
    let patches = (row.cell(4).parse().ok()?, row.cell(5).parse().ok()?);
    Some(Built { go: minor_of(row.cell(0))?, suffix: row.cell(1), last_seen: row.some(3)?, patches })
}

fn minor_of(text: &str) -> Option<(u32, u32)> {
    GoVersion::parse(text).map(|version| (version.major, version.minor))
}

/// The suite of tags without a suffix, from a patch release of a minor on.
struct DefaultSuite {
    go: (u32, u32),
    from_patch: u32,
    suite: &'static str,
}

static DEFAULT_SUITES: LazyLock<Vec<DefaultSuite>> =
    LazyLock::new(|| table::rows(SUITES).filter_map(|row| default_suite(&row)).collect());

fn default_suite(row: &Row) -> Option<DefaultSuite> {
    let (go, from_patch) = (minor_of(row.cell(0))?, row.cell(1).parse().ok()?);
    Some(DefaultSuite { go, from_patch, suite: row.some(2)? })
}

/// The day of the table; releases and tags after it are not in it.
pub fn tags_as_of() -> &'static str {
    static DAY: LazyLock<&str> = LazyLock::new(|| BUILT.iter().map(|built| built.last_seen).max().unwrap_or_default());
    *DAY
}

/// The newest minor release of the table.
pub fn newest() -> (u32, u32) {
    static NEWEST: LazyLock<(u32, u32)> =
        LazyLock::new(|| BUILT.iter().map(|built| built.go).max().unwrap_or_default());
    *NEWEST
}

/// The two minor releases that got security fixes at the day of the table, oldest first.
pub fn supported_minors() -> [(u32, u32); 2] {
    let (major, minor) = newest();
    [(major, minor.saturating_sub(1)), (major, minor)]
}

/// The newest patch release of a minor that the table knows.
pub fn latest_patch(go: (u32, u32)) -> Option<u32> {
    let patches = BUILT.iter().filter(|built| built.go == go).map(|built| built.patches.1);
    patches.max().and_then(|patch| u32::try_from(patch).ok())
}

/// Whether `golang:<minor>-<suffix>` (without a suffix: empty) was ever built. Minors newer than the table are
/// taken to exist for every suffix that its newest minor has.
pub fn released(go: (u32, u32), suffix: &str) -> bool {
    let go = go.min(newest());
    BUILT.iter().any(|built| built.go == go && built.suffix == suffix && built.patches.1 >= 0)
}

/// The suffixes that `golang:<minor>-<suffix>` was still built with at the day of the table; the empty one among them.
pub fn current_suffixes(go: (u32, u32)) -> impl Iterator<Item = &'static str> {
    BUILT.iter().filter(move |built| built.go == go && built.last_seen == tags_as_of()).map(|built| built.suffix)
}

/// The suffixes that a minor release was built with to the end; none for one that the table does not know.
pub fn last_suffixes(go: (u32, u32)) -> impl Iterator<Item = &'static str> {
    let last = BUILT.iter().filter(|built| built.go == go).map(|built| built.last_seen).max();
    BUILT.iter().filter(move |built| built.go == go && Some(built.last_seen) == last).map(|built| built.suffix)
}

/// Whether the exact patch release was built with the suffix.
fn released_patch(version: GoVersion, suffix: &str) -> bool {
    let go = (version.major, version.minor);
    if go > newest() {
        return released(go, suffix);
    }
    BUILT.iter().find(|built| built.go == go && built.suffix == suffix).is_some_and(|built| has_patch(built, version))
}

/// Whether the exact patch release is among what was built.
fn has_patch(built: &Built, version: GoVersion) -> bool {
    match version.patch.map(i64::from) {
        None => built.patches.1 >= 0,
        Some(patch) => built.patches.0 <= patch && (patch <= built.patches.1 || built.last_seen == tags_as_of()),
    }
}

/// The version and the suffix of a tag: `1.21-alpine3.18` → `1.21`, `alpine3.18`. `1.21-rc` is a version too.
fn split_tag(tag: &str) -> (&str, &str) {
    let (version, suffix) = tag.split_once('-').unwrap_or((tag, ""));
    match suffix.strip_prefix("rc") {
        Some("") => (version, ""),
        Some(rest) if rest.starts_with('-') => (version, &rest[1..]),
        _ => (version, suffix),
    }
}

/// The Go version that a tag of the golang image names; `None` for `latest`, `1`, `alpine`, `tip`, `bookworm`.
pub fn golang_image_version(tag: &str) -> Option<GoVersion> {
    let (version, _) = split_tag(tag);
    if !version.contains('.') {
        return None;
    }
    GoVersion::parse(version).filter(|_| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// True for tags that the official image may have: a version or `latest`, `tip`, `1`, then a known kind of suffix.
pub fn is_golang_tag(tag: &str) -> bool {
    let (head, suffix) = split_tag(tag);
    let versioned = golang_image_version(tag).is_some() || ["latest", "tip", "rc", "1"].contains(&head);
    if versioned { is_suffix(suffix) } else { is_suffix(tag) && !tag.is_empty() }
}

fn is_suffix(suffix: &str) -> bool {
    let is_alpine = suffix.strip_prefix("alpine").is_some_and(|v| v.is_empty() || v.starts_with("3."));
    let is_windows = suffix.starts_with("windowsservercore") || suffix.starts_with("nanoserver");
    suffix.is_empty() || is_alpine || is_windows || suite_rank(suffix).is_some()
}

/// The place of a Debian suite in time.
fn suite_rank(suite: &str) -> Option<usize> {
    distros::releases(Distro::Debian).position(|release| release.names.first() == Some(&suite))
}

/// The release of the distribution behind a tag that does not name it: `1.24.5` → Debian `12`, `1.21-alpine` → `3.20`.
pub fn default_release(tag: &str, distro: Distro) -> Option<String> {
    let version = match golang_image_version(tag) {
        Some(version) => version,
        None if distro == Distro::Debian => return distros::releases(distro).last().map(|r| r.version.to_owned()),
        None => return None,
    };
    let go = (version.major, version.minor);
    if distro == Distro::Alpine {
        return newest_alpine(version).map(|(minor, _)| format!("3.{minor}"));
    }
    let patch = if version.pre.is_some() { 0 } else { version.patch.unwrap_or(u32::MAX) };
    let fits = |row: &&DefaultSuite| row.go == go && row.from_patch <= patch;
    let suite = DEFAULT_SUITES.iter().rfind(fits)?.suite;
    distros::release_named(distro, suite).map(|release| release.version.to_owned())
}

/// The newest Alpine 3.N that the version was built on, and its suffix.
fn newest_alpine(version: GoVersion) -> Option<(u32, &'static str)> {
    let of_minor = BUILT.iter().filter(|built| built.go == (version.major, version.minor));
    let alpine = |built: &Built| Some((built.suffix.strip_prefix("alpine3.")?.parse().ok()?, built.suffix));
    of_minor.filter(|built| has_patch(built, version)).filter_map(alpine).max()
}

/// The tag of the golang image that is at least `need`, with the variant, the suite and the precision of `tag`
/// as far as such a tag exists; `None` when `tag` names no version, is new enough, or its variant is unknown.
pub fn bump_golang_tag(tag: &str, need: GoVersion) -> Option<String> {
    let old = golang_image_version(tag)?;
    if old >= need || (old.patch.is_none() && old.same_minor(need) && need.pre.is_none()) {
        return None;
    }
    let mut version = GoVersion { patch: None, pre: None, ..need };
    if old.patch.is_some() {
        version.patch = Some(need.patch.unwrap_or(0));
        // Before 1.21 the first release was called 1.N.
        if version.patch == Some(0) && (version.major, version.minor) < (1, 21) {
            version.patch = None;
        }
    }
    let suffix = bump_suffix(split_tag(tag).1, version)?;
    Some(if suffix.is_empty() { version.to_string() } else { format!("{version}-{suffix}") })
}

fn bump_suffix(suffix: &str, version: GoVersion) -> Option<&str> {
    if !is_suffix(suffix) {
        return None;
    }
    let go = (version.major, version.minor);
    if suffix.is_empty() || suffix == "alpine" || (go <= newest() && released_patch(version, suffix)) {
        return Some(suffix);
    }
    if suffix.starts_with("alpine") {
        // What a release after the table is built on is not known, but "alpine" always is one of them.
        return Some(newest_alpine(version).map_or("alpine", |(_, suffix)| suffix));
    }
    if let Some(rank) = suite_rank(suffix) {
        let newer = distros::releases(Distro::Debian).skip(rank).filter_map(|release| release.names.first().copied());
        let mut built = newer.filter(|suite| released_patch(version, suite));
        return built.next();
    }
    let kind = suffix.split('-').next().unwrap_or(suffix);
    if released_patch(version, suffix) {
        return Some(suffix);
    }
    Some(if kind == "nanoserver" { "nanoserver" } else { "windowsservercore" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> GoVersion {
        GoVersion::parse(text).expect(text)
    }

    #[test]
    fn every_row_parses() {
        table::assert_table(TAGS);
        table::assert_table(SUITES);
        assert_eq!(table::rows(TAGS).count(), BUILT.len());
        assert_eq!(table::rows(SUITES).count(), DEFAULT_SUITES.len());
        assert!(DEFAULT_SUITES.iter().all(|row| suite_rank(row.suite).is_some()));
    }

    #[test]
    fn versions_are_ordered_as_go_orders_them() {
        let sorted = [
            "1.9",
            "1.20rc1",
            "1.20",
            "1.20.1",
            "1.21",
            "1.21beta1",
            "1.21rc1",
            "1.21rc2",
            "1.21.0",
            "1.21.10",
            "1.22",
        ];
        assert!(sorted.windows(2).all(|pair| v(pair[0]) < v(pair[1])), "{sorted:?}");
        assert!(v("1.20") == v("1.20.0") && v("1.21") != v("1.21.0") && v("go1.21.3") == v("1.21.3"));
        for bad in ["", "x", "1.", "1.21.", "1.021", "1.21.3.4", "1.21rc", "1.21-3", "99999999999.1"] {
            assert!(GoVersion::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn versions_of_tags() {
        assert_eq!(golang_image_version("1.21-alpine3.18"), Some(v("1.21")));
        assert_eq!(golang_image_version("1.24rc1-bookworm"), Some(v("1.24rc1")));
        assert_eq!(golang_image_version("1.24-rc-alpine"), Some(v("1.24")));
        for floating in ["latest", "1", "1-alpine", "alpine", "tip", "bookworm", "go1.21"] {
            assert_eq!(golang_image_version(floating), None, "{floating}");
        }
    }

    #[test]
    fn what_was_released() {
        assert!(released((1, 24), "bullseye") && !released((1, 25), "bullseye") && released((1, 99), ""));
        assert_eq!(supported_minors(), [(1, 26), (1, 27)]);
        assert_eq!((latest_patch((1, 21)), latest_patch((1, 99))), (Some(13), None));
    }

    #[test]
    fn bumps_keep_variant_suite_and_precision() {
        let bump = |tag: &str, need: &str| bump_golang_tag(tag, v(need)).unwrap_or_default();
        assert_eq!(bump("1.21", "1.26"), "1.26");
        assert_eq!(bump("1.21", "1.23.4"), "1.23");
        assert_eq!(bump("1.21.3", "1.23.4"), "1.23.4");
        assert_eq!(bump("1.21.3", "1.24"), "1.24.0");
        assert_eq!(bump("1.21-alpine", "1.26"), "1.26-alpine");
        assert_eq!(bump("1.21-alpine3.18", "1.26"), "1.26-alpine3.24");
        assert_eq!(bump("1.21-alpine3.19", "1.22"), "1.22-alpine3.19");
        assert_eq!(bump("1.21.5-alpine3.19", "1.22.11"), "1.22.11-alpine3.21");
        assert_eq!(bump("1.24-bullseye", "1.25"), "1.25-bookworm");
        assert_eq!(bump("1.19-buster", "1.21"), "1.21-bullseye");
        assert_eq!(bump("1.22-bookworm", "1.99"), "1.99-bookworm");
        assert_eq!(bump("1.22-alpine3.20", "1.99"), "1.99-alpine");
        assert_eq!(bump("1.21-windowsservercore-1809", "1.26"), "1.26-windowsservercore");
        assert_eq!(bump("1.24rc1", "1.25"), "1.25");
        for unchanged in ["1.26", "1.26.7", "latest", "1.21-custom"] {
            assert_eq!(bump(unchanged, "1.26.4"), "", "{unchanged}");
        }
    }
}
