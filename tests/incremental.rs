//! A version that is built from an earlier one is the version that is built from nothing: the same instructions, the same
//! findings, whatever was typed.
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use dockline::analysis::snapshot::{Earlier, Snapshot};
use dockline::rules::RULES;
use dockline::rules::run::find_again;
use dockline::settings::Settings;
use dockline::text::buffer::Buffer;
use dockline::text::span::Span;

/// What people type, and what changes how the rest is read.
const TYPED: [&str; 44] = [
    "x",
    " ",
    "\n",
    "\\\n",
    "\r\n",
    "#",
    "\n# dockline: ignore=latest-tag\n",
    "\n# a note\n",
    "\n# hadolint shell=pwsh\n",
    "\"",
    "'",
    "$",
    "${X}",
    "[",
    "]",
    "=",
    "a=b ",
    "&& ",
    "| ",
    "<<EOF",
    "\nEOF\n",
    "<<-'E F'",
    "E F\n",
    "FROM ",
    "FROM scratch\n",
    "FROM golang AS b\n",
    "RUN ",
    "RUN go build -o /out/x ./...\n",
    "COPY ",
    "COPY --from=0 /x /y\n",
    "COPY go.mod ./\n",
    "COPY . .\n",
    "ARG X=1\n",
    "ENV CGO_ENABLED=0\n",
    "ONBUILD ",
    "CMD x\n",
    "USER app\n",
    "FOO ",
    "--from=b ",
    "--mount=type=cache,target=/x ",
    "# escape=`\n",
    "é🐳",
    "\u{feff}",
    "",
];

struct Random(u64);

impl Random {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    /// A character boundary of `text`.
    fn boundary(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
    }

    /// A character boundary in a line that is a comment, if there is one.
    fn in_comment(&mut self, text: &str) -> usize {
        let comments: Vec<_> = text.match_indices("\n#").map(|(at, _)| at + 1).collect();
        let Some(start) = comments.get(self.below(comments.len())) else { return self.boundary(text) };
        start + self.boundary(text[*start..].lines().next().unwrap_or_default())
    }
}

/// The Dockerfiles of the pages.
fn dockerfiles() -> Vec<String> {
    let mut found = Vec::new();
    for entry in RULES {
        let mut blocks = entry.page.split("```dockerfile").skip(1);
        let inside = |block: &str| block.split_once('\n').map(|(_, rest)| rest.to_owned());
        found.extend(
            blocks.by_ref().filter_map(inside).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()),
        );
    }
    found
}

fn build(text: &str, earlier: Option<&Earlier>, settings: &Arc<Settings>) -> Snapshot {
    Snapshot::new(
        Some(Path::new("/p/Dockerfile").into()),
        0,
        text.into(),
        earlier,
        FACTS.with(Arc::clone),
        settings.clone(),
    )
}

thread_local! {
    static FACTS: Arc<dockline::project::facts::Facts> = Arc::default();
}

/// The first lines that differ, and some around them.
fn first_difference(found: &impl Debug, expected: &impl Debug) -> String {
    let (found, expected) = (format!("{found:#?}"), format!("{expected:#?}"));
    let same = found.lines().zip(expected.lines()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| text.lines().skip(same.saturating_sub(8)).take(24).collect::<Vec<_>>().join("\n");
    format!("found\n{}\nexpected\n{}", part(&found), part(&expected))
}

/// Types into `text`, and compares each version with the one built from nothing.
fn type_into(text: &str, random: &mut Random, settings: &Arc<Settings>, edits: usize) {
    let mut buffer = Buffer::new(text);
    let mut snapshot = build(&buffer.text(), None, settings);
    let mut memory = find_again(&snapshot, None).1;
    for _ in 0..edits {
        let old = buffer.text();
        let start = if random.below(4) > 0 { random.boundary(&old) } else { random.in_comment(&old) };
        let end =
            if random.below(3) > 0 { start } else { start + random.boundary(&old[start..]).min(random.below(40)) };
        let end = (start..=end).rev().find(|end| old.is_char_boundary(*end)).unwrap_or(start);
        let typed = TYPED[random.below(TYPED.len())];
        let mut earlier = Earlier::of(&snapshot);
        earlier.edit(&buffer.replace(Span::new(start as u32, end as u32), typed));
        let new = buffer.text();
        let (kept, fresh) = (build(&new, Some(&earlier), settings), build(&new, None, settings));
        let case = || format!("{start}..{end} {typed:?} in\n{old}");
        assert!(kept.file() == fresh.file(), "{}\n{}", case(), first_difference(kept.file(), fresh.file()));
        let (found, next) = find_again(&kept, memory.as_ref());
        let expected = find_again(&fresh, None).0;
        assert_eq!(expected.panicked, []);
        let (found, expected) = (found.diagnostics, expected.diagnostics);
        assert!(found == expected, "{}\n{}", case(), first_difference(&found, &expected));
        // Now and then a version is not asked for its findings.
        if random.below(4) > 0 {
            memory = next;
        }
        snapshot = kept;
    }
}

#[test]
fn an_edit_leads_to_what_a_fresh_start_leads_to() {
    let all = dockerfiles();
    assert!(all.len() > 200, "{}", all.len());
    let settings = Arc::new(Settings::from_toml("preset = \"pedantic\"\n").expect("settings"));
    let mut random = Random(7);
    for first in 0..all.len() {
        let text = [first, random.below(all.len()), random.below(all.len())].map(|at| all[at].as_str()).concat();
        type_into(&text, &mut random, &settings, 12);
    }
}
