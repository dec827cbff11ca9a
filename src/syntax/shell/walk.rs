//! Walks the bash tree once, in the order of the text, and lists its commands.
//!
//! The walk is a loop over a cursor, never recursion: depth of nesting costs heap only. How commands are joined is read from
//! the operators in between, not from the nesting of the tree's lists.
//!
//! Long because every kind of node has a small function here and they call each other.
use std::collections::HashSet;
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser, Tree, TreeCursor};

use super::{
    Assignment, Command, Group, GroupKind, Heredoc, Link, Redirect, RedirectKind, Script, Source, Word, rewrite,
};
use crate::text::span::Span;

/// Groups inside groups that get a number of their own.
const MAX_DEPTH: usize = 64;
/// `sh -c '…'` inside `sh -c '…'`, and how many of them a text may have.
const MAX_NESTING: (u32, u32) = (4, 64);
/// Parser steps for any text, in hundreds, and how many more for each byte: real text takes less than a tenth of them.
const STEPS: (usize, usize) = (20_000, 1);

/// The script of a rewritten text.
pub(super) fn walk(source: &Source) -> Script {
    let span = Span::from(source.script.clone());
    let mut walker = Walker {
        source,
        base: 0,
        depth: 0,
        script: Script::empty(span),
        frames: vec![Frame::default()],
        level: Level::default(),
        pipelines: Vec::new(),
        claimed: HashSet::new(),
        loose: None,
        nesting: 0,
        nested: 0,
    };
    walker.run();
    let mut script = walker.script;
    script.uses.sort_by_key(|used| used.span);
    script.uses.dedup();
    script
}

fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    // Half-typed commands survive better when their line ends.
    let bytes = [text.as_bytes(), b"\n"].concat();
    let mut left = STEPS.0 + bytes.len() * STEPS.1;
    let mut spend = |_: &_| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut spend);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// What encloses the node that is looked at.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// Depth of its node.
    depth: u32,
    group: u32,
    kind: Option<GroupKind>,
    conditional: bool,
    substitution: bool,
    /// What was known before it, for going on behind it.
    outer: Level,
}

/// What is known of the statements before, at one level of nesting.
#[derive(Clone, Copy, Default)]
struct Level {
    /// The operator since the last statement.
    link: Option<Link>,
    /// True when there was a statement.
    seen: bool,
    /// True right of `||`.
    or: bool,
    /// True when the last statement only tested something.
    tested: bool,
    /// The first command behind `[ … ] &&`.
    after_test: Option<usize>,
    /// What a redirect belongs to.
    last: Option<Owner>,
}

#[derive(Clone, Copy)]
enum Owner {
    Command(usize),
    Group(u32),
}

struct Walker<'a> {
    source: &'a Source,
    /// Where the parsed text begins in the source.
    base: u32,
    depth: u32,
    script: Script,
    frames: Vec<Frame>,
    level: Level,
    /// Depths of the pipelines around.
    pipelines: Vec<u32>,
    /// Nodes that are part of a command already.
    claimed: HashSet<usize>,
    /// In a broken region: the command that words at this depth belong to.
    loose: Option<(usize, u32)>,
    nesting: u32,
    nested: u32,
}

impl Walker<'_> {
    fn run(&mut self) {
        let first = self.script.commands.len();
        self.base = self.source.script.start as u32;
        self.script.uses.extend(self.source.uses.iter().cloned());
        if let Some(tree) = parse(&self.source.text[self.source.script.clone()]) {
            self.script.broken |= tree.root_node().has_error();
            self.visit_all(&mut tree.walk());
        } else {
            self.script.broken = true;
        }
        for heredoc in &self.source.heredocs {
            self.attach_heredoc(heredoc, first);
        }
    }

    fn visit_all(&mut self, cursor: &mut TreeCursor) {
        loop {
            self.enter(cursor.node());
            if cursor.goto_first_child() {
                self.depth += 1;
                continue;
            }
            self.leave();
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                self.depth -= 1;
                self.leave();
            }
        }
    }

    fn span(&self, node: Node) -> Span {
        Span::from(node.byte_range()).shift(self.base)
    }

    fn text(&self, span: Span) -> &str {
        self.source.text.get(span.range()).unwrap_or_default()
    }

    fn enter(&mut self, node: Node) {
        if self.loose.is_some_and(|(_, depth)| depth == self.depth) {
            self.loose_word(node);
        }
        match node.kind() {
            "command" | "declaration_command" | "unset_command" | "variable_assignments" => self.simple(node),
            "variable_assignment" if !self.claimed.contains(&node.id()) => self.bare_assignment(node),
            "test_command" => {
                self.test(node);
                self.push_frame(None, node);
            }
            "command_name" if !self.claimed.contains(&node.id()) => self.loose_command(node),
            "file_redirect" | "herestring_redirect" if !self.claimed.contains(&node.id()) => self.redirect_behind(node),
            "redirected_statement" => self.redirect_first(node),
            "pipeline" => self.pipelines.push(self.depth),
            "arithmetic_expansion" | "expansion" => self.push_frame(None, node),
            kind => match group_kind(kind) {
                Some(group) => {
                    if kind == "c_style_for_statement" {
                        // Its counter is none of the script's assignments.
                        self.claim_children(node);
                    }
                    self.push_frame(Some(group), node);
                }
                None => self.operator(kind),
            },
        }
    }

    fn leave(&mut self) {
        if self.pipelines.last() == Some(&self.depth) {
            self.pipelines.pop();
        }
        if self.frames.len() > 1 && self.frames.last().is_some_and(|frame| frame.depth == self.depth) {
            self.pop_frame();
        }
    }

    /// Reads what joins statements, and where the bodies of `if`, `for`, `while` and `case` begin.
    fn operator(&mut self, token: &str) {
        let link = match token {
            "&&" => Link::And,
            "||" => Link::Or,
            "|" | "|&" => Link::Pipe,
            "&" => Link::Background,
            ";" | ";;" | ";&" | ";;&" => Link::Then,
            "then" | "do" | "else" | "elif" => {
                self.body_begins();
                Link::Then
            }
            ")" if self.frame().kind == Some(GroupKind::Case) => Link::Then,
            "in" if self.frame().kind == Some(GroupKind::Case) => {
                self.body_begins();
                Link::Then
            }
            _ => return,
        };
        match link {
            Link::And => {
                let first = self.script.commands.len();
                self.level.after_test = self.level.after_test.or(self.level.tested.then_some(first));
                self.level.or = false;
            }
            Link::Or => {
                self.end_chain();
                self.level.or = true;
            }
            _ => {}
        }
        self.level.link = Some(link);
    }

    fn body_begins(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.conditional = true;
        }
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or_default()
    }

    /// What stands behind `[ … ] &&` was conditional after all: the script goes on without it.
    fn end_chain(&mut self) {
        if let Some(first) = self.level.after_test.take() {
            for command in &mut self.script.commands[first..] {
                command.conditional = true;
            }
        }
        self.level.or = false;
    }

    /// A statement begins: how it is joined, and whether it may not run.
    fn begin(&mut self) -> (Link, bool) {
        let default = if self.level.seen { Link::Then } else { Link::First };
        let link = self.level.link.take().unwrap_or(default);
        if self.level.seen && matches!(link, Link::Then | Link::Background) {
            self.end_chain();
        }
        self.level.seen = true;
        self.level.tested = false;
        (link, self.level.or || self.frame().conditional)
    }

    /// Enters a group, or with `None` a place whose operators join no commands.
    fn push_frame(&mut self, kind: Option<GroupKind>, node: Node) {
        let outer = self.frame();
        let mut frame = Frame { depth: self.depth, kind, outer: self.level, ..outer };
        if let Some(kind) = kind {
            let substitution = matches!(kind, GroupKind::Substitution | GroupKind::Nested);
            let mut inner = Level::default();
            frame.conditional |= self.level.or;
            if !substitution {
                let (link, conditional) = self.begin();
                frame.conditional = conditional || kind == GroupKind::Function;
                inner.link = Some(if kind == GroupKind::Function { Link::Then } else { link });
            }
            frame.substitution |= kind == GroupKind::Substitution;
            let piped = self.depth > 0 && self.pipelines.last() == Some(&(self.depth - 1));
            let subshell = piped || substitution || kind == GroupKind::Subshell;
            frame.group = self.group(kind, self.span(node), subshell);
            frame.outer = self.level;
            self.level = inner;
        }
        self.frames.push(frame);
    }

    fn group(&mut self, kind: GroupKind, span: Span, subshell: bool) -> u32 {
        let parent = self.frame().group;
        if self.frames.len() > MAX_DEPTH {
            return parent;
        }
        self.script.groups.push(Group { kind, parent, span, subshell, redirects: Vec::new() });
        self.script.groups.len() as u32 - 1
    }

    fn pop_frame(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.level = frame.outer;
        if frame.kind.is_some_and(|kind| kind != GroupKind::Substitution && kind != GroupKind::Nested) {
            self.level.last = Some(Owner::Group(frame.group));
        }
    }

    /// The processes that enclose a command of this group.
    fn subshells(&self, mut group: u32) -> Vec<u32> {
        let mut chain = Vec::new();
        while let Some(found) = self.script.groups.get(group as usize).filter(|_| group > 0) {
            if found.subshell {
                chain.push(group);
            }
            group = found.parent;
        }
        chain.reverse();
        chain
    }

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

    /// Lists the commands of `sh -c '…'` behind the `sh`.
    fn nested_script(&mut self, span: Span) {
        if self.nesting >= MAX_NESTING.0 || self.nested >= MAX_NESTING.1 {
            return;
        }
        let source = rewrite::nested(self.source, span);
        let outer = self.frame();
        let conditional = outer.conditional || self.level.or;
        let group = self.group(GroupKind::Nested, span, true);
        let mut inner = Walker {
            source: &source,
            base: 0,
            depth: 0,
            script: std::mem::take(&mut self.script),
            frames: vec![Frame { group, conditional, ..outer }],
            level: Level::default(),
            pipelines: Vec::new(),
            claimed: HashSet::new(),
            loose: None,
            nesting: self.nesting + 1,
            nested: self.nested + 1,
        };
        inner.run();
        self.nested = inner.nested;
        self.script = inner.script;
    }

    fn simple(&mut self, node: Node) {
        let mut pieces = Pieces::default();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "variable_assignment" if !matches!(node.kind(), "declaration_command") => {
                    pieces.assignments.push(self.assignment(child));
                }
                "file_redirect" | "herestring_redirect" => self.redirect(child, &mut pieces),
                "subshell" | "comment" | "ERROR" => continue,
                _ if child.byte_range().is_empty() => continue,
                _ => pieces.words.push(self.span(child)),
            }
            self.claimed.insert(child.id());
        }
        if !(pieces.words.is_empty() && pieces.assignments.is_empty() && pieces.redirects.is_empty()) {
            self.push_command(self.span(node), pieces);
        }
    }

    fn bare_assignment(&mut self, node: Node) {
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
    fn test(&mut self, node: Node) {
        let span = self.span(node);
        let words = super::scan::split(self.source.text.as_bytes(), span);
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
    fn redirect_behind(&mut self, node: Node) {
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
    fn redirect_first(&mut self, node: Node) {
        if self.level.seen && node.child(0).is_some_and(|child| child.kind().ends_with("_redirect")) {
            self.level.link = self.level.link.or(Some(Link::Then));
        }
    }

    fn extend_command(&mut self, index: usize, pieces: Pieces, span: Span) {
        let Some(command) = self.script.commands.get(index) else { return };
        let mut spans: Vec<Span> = command.words.iter().map(|word| word.span).collect();
        let more_words = !pieces.words.is_empty();
        spans.extend(pieces.words);
        let words = if more_words { self.words(spans) } else { Vec::new() };
        let command = &mut self.script.commands[index];
        if more_words {
            command.name = Some(0);
            command.words = words;
        }
        command.redirects.extend(pieces.redirects);
        command.span = command.span.cover(span);
    }

    fn loose_command(&mut self, node: Node) {
        let span = self.span(node);
        if span.is_empty() {
            return;
        }
        self.push_command(span, Pieces { words: vec![span], ..Pieces::default() });
        self.loose = Some((self.script.commands.len() - 1, self.depth));
        self.claim_children(node);
    }

    fn claim_children(&mut self, node: Node) {
        let mut cursor = node.walk();
        self.claimed.extend(node.children(&mut cursor).map(|child| child.id()));
    }

    fn loose_word(&mut self, node: Node) {
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
                Some(last) if span.start <= self.behind_joints(last.end) => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged.into_iter().map(|span| Word::parse(self.source, span)).collect()
    }

    fn behind_joints(&self, at: u32) -> u32 {
        let mut at = at;
        while let Ok(index) = self.source.joints.binary_search_by_key(&at, |joint| joint.start) {
            at = self.source.joints[index].end;
        }
        at
    }

    fn attach_heredoc(&mut self, heredoc: &Heredoc, first: usize) {
        let redirect = Redirect {
            span: heredoc.span,
            descriptor: heredoc.descriptor,
            kind: RedirectKind::Heredoc,
            target: Some(Word::text(heredoc.delimiter, &heredoc.name)),
            body: Some(heredoc.body),
        };
        let commands = &self.script.commands;
        let mut index = first + commands[first..].partition_point(|command| command.span.start <= heredoc.span.start);
        while index > first {
            index -= 1;
            let group = self.script.commands[index].group as usize;
            let Some(found) = self.script.groups.get_mut(group) else { break };
            if group == 0 || found.kind == GroupKind::Nested || found.span.contains(heredoc.span) {
                let command = &mut self.script.commands[index];
                command.span = command.span.cover(heredoc.span);
                command.redirects.push(redirect);
                return;
            }
            if found.kind != GroupKind::Substitution {
                found.redirects.push(redirect);
                return;
            }
        }
        if let Some(command) = self.script.commands.get_mut(first) {
            command.span = command.span.cover(heredoc.span);
            command.redirects.push(redirect);
        }
    }
}

/// The parts of a simple command.
#[derive(Default)]
struct Pieces {
    assignments: Vec<Assignment>,
    words: Vec<Span>,
    redirects: Vec<Redirect>,
}

fn group_kind(kind: &str) -> Option<GroupKind> {
    Some(match kind {
        "subshell" => GroupKind::Subshell,
        "compound_statement" => GroupKind::Braces,
        "if_statement" => GroupKind::If,
        "for_statement" | "c_style_for_statement" | "while_statement" => GroupKind::Loop,
        "case_statement" => GroupKind::Case,
        "function_definition" => GroupKind::Function,
        "command_substitution" | "process_substitution" => GroupKind::Substitution,
        _ => return None,
    })
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
