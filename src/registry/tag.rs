//! Tags that hold a version, and which of two is newer. Nothing but their names is known, so only tags that are written the same
//! way are compared: `1.25.1-alpine3.22` and `1.27.3-alpine3.23`, not `1.25` and `1.27.3`.
use std::cmp::Reverse;

/// Words of tags that are no releases.
const PRE_RELEASES: [&str; 13] =
    ["a", "alpha", "b", "beta", "canary", "dev", "ea", "nightly", "pre", "preview", "rc", "snapshot", "unstable"];
/// From here on a number is a date, or counts builds.
const DATES: u64 = 1_000;

/// A tag in parts.
struct Parts<'t> {
    /// `v`, or nothing.
    mark: &'t str,
    /// `1`, `25`, `1`
    version: Vec<u64>,
    /// `-alpine3.22`
    suffix: &'t str,
}

/// Newer tags that are written the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newer {
    /// With the same first number.
    pub same_major: Option<String>,
    /// With a higher one.
    pub next_major: Option<String>,
}

impl<'t> Parts<'t> {
    fn of(tag: &'t str) -> Option<Self> {
        let rest = tag.strip_prefix('v').unwrap_or(tag);
        let mark = &tag[..tag.len() - rest.len()];
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (version, suffix) = rest.split_at(end);
        // Longer numbers are no versions.
        let number = |digits: &str| digits.parse::<u64>().ok().filter(|_| digits.len() < 16);
        let version = version.split('.').map(number).collect::<Option<Vec<u64>>>()?;
        (suffix.is_empty() || suffix.starts_with(['-', '_'])).then_some(Self { mark, version, suffix })
    }

    /// The suffix with its numbers left out: `-alpine#.#`
    fn pattern(&self) -> String {
        let mut pattern = String::new();
        for letter in self.suffix.chars() {
            let letter = if letter.is_ascii_digit() { '#' } else { letter };
            if letter != '#' || !pattern.ends_with('#') {
                pattern.push(letter);
            }
        }
        pattern
    }

    /// The numbers of the suffix.
    fn suffix_numbers(&self) -> Vec<u64> {
        let runs = self.suffix.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
        runs.map(|run| run.parse().unwrap_or(u64::MAX)).collect()
    }

    /// The numbers of the suffix that a newer tag must not be behind in: those of what is in the image. The last one may count
    /// builds, and begins anew with each version.
    fn platform(&self) -> Vec<u64> {
        let mut numbers = self.suffix_numbers();
        if ["-#", "-r#"].iter().any(|count| self.pattern().ends_with(count)) {
            numbers.pop();
        }
        numbers
    }

    fn is_release(&self) -> bool {
        let mut words = self.suffix.split(|letter: char| !letter.is_ascii_alphabetic());
        !words.any(|word| PRE_RELEASES.contains(&word.to_ascii_lowercase().as_str()))
    }

    fn age(&self) -> (Vec<u64>, Vec<u64>) {
        (self.version.clone(), self.suffix_numbers())
    }

    /// True when `other` is written the same way and means a newer image.
    fn is_older_than(&self, other: &Self) -> bool {
        let alike = self.mark == other.mark && self.version.len() == other.version.len();
        let dated = |parts: &Self| parts.version.first().is_some_and(|first| *first >= DATES);
        alike
            && dated(self) == dated(other)
            && self.pattern() == other.pattern()
            && self.platform() <= other.platform()
            && self.age() < other.age()
    }
}

/// The newest of `tags` that are newer than `tag`; nothing for tags without a version, and for those that are no release.
pub fn newer(tag: &str, tags: &[String]) -> Newer {
    let Some(own) = Parts::of(tag).filter(Parts::is_release) else { return Newer::default() };
    let others = tags.iter().filter_map(|tag| Some((tag, Parts::of(tag)?)));
    let (mut same, mut next): (Vec<_>, Vec<_>) = others
        .filter(|(_, other)| own.is_older_than(other))
        .partition(|(_, other)| own.version.first() == other.version.first());
    let newest = |found: &mut Vec<(&String, Parts)>| {
        found.sort_by_key(|(_, parts)| parts.age());
        found.pop().map(|(tag, _)| tag.clone())
    };
    Newer { same_major: newest(&mut same), next_major: newest(&mut next) }
}

/// At most `limit` of `tags`: first those that begin with what is typed, of these the newest version first.
pub fn best<'t>(tags: &'t [String], typed: &str, limit: usize) -> Vec<&'t str> {
    let mut all: Vec<&str> = tags.iter().map(String::as_str).collect();
    all.sort_by_cached_key(|tag| {
        let parts = Parts::of(tag);
        let release = parts.as_ref().is_some_and(Parts::is_release);
        let version = parts.map(|parts| parts.version);
        (!tag.starts_with(typed), !release, Reverse(version), tag.len(), *tag)
    });
    all.truncate(limit);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(tag: &str, tags: &str) -> (Option<String>, Option<String>) {
        let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
        let Newer { same_major, next_major } = newer(tag, &tags);
        (same_major, next_major)
    }

    #[test]
    fn the_way_it_is_written_stays() {
        let tags =
            "1.26 1.27 1.27.3 1.27.3-alpine3.23 1.27-alpine 1.28rc1 1.28-rc1 2.0 1.27-alpine3.23 v1.30 latest 20240101";
        let same = |tag: &str| find(tag, tags).0;
        assert_eq!(same("1.25").as_deref(), Some("1.27"));
        assert_eq!(same("1.25.1").as_deref(), Some("1.27.3"));
        assert_eq!(same("1.25.1-alpine3.22").as_deref(), Some("1.27.3-alpine3.23"));
        assert_eq!(same("1.25-alpine").as_deref(), Some("1.27-alpine"));
        assert_eq!(same("v1.2").as_deref(), Some("v1.30"));
        for nothing in
            ["1.27", "latest", "1.25-bookworm", "1.25-rc1", "1.27.3-alpine3.24", "", "v", "1..2", "1.", "alpine"]
        {
            assert_eq!(same(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn major_versions_are_told_apart() {
        let two = |one: &str, other: &str| (Some(one.to_owned()), Some(other.to_owned()));
        assert_eq!(find("20.1", "20.9 22.1 24.0 20.10"), two("20.10", "24.0"));
        assert_eq!(find("22", "20 24 20261120"), (None, Some("24".to_owned())));
        assert_eq!(find("1.2.3", "20240101.1.1"), (None, None));
        assert_eq!(find("20240101", "20250101 3"), (None, Some("20250101".to_owned())));
    }

    #[test]
    fn counts_of_builds_begin_anew() {
        assert_eq!(
            find("1.25-debian-12-r3", "1.26-debian-12-r0 1.26-debian-11-r9").0.as_deref(),
            Some("1.26-debian-12-r0")
        );
        assert_eq!(find("1.25-3", "1.25-4 1.26-1").0.as_deref(), Some("1.26-1"));
    }

    #[test]
    fn the_best_come_first() {
        let tags: Vec<String> =
            "latest 1.9 1.27 1.27.3 1.27-alpine 1.28-rc1 edge".split(' ').map(str::to_owned).collect();
        assert_eq!(best(&tags, "", 4), ["1.27.3", "1.27", "1.27-alpine", "1.9"]);
        assert_eq!(best(&tags, "1.27-", 1), ["1.27-alpine"]);
        assert_eq!(best(&tags, "e", 1), ["edge"]);
    }
}
