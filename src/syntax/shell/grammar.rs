//! Parses shell text with tree-sitter-bash, in bounded time.
use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, Parser, Tree};

/// Bytes that are parsed; the longest script among thousands of real ones has 6,600.
const MAX_BYTES: usize = 64 * 1024;
/// Hundreds of parser steps that any text gets (the longest real script takes 31), and the time it gets if they don't suffice:
/// the grammar's error recovery is quadratic.
const LIMITS: (u32, Duration) = (100, Duration::from_millis(100));

/// Bytes that the parser gets at a time.
const PIECE: usize = 1024;

/// The tree of a text; `None` when it is too long or takes too long.
pub(super) fn parse(text: &str) -> Option<Tree> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    // Half-typed commands survive better when their line ends.
    let bytes = [text.as_bytes(), b"\n"].concat();
    let (start, steps, stopped) = (Instant::now(), Cell::new(0), Cell::new(false));
    let late = || {
        steps.set(steps.get() + 1);
        stopped.set(stopped.get() || steps.get() > LIMITS.0 && start.elapsed() > LIMITS.1);
        stopped.get()
    };
    let mut spend = |_: &_| if late() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    // Between two steps the lexer may look ahead to the end again and again; it asks for each piece.
    let mut read = |at: usize, _| match bytes.get(at..(at + PIECE).min(bytes.len())) {
        Some(piece) if !late() => piece,
        _ => &[],
    };
    let tree = parser.parse_with_options(&mut read, None, Some(ParseOptions::new().progress_callback(&mut spend)));
    tree.filter(|_| !stopped.get())
}
