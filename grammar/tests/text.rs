//! What the nodes cover: line ends, odd characters, the extent of bodies and of what is left open.

use tree_sitter::{Node, Parser};

/// The text of every node of the kind, in order.
fn texts<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar loads");
    let tree = parser.parse(text, None).expect("no limit is set");
    assert!(!tree.root_node().has_error(), "{}", tree.root_node().to_sexp());
    let mut found = Vec::new();
    collect(tree.root_node(), kind, text, &mut found);
    found
}

fn collect<'a>(node: Node, kind: &str, text: &'a str, found: &mut Vec<&'a str>) {
    if node.kind() == kind {
        found.push(&text[node.byte_range()]);
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        collect(child, kind, text, found);
    }
}

#[test]
fn carriage_returns_before_a_newline_belong_to_it() {
    let text =
        "# syntax=a\r\n# b\r\nCOPY c d\r\nRUN <<EOF \\\r\n  x\r\ny\r\nEOF\r\nENV e=f\r\nCMD [\"g\"]\r\nUSER h\r\r\n";
    assert_eq!(texts(text, "directive_value"), ["a"]);
    assert_eq!(texts(text, "comment"), ["# b"]);
    assert_eq!(texts(text, "path"), ["c", "d"]);
    assert_eq!(texts(text, "shell_command"), ["<<EOF \\\r\n  x"]);
    assert_eq!(texts(text, "line_continuation"), ["\\\r\n"]);
    assert_eq!(texts(text, "heredoc_body"), ["y\r\n"]);
    assert_eq!(texts(text, "heredoc_end"), ["EOF"]);
    assert_eq!(texts(text, "value"), ["f"]);
    assert_eq!(texts(text, "json_array"), ["[\"g\"]"]);
    assert_eq!(texts(text, "word"), ["h"]);
}

#[test]
fn a_lone_carriage_return_is_a_blank_or_data() {
    let text = "RUN a\rb\nCOPY\rc\rd\nUSER \"e\rf\"\n# g\rh\nENV i=\"j\rk\"\rl=m\n";
    assert_eq!(texts(text, "shell_command"), ["a\rb"]);
    assert_eq!(texts(text, "path"), ["c", "d"]);
    assert_eq!(texts(text, "word"), ["\"e\rf\""]);
    assert_eq!(texts(text, "comment"), ["# g\rh"]);
    assert_eq!(texts(text, "pair"), ["i=\"j\rk\"", "l=m"]);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let text = "\u{feff}# escape=`\nRUN a `\n  b\n";
    assert_eq!(texts(text, "directive"), ["# escape=`"]);
    assert_eq!(texts(text, "shell_command"), ["a `\n  b"]);
}

#[test]
fn odd_characters_are_data() {
    let text = "COPY é 🐳\0 x\nLABEL ü=\"a\0b\"\nRUN \0<<E\0F\n\0\nE\0F\nUSER \u{b}a\u{c}";
    assert_eq!(texts(text, "path"), ["é", "🐳\0", "x"]);
    assert_eq!(texts(text, "value"), ["\"a\0b\""]);
    assert_eq!(texts(text, "shell_command"), ["\0<<E\0F"]);
    assert_eq!(texts(text, "word"), ["\0", "E\0F", "a"].get(2..).expect("one"));
}

#[test]
fn spaces_of_all_scripts_part_pairs_but_not_paths() {
    assert_eq!(texts("ENV a=b\u{a0}c=d\u{2003}e=f", "pair"), ["a=b", "c=d", "e=f"]);
    assert_eq!(texts("COPY a\u{a0}b c", "path"), ["a\u{a0}b", "c"]);
}

#[test]
fn bodies_are_whole_lines() {
    let text = "RUN <<-A <<B\n\t1\n\n\tA\n# 2 \\\nB\nUSER c\n";
    assert_eq!(texts(text, "heredoc_start"), ["<<-A", "<<B"]);
    assert_eq!(texts(text, "heredoc_body"), ["\t1\n\n", "# 2 \\\n"]);
    assert_eq!(texts(text, "heredoc_end"), ["A", "B"]);
    assert_eq!(texts("RUN << 'A B' x\nA B", "heredoc_start"), ["<< 'A B'"]);
    assert_eq!(texts("RUN a 3<<B 2>&1\nB", "heredoc_start"), ["3<<B"]);
}

#[test]
fn an_open_body_ends_above_the_next_instruction() {
    let text = "RUN <<EOF\na\nUSER b\n\n# c\nUSER d\n";
    assert_eq!(texts(text, "heredoc_body"), ["a\nUSER b\n\n# c\n"]);
    assert_eq!(texts(text, "word"), ["d"]);
    assert_eq!(
        texts("RUN <<EOF\na\n\nuser b\n\n USER c\n\nUSERS\n", "heredoc_body"),
        ["a\n\nuser b\n\n USER c\n\nUSERS\n"]
    );
}

#[test]
fn what_is_left_open_ends_with_its_word_or_line() {
    assert_eq!(texts("ENV a=\"b c  \nUSER d", "value"), ["\"b c"]);
    assert_eq!(texts("COPY \"a b\" c", "path"), ["\"a", "b\"", "c"]);
    assert_eq!(texts("ENV a=${b c=d", "expansion"), ["${b"]);
    assert_eq!(texts("ENV a=\"${b:-\"c d\"}\"", "pair"), ["a=\"${b:-\"c", "d\"}\""]);
    assert_eq!(texts("WORKDIR /a b  \n", "path"), ["/a b"]);
}

#[test]
fn flags_are_read_before_words() {
    let text = "COPY --chown=\"a b\" --from=c\\ d e";
    assert_eq!(texts(text, "flag"), ["--chown=\"a b\"", "--from=c\\ d"]);
    assert_eq!(texts(text, "flag_name"), ["chown", "from"]);
    assert_eq!(texts(text, "flag_value"), ["\"a b\"", "c\\ d"]);
}

#[test]
fn expansions_are_taken_apart() {
    let text = "USER ${a:-b$c}${d##e*}${f/g/h}$i";
    assert_eq!(texts(text, "variable"), ["a", "c", "d", "f", "i"]);
    assert_eq!(texts(text, "operator"), [":-", "##", "/"]);
    assert_eq!(texts(text, "argument"), ["b$c", "e*", "g/h"]);
}

#[test]
fn nesting_beyond_the_bound_is_text() {
    for part in ["\"${a:-", "'\"", "${", "$"] {
        assert_eq!(texts(&format!("ENV a={}\nUSER b", part.repeat(500)), "word"), ["b"]);
    }
    let array = format!("CMD {}{}\nUSER b", "[".repeat(500), "]".repeat(500));
    assert_eq!(texts(&array, "shell_command").len(), 1);
}

#[test]
fn more_heredocs_than_the_bound_are_text() {
    let text = format!("RUN{}\n{}USER a\n", " <<E".repeat(100), "E\n".repeat(48));
    assert_eq!(texts(&text, "heredoc_end").len(), 48);
    assert_eq!(texts(&text, "word"), ["a"]);
}

/// Work that grew with the square of the text would take minutes here.
#[test]
fn hostile_text_takes_bounded_work() {
    let count = 4_000;
    assert_eq!(texts(&"RUN <<E\na\n\n".repeat(count), "run_instruction").len(), count);
    let candidates = format!("RUN <<E\n{}", "\nRUN a\n".repeat(count));
    assert_eq!(texts(&candidates, "run_instruction").len(), count + 1);
    for line in ["<<a ", "<<a \\\n", "<<<a ", "<<'a ", "1<2 ", "\\\\\\ ", "--a=b ", "[ ", "\\\n# a\n"] {
        for keyword in ["RUN", "COPY", "ENV", "ARG", "CMD", "FROM"] {
            assert_eq!(texts(&format!("{keyword} {}", line.repeat(count)), "source_file").len(), 1);
        }
    }
}
