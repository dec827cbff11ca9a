//! The queries fit the grammar, and the main ones catch what they are for.

use std::path::Path;
use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator};

const NAMES: [&str; 7] = ["highlights", "injections", "folds", "locals", "tags", "textobjects", "indents"];

fn language() -> Language {
    dockline_grammar::LANGUAGE.into()
}

fn query(name: &str) -> Query {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../queries").join(name).with_extension("scm");
    let text = std::fs::read_to_string(&file).expect("a query");
    Query::new(&language(), &text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What the query catches, as `capture text`.
fn captures(name: &str, text: &str) -> Vec<String> {
    let mut parser = Parser::new();
    parser.set_language(&language()).expect("the grammar loads");
    let tree = parser.parse(text, None).expect("no limit is set");
    let query = query(name);
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(&query, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some(one) = matches.next() {
        for capture in one.captures() {
            let part = &text[capture.node.byte_range()];
            found.push(format!("{} {part}", query.capture_names()[capture.index as usize]));
        }
    }
    found
}

#[test]
fn every_query_compiles() {
    for name in NAMES {
        assert!(query(name).pattern_count() > 0, "{name}");
    }
}

#[test]
fn every_keyword_is_highlighted() {
    let language = language();
    let keywords = (0..language.node_kind_count() as u16)
        .filter(|&id| !language.node_kind_is_named(id))
        .filter_map(|id| language.node_kind_for_id(id))
        .filter(|kind| kind.len() > 1 && kind.chars().all(|c| c.is_ascii_uppercase()));
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../queries/highlights.scm"));
    let text = text.expect("the query");
    for keyword in keywords {
        assert!(text.contains(&format!("\"{keyword}\"")), "{keyword}");
    }
}

#[test]
fn scripts_are_shell() {
    let text = "RUN a\nRUN <<EOF\nb\nEOF\nRUN cat <<EOF > x\nc\nEOF\nRUN <<EOF python3\nd\nEOF\nCOPY <<EOF e\nf\nEOF\n";
    let found = captures("injections", text);
    let bodies: Vec<&String> = found.iter().filter(|one| one.starts_with("injection.content")).collect();
    let expected =
        ["a", "<<EOF", "b\n", "cat <<EOF > x", "<<EOF python3", "d\n"].map(|part| format!("injection.content {part}"));
    assert_eq!(bodies, expected.iter().collect::<Vec<_>>());
}

#[test]
fn stages_and_variables_are_tags() {
    let found = captures("tags", "ARG a=1\nFROM b AS c\nENV d $a\n");
    let names: Vec<&String> = found.iter().filter(|one| one.starts_with("name ")).collect();
    assert_eq!(names, ["name a", "name c", "name d", "name a"]);
}
