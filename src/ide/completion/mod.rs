//! Completion: what may stand at the cursor, half typed or not.
//!
//! `place` and `shell` say what the cursor is in, by the structure of the text; each further file offers the words of one
//! field, so that a new field is a new file and a line in [`completion`].
mod arguments;
mod comments;
mod docs;
mod flags;
mod go;
mod go_arguments;
mod go_values;
mod go_variables;
mod images;
mod keywords;
mod mounts;
mod packages;
mod pairs;
mod paths;
mod place;
mod shell;
mod stages;
mod strings;
mod typed;
mod users;
mod usual;
mod variables;

use std::collections::HashSet;

use place::Place;
use typed::Typed;

use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::Diagnostic;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// A list as long as this may hold less than there is: editors ask again when more is typed.
pub const LONG: usize = 200;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// The name of a variable.
    Variable,
    /// The value of a variable or of a flag.
    Value,
    /// A command, or the second word of one.
    Command,
    /// A flag.
    Flag,
    /// A package of the project, or of a distribution.
    Package,
    /// The first word of an instruction, or of a comment that means something.
    Keyword,
    /// An instruction with places to fill in: for editors that know snippets alone.
    Snippet,
    /// A stage of the file.
    Stage,
    /// An image, or the tag of one.
    Image,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A rule, in a comment that silences it.
    Rule,
}

/// One thing that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is listed, and what the text typed so far is compared with.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// One line beside the label; may be empty.
    pub detail: String,
    /// What is known of it, as Markdown; may be empty.
    pub documentation: String,
    /// What it replaces: a part of one line that the cursor touches.
    pub span: Span,
    /// What is written there.
    pub insert: String,
    /// The same with places to fill in, in the protocol's syntax, for editors that know it.
    pub snippet: Option<String>,
    /// Items with a smaller number come first.
    pub rank: u32,
    /// What is mended elsewhere when it is taken.
    pub also: Option<Edit>,
}

/// What may stand at `offset`, the best first; empty where nothing is known. `findings` are those of the file, which are
/// asked for by few places.
pub fn completion<'f>(snapshot: &Snapshot, offset: u32, findings: &dyn Fn() -> &'f [Diagnostic]) -> Vec<Item> {
    if !snapshot.text().is_char_boundary(offset as usize) {
        return Vec::new();
    }
    let snapshot = &snapshot.beside_likely();
    let mut items = unsorted(snapshot, offset, findings);
    // What begins with the text comes before what has it somewhere.
    let begins = |item: &Item| {
        let typed = snapshot.text().get(item.span.start as usize..offset as usize).unwrap_or_default();
        item.label.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
    };
    items.sort_by_cached_key(|item| (!begins(item), item.rank, item.label.clone()));
    // What two of the files below know is listed once.
    let mut labels = HashSet::new();
    items.retain(|item| labels.insert((item.label.clone(), item.span)));
    items
}

fn unsorted<'f>(snapshot: &Snapshot, offset: u32, findings: &dyn Fn() -> &'f [Diagnostic]) -> Vec<Item> {
    if let Some(place) = comments::at(snapshot, offset) {
        return comments::items(snapshot, &place, findings);
    }
    if let Some(place) = variables::at(snapshot, offset) {
        return variables::items(snapshot, &place);
    }
    let mut items = Vec::new();
    for place in place::at(snapshot, offset) {
        items.extend(match &place {
            Place::Keyword(place) => keywords::items(snapshot, place),
            Place::Flag(place) => flags::items(place),
            Place::Word(place) => arguments::items(place),
            Place::Pair(place) => {
                let mut go = go::of_pair(snapshot, place);
                let behind = pairs::rank_of_go(snapshot, place);
                for item in &mut go {
                    item.rank += behind;
                }
                [go, pairs::items(snapshot, place)].concat()
            }
            Place::Shell(place) => shell::as_written(
                place.form,
                [go::of_shell(snapshot, place), packages::items(snapshot, place)].concat(),
            ),
        });
    }
    for item in &mut items {
        keep_apart(item, snapshot.text(), offset);
    }
    items
}

/// A word that is put in directly in front of another one takes a blank with it, places to fill in stand before the blank.
fn keep_apart(item: &mut Item, text: &str, offset: u32) {
    let (left, right) = text.split_at(offset as usize);
    let line = left.rsplit('\n').next().unwrap_or_default();
    let begins = |next: char| match next {
        // The quote that ends what the cursor is in.
        '"' | '\'' => line.matches(next).count() % 2 == 0,
        _ => !next.is_whitespace() && !matches!(next, ')' | ']' | '}' | ';' | ','),
    };
    let is_in_front = left.ends_with(char::is_whitespace) && right.starts_with(begins);
    if !is_in_front || !item.span.is_empty() || item.insert.ends_with(' ') {
        return;
    }
    if item.insert.ends_with('=') {
        let plain = item.insert.replace('\\', r"\\").replace('$', r"\$").replace('}', r"\}");
        item.snippet.get_or_insert_with(|| format!("{plain}$0"));
    }
    item.insert.push(' ');
    item.snippet.iter_mut().for_each(|snippet| snippet.push(' '));
}

/// Gathers the items that fit what is typed.
struct Offer<'t> {
    typed: &'t Typed,
    items: Vec<Item>,
}

impl<'t> Offer<'t> {
    fn new(typed: &'t Typed) -> Self {
        Self { typed, items: Vec::new() }
    }

    /// True when `label` goes on with what is typed, from its beginning or from one of its parts.
    fn fits(&self, label: &str) -> bool {
        fits(label, &self.typed.left)
    }

    /// Adds an item whose label is what is written, if it fits.
    fn add(&mut self, kind: ItemKind, label: &str, detail: &str, documentation: String, rank: u32) {
        self.add_as(kind, label, label.to_owned(), detail, documentation, rank);
    }

    /// Adds an item that writes `insert`, if it fits.
    fn add_as(&mut self, kind: ItemKind, label: &str, insert: String, detail: &str, documentation: String, rank: u32) {
        if self.fits(label) {
            // Editors show the detail above the documentation.
            let rest = documentation.strip_prefix(detail).filter(|rest| rest.is_empty() || rest.starts_with('\n'));
            let rest = rest.map(|rest| rest.trim_start().to_owned());
            let documentation = rest.unwrap_or(documentation);
            let (label, detail, span) = (label.to_owned(), detail.to_owned(), self.typed.span());
            let (snippet, also) = (None, None);
            self.items.push(Item { label, kind, detail, documentation, span, insert, snippet, rank, also });
        }
    }
}

/// Upper and lower case are the same, parts begin behind `_ - / . , =`.
fn fits(label: &str, typed: &str) -> bool {
    let is_start = |at: usize| at == 0 || b"_-/.,=".contains(&label.as_bytes()[at - 1]);
    let starts = (0..label.len()).filter(|at| is_start(*at));
    typed.is_empty()
        || starts
            .filter_map(|at| label.as_bytes().get(at..at + typed.len()))
            .any(|part| part.eq_ignore_ascii_case(typed.as_bytes()))
}

/// `true` and `false`.
fn booleans(typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    for (rank, value) in (0..).zip(["true", "false"]) {
        offer.add(ItemKind::Value, value, "", String::new(), rank);
    }
    offer.items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_labels_fit() {
        assert!(fits("CGO_ENABLED", "cgo_") && fits("CGO_ENABLED", "ENA") && fits("./cmd/server", "serv"));
        assert!(!fits("é", "\u{a9}") && fits("é=é", "é"));
        assert!(!fits("CGO_ENABLED", "ABLED") && !fits("CGO_ENABLED", "CGO_ENABLED_") && fits("x", ""));
    }

    /// Wherever the cursor stands: items replace what it touches on its line, and fit in.
    #[test]
    fn every_place_of_broken_texts() {
        let texts = [
            "FROM golang\nRUN",
            "FROM golang\nRUN \\\n",
            "FROM golang\nRUN go \\\n\n  # -\n  build -ta\\\ngs \\\n && go mod 'd\nENV A",
            "FROM golang\r\nRUN go build \\\r\n  -o /x \\\r\n  .\r\nENV CGO_ENABLED=\\\r\n1 GO\r\n",
            "# escape=`\nFROM golang\nRUN go b `\n -tags é,\u{1F600} `\n\nARG \"CGO_\nARG É=é GO",
            "FROM golang\nRUN <<A <<B\ngo b\nA\ngo c\nB\nRUN <<-E\n\tgo mod \n\tE\nONBUILD RUN go b\nONBUILD ENV A=1 GO=",
            "FROM golang\nRUN $(go b) `go c` <(go d) >go ${go:-go e} a=(go f) {go,g} \\go \"$(go -\" 'go\n",
            "FROM golang\nRUN sh -c \"go build -tags=\\\"a \" && env GOOS= go env -w X=1 GOOS=\n",
            "ENV GO\nARG GO=\nFROM golang AS é\nENV\nENV \nENV =\nENV A='GO\nENV GOFLAGS=\"-x -\n\tENV  GOPROXY=a,b|c\n",
            "RUN go \nENV GO\n",
            "\u{feff}# syntax=a/b\r\n# check=skip=;\r\nFROM é AS é\r\nCOPY --from= --chown=é ${ \\\r\n  é /\r\nRUN --mount=type=cache,target=é,=,\r\n",
            "FROM a\nSHELL [\"é\nEXPOSE 80 ${\nCMD [\"é\", \"\nHEALTHCHECK --interval= CMD $\nONBUILD\nONBUILD \nONBUILD COPY --\nVOLUME [\"",
            "FROM --platform=$ golang:\nADD --checksum= h\nUSER é:$\nSTOPSIGNAL \nWORKDIR $é/\nLABEL é= $\nCOPY <<E /\n$é ${\n",
            "# dockline: ignore=é,\n#\n\t# hadolint ignore=,é\nFROM a\n# check=skip=é,;\nRUN a \\\n # dockline: ignore=\n b\nCOPY [\"é\", \"\n",
            "FROM golang\nRUN [\"go\", \"b\\u00e9\", \"-tags=a,\\\n b\", \"é\nCOPY [\"é f\", \"\"]\nONBUILD RUN [ \"sh\", \"-c\", \"go b\" ]\nRUN [\"go\" \"",
            "FROM golang\nRUN bash -e <<A\n\tgo b \\\n é\nA\nONBUILD RUN go b -\nRUN <<A sh\r\ngo \r\n",
            "# dockline ignore=é,x\n# dockline ig\nFROM a AS b\n# dockline  ignore-file = x\nRUN a b\nUSER a\nEXPOSE 1 2\n",
            "# escape=`\r\nFROM a `\r\n  AS\r\nRUN --mount=type=bind,`\r\n--net=\r\nUSER `$\r\nRUN apk add -\r\nRUN apt-get \"",
        ];
        for text in texts {
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                for text in [text, &text[..end]] {
                    let snapshot = Snapshot::of_text(text);
                    for item in completion(&snapshot, end as u32, &|| &[]) {
                        let replaced = &text[item.span.range()];
                        assert!(item.span.touches(end as u32) && !replaced.contains(['\n', '\r']), "{text:?} {item:?}");
                        assert!(fits(&item.label, &text[item.span.start as usize..end]), "{text:?} {item:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn line_ends_marks_and_back_ticks() {
        let best = |text: &str| {
            let found = completion(&Snapshot::of_text(text), text.len() as u32, &|| &[]);
            found.first().map(|item| format!("{} {:?}", item.label, &text[item.span.range()]))
        };
        let is = |text: &str, best_of_it: &str| assert_eq!(best(text).as_deref(), Some(best_of_it), "{text:?}");
        is("\u{feff}FR", "FROM \"FR\"");
        is("\u{feff}# sy", "syntax= \"sy\"");
        is("FROM a\r\nRUN x\r\nCO", "COPY \"CO\"");
        is("FROM a\r\nRUN x\r\n  ", "RUN \"\"");
        is("# syntax=docker/dockerfile:1\r\n# esc", "escape= \"esc\"");
        is("# escape=`\r\nFROM golang:1.27\r\nCOPY `\r\n  --fr", "--from \"--fr\"");
        is("# escape=`\nFROM a\nRUN --mount=type=cache `\n  --net", "--network \"--net\"");
        is("FROM a\r\nARG V=1\r\nENV A=1 \\\r\n  B=${V", "V \"V\"");
        is("FROM a AS é\r\nFROM b\r\nCOPY --from=", "é \"\"");
        assert_eq!(best("# escape=`\nFROM a\nARG V=1\nUSER `$"), None);
        assert_eq!(best("FROM a\nRUN x \\\n\n"), None);
    }

    #[test]
    fn half_typed_shell() {
        let labels = |line: &str| {
            let text = format!("FROM golang:1.27\nRUN {line}");
            let found = completion(&Snapshot::of_text(&text), text.len() as u32, &|| &[]);
            found.into_iter().map(|item| item.label).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels("go vers"), "version");
        assert_eq!(labels("go  -C x vers"), "version");
        assert_eq!(labels("apk add git && \\\n  go vers"), "version");
        assert_eq!(labels("VERSION=$(go vers"), "version");
        assert_eq!(labels("(cd x; /usr/local/go/bin/go vers"), "version");
        assert_eq!(labels("--mount=type=cache,target=/x go build -trim"), "-trimpath");
        assert_eq!(labels("go build --trim"), "--trimpath");
        assert_eq!(labels("go test ./... -failf"), "-failfast");
        assert_eq!(labels("CGO_ENABLED=0 GOARC"), "GOARCH");
        assert_eq!(labels("CGO_ENABLED=0 CGO_E"), "");
        assert_eq!(labels("GOFLAGS='-mod=v"), "-mod=vendor");
        assert_eq!(labels("xx-go vers"), "version");
        assert_eq!(labels("go build -mod v"), "vendor");
        assert_eq!(labels("go help vers"), "version");
        assert_eq!(labels("go mod \\\n  # c\n  ver"), "verify");
        assert_eq!(labels("go mod \\\n    "), labels("go mod "));
        assert_eq!(labels("go get -u -m"), "-modfile -modcacherw -msan");
        for nothing in ["go > ", "go build > -", "go version x", "git -", "\"go vers", "go mod tidy "] {
            assert_eq!(labels(nothing), "", "{nothing}");
        }
    }
}
