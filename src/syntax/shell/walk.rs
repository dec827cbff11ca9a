//! Walks the bash tree once, in the order of the text, and lists its commands.
//!
//! The walk is a loop over a cursor, never recursion: depth of nesting costs heap only. How commands are joined is read from
//! the operators in between, not from the nesting of the tree's lists.
use std::collections::HashSet;

use tree_sitter::{Node, TreeCursor};

use super::{Group, GroupKind, Link, Script, Source, grammar, rewrite};
use crate::text::span::Span;

/// Groups inside groups that get a number of their own.
const MAX_DEPTH: usize = 64;
/// `sh -c '…'` inside `sh -c '…'`, and how many of them a text may have.
const MAX_NESTING: (u32, u32) = (4, 64);
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

/// What encloses the node that is looked at.
#[derive(Clone, Copy, Default)]
pub(super) struct Frame {
    /// Depth of its node.
    pub depth: u32,
    pub group: u32,
    pub kind: Option<GroupKind>,
    pub conditional: bool,
    pub substitution: bool,
    /// What was known before it, for going on behind it.
    pub outer: Level,
}

/// What is known of the statements before, at one level of nesting.
#[derive(Clone, Copy, Default)]
pub(super) struct Level {
    /// The operator since the last statement.
    pub link: Option<Link>,
    /// True when there was a statement.
    pub seen: bool,
    /// True right of `||`.
    pub or: bool,
    /// True when the last statement only tested something.
    pub tested: bool,
    /// The first command behind `[ … ] &&`.
    pub after_test: Option<usize>,
    /// What a redirect belongs to.
    pub last: Option<Owner>,
}

#[derive(Clone, Copy)]
pub(super) enum Owner {
    Command(usize),
    Group(u32),
}

pub(super) struct Walker<'a> {
    pub source: &'a Source,
    /// Where the parsed text begins in the source.
    pub base: u32,
    pub depth: u32,
    pub script: Script,
    pub frames: Vec<Frame>,
    pub level: Level,
    /// Depths of the pipelines around.
    pub pipelines: Vec<u32>,
    /// Nodes that are part of a command already.
    pub claimed: HashSet<usize>,
    /// In a broken region: the command that words at this depth belong to.
    pub loose: Option<(usize, u32)>,
    pub nesting: u32,
    pub nested: u32,
}

impl Walker<'_> {
    fn run(&mut self) {
        let first = self.script.commands.len();
        self.base = self.source.script.start as u32;
        self.script.uses.extend(self.source.uses.iter().cloned());
        // The grammar takes a lone continuation for an error.
        let text = self.source.text.get(self.source.script.clone()).filter(|_| !self.source.is_blank());
        match text.map(grammar::parse) {
            Some(Some(tree)) => {
                self.script.broken |= tree.root_node().has_error();
                self.visit_all(&mut tree.walk());
            }
            Some(None) => self.script.broken = true,
            None => {}
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

    pub(super) fn span(&self, node: Node) -> Span {
        // The line break that `parse` appended is not in the text.
        let (range, limit) = (node.byte_range(), self.source.script.len());
        Span::from(range.start.min(limit)..range.end.min(limit)).shift(self.base)
    }

    pub(super) fn text(&self, span: Span) -> &str {
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

    pub(super) fn frame(&self) -> Frame {
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
    pub(super) fn begin(&mut self) -> (Link, bool) {
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
    pub(super) fn subshells(&self, mut group: u32) -> Vec<u32> {
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

    /// Lists the commands of `sh -c '…'` behind the `sh`.
    pub(super) fn nested_script(&mut self, span: Span) {
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
