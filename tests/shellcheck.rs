//! Where the comments of ShellCheck stand: recorded reports, compared with the text at the place that is named.
//! `SHELLCHECK=path` asks that program instead, see tests/pages/main.rs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#[path = "pages/recorded.rs"]
mod recorded;

use dockline::analysis::snapshot::Snapshot;
use dockline::ide::completion::completion;
use dockline::rules::rule::Diagnostic;
use dockline::rules::run;
use dockline::settings::Settings;

fn found(text: &str, toml: &str) -> Vec<Diagnostic> {
    let settings = Settings::from_toml(toml).unwrap();
    let snapshot = Snapshot::of_text(text).with(std::sync::Arc::default(), settings.into());
    let outcome = run::run(&recorded::with_verdicts(snapshot));
    assert!(outcome.panicked.is_empty(), "{:?}", outcome.panicked);
    outcome.diagnostics.into_iter().filter(|found| found.rule == "shellcheck").collect()
}

/// Code and text of each comment.
fn places(text: &str) -> Vec<(&'static str, &str)> {
    let place = |found: &Diagnostic| (found.aliases[0], &text[found.finding.span.range()]);
    found(text, "").iter().map(place).collect()
}

/// The text after all fixes.
fn fixed(text: &str) -> String {
    let fixes = found(text, "").into_iter().flat_map(|found| found.finding.fixes.clone());
    let edits = fixes.fold(dockline::text::edit::EditSet::default(), |all, fix| all.merge(&fix.here()).unwrap_or(all));
    edits.apply(text)
}

/// A file, and what is found in it.
type Place = (&'static str, &'static [(&'static str, &'static str)]);

const PLACES: &[Place] = &[
    ("FROM debian:12\nRUN cp $1 /x\n", &[("SC2086", "$1")]),
    (
        "FROM debian:12\nRUN cp \\\n  # a \"comment\"\n\n  $1 \\\n  # another\n  /x $2\n",
        &[("SC2086", "$1"), ("SC2086", "$2")],
    ),
    ("FROM debian:12\r\nRUN cp \\\r\n  # a\r\n  $1 \\\r\n\t$2\r\n", &[("SC2086", "$1"), ("SC2086", "$2")]),
    ("FROM debian:12\nRUN cp $FO\\\nO /x\n", &[("SC2086", "$FO\\\nO")]),
    (
        "FROM debian:12\nRUN echo \"é\u{1F600}\u{1F468}\u{200D}\u{1F469}\" $1 'ü' $2\n",
        &[("SC2086", "$1"), ("SC2086", "$2")],
    ),
    ("FROM debian:12\nRUN\tcp\t\"a\tb\"\t$1\t\\\n\t\t$2\n", &[("SC2086", "$1"), ("SC2086", "$2")]),
    ("# escape=`\nFROM debian:12\nRUN cp `\n  $1 \"a\\\\b\" $2\n", &[("SC2086", "$1"), ("SC2086", "$2")]),
    (
        "FROM debian:12\nRUN <<EOF\n# é\ncp \\\n\t$1 x\n  cp $2 y\nEOF\nRUN cp $3 z\n",
        &[("SC2086", "$1"), ("SC2086", "$2"), ("SC2086", "$3")],
    ),
    (
        "FROM debian:12\nRUN <<-EOF\n\t\tcp $1 x\n\tif true; then\n\t\tcp $2 y\n\tfi\n\tEOF\n",
        &[("SC2086", "$1"), ("SC2086", "$2")],
    ),
    ("FROM debian:12\r\nRUN <<EOF\r\ncp $1 x\r\ncp $2 y\r\nEOF\r\n", &[("SC2086", "$1"), ("SC2086", "$2")]),
    (
        "FROM debian:12\nRUN <<'EOF' bash -e\narray=(é $1)\ncp ${array[@]} x\nEOF\n",
        &[("SC2206", "$1"), ("SC2068", "${array[@]}")],
    ),
    ("FROM debian:12\nRUN <<EOF\n#!/bin/bash\nset -o pipefail\ncp $1 x\nEOF\n", &[("SC2086", "$1")]),
    ("FROM debian:12\nRUN cat <<A > /x && \\\n  cat $1 <<B\n$2\nA\nx\nB\n", &[("SC2086", "$1")]),
    (
        "FROM debian:12\nHEALTHCHECK --retries=2 CMD curl $1 || \\\n  exit 256\nCMD serve $2\n",
        &[("SC2086", "$1"), ("SC2242", "256"), ("SC2086", "$2")],
    ),
    ("FROM debian:12\nONBUILD RUN cp $1 \\\n  $unknown_here\n", &[("SC2086", "$1"), ("SC2086", "$unknown_here")]),
    ("FROM debian:12\nRUN [[ -f x ]]\nSHELL [\"/bin/bash\", \"-c\"]\nRUN [[ -f x ]]\n", &[("SC3010", "[[ -f x ]]")]),
    ("FROM alpine:3.20\nRUN cd /x; make\n", &[("SC2164", "cd /x")]),
    ("FROM alpine:3.20\nSHELL [\"/bin/sh\", \"-eo\", \"pipefail\", \"-c\"]\nRUN cd /x; make\n", &[]),
    ("FROM a\nARG v\nARG w='a b' x=y\nRUN y=$v; cp $w $x $y\n", &[("SC2086", "$w"), ("SC2086", "$y")]),
    ("FROM a\nRUN cp $lower $UPPER\n", &[("SC2154", "$lower"), ("SC2086", "$lower"), ("SC2086", "$UPPER")]),
];

#[test]
fn places_are_those_of_the_text() {
    let mut wrong = Vec::new();
    for (text, expected) in PLACES {
        let mut found = places(text);
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        if found != expected {
            wrong.push((text, found, expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_can_not_be_read_is_an_error() {
    let found = found("FROM debian:12\nRUN if true; then \\\n  echo \"x\n", "");
    assert!(found.iter().any(|found| found.severity.word() == "error"), "{found:?}");
}

#[test]
fn fixes_fit_the_file() {
    let cases = [
        ("FROM debian:12\nRUN cp $1 \\\n  # c\n  $2\n", "FROM debian:12\nRUN cp \"$1\" \\\n  # c\n  \"$2\"\n"),
        ("FROM debian:12\r\nRUN cp \\\r\n$1\\\r\n -v\r\n", "FROM debian:12\r\nRUN cp \\\r\n\"$1\"\\\r\n -v\r\n"),
        ("FROM debian:12\nRUN <<EOF\ncp é$1 x\nEOF\n", "FROM debian:12\nRUN <<EOF\ncp é\"$1\" x\nEOF\n"),
        ("FROM debian:12\nRUN cd /x\\\n ; make\n", "FROM debian:12\nRUN cd /x || exit\\\n ; make\n"),
        ("FROM debian:12\nRUN x=`cat /a` && y \"$x\"\n", "FROM debian:12\nRUN x=$(cat /a) && y \"$x\"\n"),
    ];
    for (text, expected) in cases {
        assert_eq!(fixed(text), expected);
        assert!(places(expected).iter().all(|(code, _)| !places(text).iter().any(|(before, _)| before == code)));
    }
}

#[test]
fn codes_are_silenced_and_set() {
    let text = |comment: &str| format!("FROM debian:12\n{comment}\nRUN cp $1 x\n");
    for comment in [
        "# dockline: ignore=SC2086",
        "# dockline: ignore=shellcheck",
        "# hadolint ignore=SC2086",
        "# shellcheck disable=SC2086",
        "# hadolint global ignore=SC2086",
    ] {
        assert!(found(&text(comment), "").is_empty(), "{comment}");
    }
    let level = |toml: &str| found(&text("#"), toml).first().map(|found| found.severity.word());
    assert_eq!(level(""), Some("hint"));
    assert_eq!(level("rules.SC2086 = \"off\""), None);
    assert_eq!(level("rules.SC2086 = \"error\""), Some("error"));
    assert_eq!(level("rules.shellcheck = \"off\""), None);
    assert_eq!(level("[rules]\nshellcheck = \"info\""), Some("info"));
    assert_eq!(level("[rules]\nshellcheck = \"info\"\nSC2086 = \"warning\""), Some("warning"));
}

#[test]
fn an_ignore_is_unused_only_when_shellcheck_looked() {
    let snapshot = Snapshot::of_text("FROM debian:12\n# dockline: ignore=SC2154\nRUN cp \"$1\" x\n");
    let unused = |snapshot: &Snapshot| {
        run::run(snapshot).diagnostics.iter().filter(|found| found.rule == "unused-suppression").count()
    };
    assert_eq!(unused(&snapshot), 0);
    assert_eq!(unused(&recorded::with_verdicts(snapshot)), 1);
}

#[test]
fn new_verdicts_are_not_overlooked() {
    let before = Snapshot::of_text("FROM debian:12\nRUN cp $1 /x\n");
    let count = |outcome: &run::Outcome| outcome.diagnostics.iter().filter(|found| found.rule == "shellcheck").count();
    let (none, memory) = run::find_again(&before, None);
    let after = recorded::with_verdicts(before.clone());
    let (found, later) = run::find_again(&after, memory.as_ref());
    assert_eq!((count(&none), count(&found)), (0, 1));
    let without = before.with(std::sync::Arc::default(), std::sync::Arc::default());
    assert_eq!(count(&run::find_again(&without, later.as_ref()).0), 0);
}

#[test]
fn reported_codes_are_offered_behind_disable() {
    let text = "FROM debian:12\n# shellcheck disable=SC1234,\nRUN cp $1 /x\n";
    let snapshot = recorded::with_verdicts(Snapshot::of_text(text));
    let found = run::run(&snapshot).diagnostics;
    let at = text.find(",\n").unwrap() as u32 + 1;
    let labels = completion(&snapshot, at, &|| &found).into_iter().map(|item| item.label);
    assert_eq!(labels.collect::<Vec<_>>(), ["SC2086"]);
}
