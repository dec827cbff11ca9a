//! Makes commands of the tree's nodes: words, assignments, redirects.
use tree_sitter::Node;

use super::walk::{Owner, Walker};
use super::{Assignment, Command, GroupKind, Heredoc, Link, Redirect, RedirectKind, Word, scan};
use crate::text::span::Span;

/// The parts of a simple command.
#[derive(Default)]
struct Pieces {
    assignments: Vec<Assignment>,
    words: Vec<Span>,
    redirects: Vec<Redirect>,
}

impl Walker<'_> {
    fn push_command(&mut self, span: Span, pieces: Pieces) {
        let (link, conditional) = self.begin();
        let frame = self.frame();
        let words: Vec<Word> = self.words(pieces.words);
        let command = Command {
            span,
            name: (!words.is_empty()).then_some(0),
            assignments: pieces.assignments,
            words,
            redirects: pieces.redirects,
            link,
            group: frame.group,
            conditional,
            in_substitution: frame.substitution,
            subshell: self.subshells(frame.group),
        };
        self.level.tested = is_test(&command);
        self.level.last = Some(Owner::Command(self.script.commands.len()));
        let script_word = command.script_word().and_then(|word| word.quoted_span(self.source));
        self.script.commands.push(command);
        if let Some(script) = script_word {
            self.nested_script(script);
        }
    }

    pub(super) fn simple(&mut self, node: Node) {
        let mut pieces = Pieces::default();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "variable_assignment" if !matches!(node.kind(), "declaration_command") => {
                    pieces.assignments.push(self.assignment(child));
                }
                "file_redirect" | "herestring_redirect" => self.redirect(child, &mut pieces),
                "subshell" | "comment" | "ERROR" => continue,
                _ if self.span(child).is_empty() => continue,
                _ => pieces.words.push(self.span(child)),
            }
            self.claimed.insert(child.id());
        }
        if !(pieces.words.is_empty() && pieces.assignments.is_empty() && pieces.redirects.is_empty()) {
            self.push_command(self.span(node), pieces);
        }
    }

    pub(super) fn bare_assignment(&mut self, node: Node) {
        let assignments = vec![self.assignment(node)];
        self.push_command(self.span(node), Pieces { assignments, ..Pieces::default() });
    }

    fn assignment(&self, node: Node) -> Assignment {
        let span = self.span(node);
        let name_span = node.child_by_field_name("name").map_or(Span::at(span.start), |name| self.span(name));
        let text = self.text(Span::new(name_span.end, span.end));
        let operator = text.find('=').map_or(0, |at| at as u32 + 1);
        let value_span = Span::new(name_span.end + operator, span.end);
        let is_array = node.child_by_field_name("value").is_some_and(|value| value.kind() == "array");
        let value = if is_array { Word::opaque(value_span) } else { Word::parse(self.source, value_span) };
        Assignment { name: self.text(name_span).to_owned(), name_span, value, span }
    }

    /// `[ … ]`: its words are what blanks separate, the grammar's expressions don't matter.
    pub(super) fn test(&mut self, node: Node) {
        let span = self.span(node);
        let words = scan::split(self.source.text.as_bytes(), span);
        self.push_command(span, Pieces { words, ..Pieces::default() });
    }

    fn redirect(&self, node: Node, pieces: &mut Pieces) {
        let mut redirect =
            Redirect { span: self.span(node), descriptor: None, kind: RedirectKind::Read, target: None, body: None };
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            let span = self.span(child);
            match child.kind() {
                "file_descriptor" => redirect.descriptor = self.text(span).parse().ok(),
                "<" => redirect.kind = RedirectKind::Read,
                ">" | ">|" | "&>" => redirect.kind = RedirectKind::Write,
                ">>" | "&>>" => redirect.kind = RedirectKind::Append,
                "<&" | ">&" | "<&-" | ">&-" => redirect.kind = RedirectKind::Duplicate,
                "<<<" => redirect.kind = RedirectKind::HereString,
                _ if span.is_empty() => {}
                _ if redirect.target.is_none() => {
                    redirect.target = Some(Word::parse(self.source, span));
                    redirect.span.end = span.end;
                }
                // `> file word`: the grammar takes words behind the file as more files.
                _ => pieces.words.push(span),
            }
        }
        pieces.redirects.push(redirect);
    }

    /// A redirect that the grammar puts behind a command or group.
    pub(super) fn redirect_behind(&mut self, node: Node) {
        let mut pieces = Pieces::default();
        self.redirect(node, &mut pieces);
        let span = self.span(node);
        match self.level.last.filter(|_| self.level.link.is_none()) {
            Some(Owner::Command(index)) => self.extend_command(index, pieces, span),
            Some(Owner::Group(group)) => {
                if let Some(group) = self.script.groups.get_mut(group as usize) {
                    group.redirects.append(&mut pieces.redirects);
                }
            }
            None => self.push_command(span, pieces),
        }
    }

    /// A statement of redirects alone belongs to no command before it.
    pub(super) fn redirect_first(&mut self, node: Node) {
        if self.level.seen && node.child(0).is_some_and(|child| child.kind().ends_with("_redirect")) {
            self.level.link = self.level.link.or(Some(Link::Then));
        }
    }

    fn extend_command(&mut self, index: usize, pieces: Pieces, span: Span) {
        let Some(command) = self.script.commands.get_mut(index) else { return };
        command.redirects.extend(pieces.redirects);
        command.span = command.span.cover(span);
        for mut span in pieces.words {
            let at = command.words.partition_point(|word| word.span.start < span.start);
            if let Some(before) = command.words[..at].last().map(|word| word.span)
                && span.start <= self.source.behind_joints(before.end)
            {
                span = before.cover(span);
                command.words[at - 1] = Word::parse(self.source, span);
            } else {
                command.words.insert(at, Word::parse(self.source, span));
            }
        }
        command.name = (!command.words.is_empty()).then_some(0);
    }

    pub(super) fn loose_command(&mut self, node: Node) {
        let span = self.span(node);
        if span.is_empty() {
            return;
        }
        self.push_command(span, Pieces { words: vec![span], ..Pieces::default() });
        self.loose = Some((self.script.commands.len() - 1, self.depth));
        self.claim_children(node);
    }

    pub(super) fn claim_children(&mut self, node: Node) {
        let mut cursor = node.walk();
        self.claimed.extend(node.children(&mut cursor).map(|child| child.id()));
    }

    pub(super) fn loose_word(&mut self, node: Node) {
        match self.loose {
            Some((index, _)) if is_literal(node.kind()) => {
                let span = self.span(node);
                self.extend_command(index, Pieces { words: vec![span], ..Pieces::default() }, span);
            }
            _ => self.loose = None,
        }
    }

    /// Words at these spans; spans that touch, or that only a continuation parts, are one word.
    fn words(&self, mut spans: Vec<Span>) -> Vec<Word> {
        spans.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start <= self.source.behind_joints(last.end) => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged.into_iter().map(|span| Word::parse(self.source, span)).collect()
    }

    /// Gives a heredoc to the command or group whose line has its operator. The tree knows nothing of it.
    pub(super) fn attach_heredoc(&mut self, heredoc: &Heredoc, first: usize) {
        let redirect = Redirect {
            span: heredoc.span,
            descriptor: heredoc.descriptor,
            kind: RedirectKind::Heredoc,
            target: Some(Word::text(heredoc.delimiter, &heredoc.name)),
            body: Some(heredoc.body),
        };
        let start = heredoc.span.start;
        let next = first + self.script.commands[first..].partition_point(|command| command.span.start <= start);
        let mut owner = (next < self.script.commands.len()).then_some(Owner::Command(next));
        for index in (first..next).rev() {
            let command = &self.script.commands[index];
            let group = &self.script.groups[command.group as usize];
            let (candidate, end) = if command.group == 0 || group.span.contains(heredoc.span) {
                (Owner::Command(index), command.span.end)
            } else if group.kind == GroupKind::Substitution {
                continue;
            } else {
                (Owner::Group(command.group), group.span.end)
            };
            // Behind an operator it stands in front of the next command.
            if owner.is_none() || self.is_blank_between(end, start) {
                owner = Some(candidate);
            }
            break;
        }
        match owner {
            Some(Owner::Command(index)) => {
                let command = &mut self.script.commands[index];
                command.span = command.span.cover(heredoc.span);
                command.redirects.push(redirect);
            }
            Some(Owner::Group(group)) => self.script.groups[group as usize].redirects.push(redirect),
            None => {}
        }
    }

    fn is_blank_between(&self, start: u32, end: u32) -> bool {
        let text = self.source.text.get(start as usize..end as usize).unwrap_or_default();
        text.bytes().all(|byte| byte.is_ascii_whitespace() || byte == b'\\')
    }
}

fn is_literal(kind: &str) -> bool {
    matches!(
        kind,
        "word"
            | "string"
            | "raw_string"
            | "ansi_c_string"
            | "translated_string"
            | "number"
            | "concatenation"
            | "expansion"
            | "simple_expansion"
            | "command_substitution"
            | "process_substitution"
            | "arithmetic_expansion"
            | "brace_expression"
    )
}

/// True when the command only answers a question.
fn is_test(command: &Command) -> bool {
    let first = command.arguments().first().and_then(Word::literal).unwrap_or_default();
    match command.name() {
        Some("[" | "[[" | "test" | "which" | "type" | "hash") => true,
        Some("command") => matches!(first, "-v" | "-V"),
        Some("grep") => first.starts_with("-q"),
        _ => false,
    }
}
