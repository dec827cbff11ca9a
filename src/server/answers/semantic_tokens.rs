//! Semantic tokens as the protocol has them: five numbers each, and only what changed since the last answer.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tower_lsp::gen_lsp_types::Range;

use crate::ide::semantic_tokens::{Token, semantic_tokens};
use crate::server::convert::{View, result_id};
use crate::server::json::Json;
use crate::text::buffer::PositionEncoding;

/// Numbers that are kept of one document, so that the next answer can be what changed; a file of 50,000 lines has 1,500,000.
const MAX_KEPT: usize = 2_000_000;
/// Numbers that are kept of all documents.
const MAX_KEPT_OF_ALL: usize = 4_000_000;

/// What was answered last, by document.
#[derive(Debug, Default)]
pub struct Answered(Mutex<HashMap<String, Last>>);

/// One answer and its id.
#[derive(Clone, Debug)]
struct Last {
    id: u64,
    data: Arc<Vec<u32>>,
}

/// A replacement of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The first that is replaced.
    pub start: u32,
    /// How many are.
    pub delete_count: u32,
    /// What stands there afterwards.
    pub data: Vec<u32>,
}

impl View<'_> {
    /// `textDocument/semanticTokens/full`, and `…/full/delta` with the id of an earlier answer; as JSON.
    pub fn semantic_tokens(&self, answered: &Answered, since: Option<&str>) -> Vec<u8> {
        let id = self.document.serial;
        if !self.editor.token_changes {
            return all(None, &self.encoded(None));
        }
        let last = answered.get(&self.uri.0);
        let data = match &last {
            Some(last) if last.id == id => last.data.clone(),
            _ => Arc::new(self.encoded(None)),
        };
        answered.keep(&self.uri.0, Last { id, data: data.clone() });
        match last.filter(|last| since.is_some_and(|since| since == result_id(last.id))) {
            Some(last) => edited(&result_id(id), &changes(&last.data, &data)),
            None => all(Some(&result_id(id)), &data),
        }
    }

    /// `textDocument/semanticTokens/range`, as JSON.
    pub fn semantic_tokens_in(&self, range: Range) -> Vec<u8> {
        all(None, &self.encoded(Some(range)))
    }

    fn encoded(&self, range: Option<Range>) -> Vec<u32> {
        let snapshot = self.document.snapshot();
        let tokens = semantic_tokens(snapshot, range.map(|range| self.span(range)));
        encode(snapshot.text(), &tokens, self.editor.encoding)
    }
}

impl Answered {
    fn get(&self, uri: &str) -> Option<Last> {
        self.lock().get(uri).cloned()
    }

    /// Forgets a document.
    pub fn close(&self, uri: &str) {
        self.lock().remove(uri);
    }

    fn keep(&self, uri: &str, last: Last) {
        let mut kept = self.lock();
        kept.remove(uri);
        if last.data.len() > MAX_KEPT {
            return;
        }
        let all: usize = kept.values().map(|last| last.data.len()).sum();
        if all + last.data.len() > MAX_KEPT_OF_ALL {
            kept.clear();
        }
        kept.insert(uri.to_owned(), last);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All tokens; the id names the answer, where the editor can use it.
fn all(result_id: Option<&str>, data: &[u32]) -> Vec<u8> {
    let mut json = Json::default();
    json.0.reserve(data.len() * 3);
    json.raw("{");
    if let Some(id) = result_id {
        json.raw(r#""resultId":"#);
        json.value(id);
        json.raw(",");
    }
    json.raw(r#""data":"#);
    json.numbers(data);
    json.raw("}");
    json.0
}

/// What is different since an earlier answer.
fn edited(result_id: &str, edits: &[Edit]) -> Vec<u8> {
    let mut json = Json::default();
    json.raw(r#"{"resultId":"#);
    json.value(result_id);
    json.raw(r#","edits":"#);
    json.list(edits, |json, edit| {
        json.raw(r#"{"start":"#);
        json.number(edit.start);
        json.raw(r#","deleteCount":"#);
        json.number(edit.delete_count);
        json.raw(r#","data":"#);
        json.numbers(&edit.data);
        json.raw("}");
    });
    json.raw("}");
    json.0
}

/// Five numbers a token: lines since the token before, columns since its start in the same line, length, type, modifiers.
pub fn encode(text: &str, tokens: &[Token], encoding: PositionEncoding) -> Vec<u32> {
    let bytes = text.as_bytes();
    let encoding = if text.is_ascii() { PositionEncoding::Utf8 } else { encoding };
    let mut data = Vec::with_capacity(tokens.len() * 5);
    // The columns of the last token, and of where we are.
    let (mut at, mut before, mut column) = (0, 0, 0);
    for token in tokens {
        let range = token.span.range();
        let mut lines = 0;
        let mut from = at;
        for (index, &byte) in bytes[at..range.start].iter().enumerate() {
            let next = at + index + 1;
            if byte == b'\n' || byte == b'\r' && bytes.get(next) != Some(&b'\n') {
                lines += 1;
                from = next;
            }
        }
        if lines > 0 {
            (before, column) = (0, 0);
        }
        column += units(&bytes[from..range.start], encoding);
        data.extend([lines, column - before, units(&bytes[range.clone()], encoding), token.kind.index()]);
        data.push(u32::from(token.modifiers));
        (at, before) = (range.start, column);
    }
    data
}

/// The length of whole characters.
fn units(bytes: &[u8], encoding: PositionEncoding) -> u32 {
    let count = |test: fn(u8) -> bool| bytes.iter().filter(|byte| test(**byte)).count();
    let units = match encoding {
        PositionEncoding::Utf8 => bytes.len(),
        PositionEncoding::Utf16 => count(|byte| byte & 0xc0 != 0x80) + count(|byte| byte >= 0xf0),
        PositionEncoding::Utf32 => count(|byte| byte & 0xc0 != 0x80),
    };
    units as u32
}

/// What makes `new` of `old`; whole tokens.
pub fn changes(old: &[u32], new: &[u32]) -> Vec<Edit> {
    let (old_tokens, new_tokens) = (old.chunks_exact(5), new.chunks_exact(5));
    let most = old_tokens.len().min(new_tokens.len());
    let front = old_tokens.clone().zip(new_tokens.clone()).take_while(|(old, new)| old == new).count();
    let back = old_tokens.rev().zip(new_tokens.rev()).take(most - front).take_while(|(old, new)| old == new).count();
    let (start, end, old_end) = (front * 5, new.len() - back * 5, old.len() - back * 5);
    if start == end && start == old_end {
        return Vec::new();
    }
    vec![Edit { start: start as u32, delete_count: (old_end - start) as u32, data: new[start..end].to_vec() }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::snapshot::Snapshot;

    fn numbers(text: &str, encoding: PositionEncoding) -> Vec<u32> {
        encode(text, &semantic_tokens(&Snapshot::of_text(text), None), encoding)
    }

    #[test]
    fn counts_in_the_editors_units() {
        let text = "FROM a\r\nENV é=😀 b=$c\r";
        let lengths = |encoding| -> Vec<u32> { numbers(text, encoding).chunks(5).map(|token| token[2]).collect() };
        assert_eq!(lengths(PositionEncoding::Utf8), [4, 1, 3, 2, 1, 4, 1, 1, 2]);
        assert_eq!(lengths(PositionEncoding::Utf16), [4, 1, 3, 1, 1, 2, 1, 1, 2]);
        assert_eq!(lengths(PositionEncoding::Utf32), [4, 1, 3, 1, 1, 1, 1, 1, 2]);
        let starts: Vec<u32> = numbers(text, PositionEncoding::Utf16).chunks(5).map(|token| token[1]).collect();
        assert_eq!(starts, [0, 5, 0, 4, 1, 1, 3, 1, 1]);
    }

    #[test]
    fn changes_are_small() {
        let text = "FROM a\nRUN b\nRUN c\n";
        let old = numbers(text, PositionEncoding::Utf16);
        assert_eq!(changes(&old, &old), []);
        let new = numbers(&text.replace("RUN b\n", "RUN b\nRUN dd\n"), PositionEncoding::Utf16);
        assert_eq!(changes(&old, &new), [Edit { start: 25, delete_count: 0, data: new[25..35].to_vec() }]);
        assert_eq!(changes(&old, &[]), [Edit { start: 0, delete_count: 30, data: vec![] }]);
        assert_eq!(changes(&[], &old), [Edit { start: 0, delete_count: 0, data: old }]);
    }

    #[test]
    fn answers_are_json() {
        let text = |json: Vec<u8>| String::from_utf8(json).unwrap();
        assert_eq!(text(all(None, &[])), r#"{"data":[]}"#);
        assert_eq!(
            text(all(Some("1-a"), &[0, 9, 10, 4_294_967_295])),
            r#"{"resultId":"1-a","data":[0,9,10,4294967295]}"#
        );
        assert_eq!(text(edited("b", &[])), r#"{"resultId":"b","edits":[]}"#);
        let edit = |start, data| Edit { start, delete_count: 15, data };
        assert_eq!(
            text(edited("b", &[edit(5, vec![]), edit(300, vec![1, 22])])),
            r#"{"resultId":"b","edits":[{"start":5,"deleteCount":15,"data":[]},{"start":300,"deleteCount":15,"data":[1,22]}]}"#
        );
    }

    #[test]
    fn little_is_kept() {
        let answered = Answered::default();
        let last = |length| Last { id: 1, data: Arc::new(vec![0; length]) };
        answered.keep("a", last(MAX_KEPT));
        answered.keep("b", last(MAX_KEPT));
        assert!(answered.get("a").is_some() && answered.get("b").is_some());
        answered.keep("b", last(MAX_KEPT));
        assert!(answered.get("a").is_some(), "b was counted once");
        answered.keep("c", last(5));
        assert!(answered.get("a").is_none() && answered.get("c").is_some());
        answered.keep("c", last(MAX_KEPT + 1));
        assert!(answered.get("c").is_none());
        answered.keep("d", last(5));
        answered.close("d");
        assert!(answered.get("d").is_none());
    }
}
