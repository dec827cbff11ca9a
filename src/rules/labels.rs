//! Labels and the schema of the settings: what the rules of the group `label` have in common.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Pair};
use crate::model::word::Word;
use crate::rules::rule::Finding;
use crate::settings::LabelType;
use crate::text::span::Span;

/// Reports each label of `instruction` that the schema calls a `wanted` and whose value `accepts` refuses. Silent for
/// empty values, and for those with variables: nobody knows what a build puts there.
pub fn refused(
    snapshot: &Snapshot,
    instruction: &Instruction,
    wanted: LabelType,
    accepts: fn(&str) -> bool,
    what: &str,
    findings: &mut Vec<Finding>,
) {
    let (text, schema) = (snapshot.text(), &snapshot.settings().labels.schema);
    if schema.is_empty() {
        return;
    }
    for pair in instruction.pairs() {
        let (Some(name), Some(word)) = (name(text, pair), &pair.value) else { continue };
        let Some(value) = word.literal(text).filter(|value| !value.is_empty()) else { continue };
        if schema.get(&name) == Some(&wanted) && !accepts(&value) {
            findings.push(Finding::new(visible(word, pair), format!("the value of `{name}` is not {what}")));
        }
    }
}

/// The name of a label; `None` when it holds variables, or is missing.
pub fn name(text: &str, pair: &Pair) -> Option<String> {
    pair.name.literal(text).filter(|name| !name.is_empty()).map(std::borrow::Cow::into_owned)
}

/// Where the value stands; the whole pair for one that takes no place.
pub fn visible(value: &Word, pair: &Pair) -> Span {
    if value.span.is_empty() { pair.span } else { value.span }
}

/// True for an absolute URL.
pub fn is_url(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| url.has_host() || matches!(url.scheme(), "mailto" | "urn"))
}

/// True for a version as semver.org defines it.
pub fn is_version(value: &str) -> bool {
    semver::Version::parse(value).is_ok()
}

/// True for a license of the SPDX list, old names such as `GPL-3.0` among them, or an expression of them.
pub fn is_license(value: &str) -> bool {
    let mode = spdx::ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..spdx::ParseMode::STRICT };
    spdx::Expression::parse_mode(value, mode).is_ok()
}

/// True for the name of a Git commit: 7 to 40 hexadecimal digits, or 64 in a SHA-256 repository.
pub fn is_commit(value: &str) -> bool {
    (matches!(value.len(), 7..=40 | 64)) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// True for an address as people write it: one `@`, a name in front and a domain behind. Source: HTML's `type=email`,
/// which leaves out the quoted names and comments of RFC 5322.
pub fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let local_byte = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let is_part = |part: &str| {
        let inner = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&part.len()) && inner && !part.starts_with('-') && !part.ends_with('-')
    };
    !local.is_empty() && local.bytes().all(local_byte) && domain.split('.').all(is_part)
}

/// True for a time as RFC 3339 section 5.6 writes it: `2026-11-22T10:00:00.5+01:00`. A blank may stand for the `T`.
pub fn is_time(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 20 || !value.is_ascii() {
        return false;
    }
    let number = |from: usize, to: usize| {
        let digits = &value[from..to];
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u32>().ok()).flatten()
    };
    let separators = bytes[4] == b'-' && bytes[7] == b'-' && bytes[13] == b':' && bytes[16] == b':';
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else { return false };
    let (Some(hour), Some(minute), Some(second)) = (number(11, 13), number(14, 16), number(17, 19)) else {
        return false;
    };
    let date = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    let time = hour < 24 && minute < 60 && second <= 60;
    separators && matches!(bytes[10], b'T' | b't' | b' ') && date && time && is_zone(&value[19..])
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What stands behind the seconds: perhaps a fraction, then `Z` or the distance from UTC.
fn is_zone(rest: &str) -> bool {
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    let offset = |zone: &str| {
        let (hours, minutes) = zone.split_once(':')?;
        let two = |part: &str, limit: u32| {
            part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok_and(|n| n < limit)
        };
        (two(hours, 24) && two(minutes, 60)).then_some(())
    };
    matches!(zone, "Z" | "z") || zone.strip_prefix(['+', '-']).and_then(offset).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_times() {
        for good in ["2026-11-22T10:00:00Z", "2024-02-29t23:59:60.123+05:30", "1985-04-12 23:20:50-00:00"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["", "2026-11-22", "2026-02-29T10:00:00Z", "2026-11-22T10:00:00", "2026-11-22T10:00:00.Z"] {
            assert!(!is_time(bad), "{bad}");
        }
        assert!(
            !is_time("2026-11-22T10:00:00+1:00") && !is_time("2026-11-22T24:00:00Z") && !is_time("+026-1-22T10:00:00Z")
        );
        assert!(!is_time("2026-11-22T10:00:00Zé") && !is_time("２026-11-22T10:00:00Z"));
    }

    #[test]
    fn judges_values() {
        assert!(is_url("https://example.com/x") && is_url("mailto:a@b.c") && !is_url("example.com") && !is_url("a:b"));
        assert!(is_version("1.2.3-rc.1+5") && !is_version("v1.2.3") && !is_version("1.2"));
        assert!(is_license("MIT OR Apache-2.0") && is_license("GPL-3.0-or-later") && !is_license("Apache 2"));
        assert!(is_license("GPL-3.0") && is_license("GPL-2.0+") && !is_license("Apache-2.0, GPL-2.0"));
        assert!(is_commit("616bf9a") && !is_commit("HEAD") && !is_commit("616bf9"));
        assert!(is_email("a.b+c@example.com") && !is_email("A <a@b.c>") && !is_email("@b") && !is_email("a@-b"));
    }
}
