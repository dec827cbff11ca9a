//! The features' answers in the protocol's types.
pub mod actions;
mod help;
mod navigate;
pub mod semantic_tokens;
mod symbols;

use tower_lsp::gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, CompletionResponse, Contents,
    Documentation, FoldingRange, FoldingRangeKind, Hover, InlayHint, InsertTextFormat, Label, MarkupContent,
    MarkupKind, Position, Range, TextEdit, Tooltip,
};

use super::convert::View;
use crate::ide::completion::{self, Item, ItemKind};
use crate::ide::folding::{Fold, FoldKind, folds};
use crate::ide::format;
use crate::ide::inlay_hints::known::known;
use crate::ide::inlay_hints::{Hint, times};
use crate::ide::markdown::plain;
use crate::settings::HintUse;
use crate::text::edit::EditSet;
use crate::trace::account::best;

impl View<'_> {
    /// `textDocument/hover`
    pub fn hover(&self, position: Position) -> Option<Hover> {
        let found = crate::ide::hover::hover(self.document.snapshot(), self.offset(position))?;
        Some(Hover {
            contents: Contents::MarkupContent(markup(self.editor.markdown_hover, found.markdown)),
            range: Some(self.range(found.span)),
        })
    }

    /// `textDocument/completion`; nothing where nothing is offered.
    pub fn completion(&self, position: Position) -> Option<CompletionResponse> {
        let items =
            completion::completion(self.document.snapshot(), self.offset(position), &|| self.document.findings());
        let knows = |item: &Item| self.editor.snippets || item.kind != ItemKind::Snippet;
        let is_incomplete = items.len() >= completion::LONG;
        let items = items.into_iter().filter(knows).enumerate();
        let items: Vec<_> = items.map(|(place, item)| self.item(place, item)).collect();
        let list = CompletionList { is_incomplete, items, ..CompletionList::default() };
        (!list.items.is_empty()).then_some(CompletionResponse::CompletionList(list))
    }

    fn item(&self, place: usize, item: Item) -> CompletionItem {
        let documentation = markup(self.editor.markdown_completion, item.documentation);
        let snippet = item.snippet.filter(|_| self.editor.snippets);
        let insert_text_format = snippet.is_some().then_some(InsertTextFormat::Snippet);
        let edit = TextEdit { range: self.range(item.span), new_text: snippet.unwrap_or(item.insert) };
        let also = item.also.map(|also| TextEdit { range: self.range(also.span), new_text: also.text });
        CompletionItem {
            insert_text_format,
            label: item.label,
            kind: Some(item_kind(item.kind)),
            detail: Some(item.detail).filter(|detail| !detail.is_empty()),
            documentation: (!documentation.value.is_empty()).then_some(Documentation::MarkupContent(documentation)),
            sort_text: Some(format!("{place:03}")),
            text_edit: Some(CompletionItemTextEdit::TextEdit(edit)),
            additional_text_edits: also.map(|also| vec![also]),
            ..CompletionItem::default()
        }
    }

    /// `textDocument/foldingRange`
    pub fn folds(&self) -> Vec<FoldingRange> {
        let limit = self.editor.fold_limit.map_or(usize::MAX, |limit| limit as usize);
        let folds = folds(self.document.snapshot());
        folds.into_iter().filter_map(|fold| self.fold(fold)).take(limit).collect()
    }

    fn fold(&self, fold: Fold) -> Option<FoldingRange> {
        let text = &self.document.snapshot()[fold.span];
        let lines = text.trim_end_matches(['\r', '\n']).len() as u32;
        let end = self.position(fold.span.start + lines);
        let start = self.position(fold.span.start);
        let kind = match fold.kind {
            FoldKind::Comments => FoldingRangeKind::Comment,
            FoldKind::Stage | FoldKind::Instruction | FoldKind::Heredoc => FoldingRangeKind::Region,
        };
        (start.line < end.line).then(|| FoldingRange {
            start_line: start.line,
            // Without a character the first line stays whole.
            start_character: None,
            end_line: end.line,
            end_character: (!self.editor.line_folding_only).then_some(end.character),
            kind: Some(kind),
            collapsed_text: None,
        })
    }

    /// `textDocument/inlayHint`: what is known and not written, and times of the build that the settings name.
    pub fn inlay_hints(&self, range: Range) -> Vec<InlayHint> {
        let (snapshot, within) = (self.document.snapshot(), self.span(range));
        let mut hints = known(snapshot, within);
        let shows_times = snapshot.settings().inlay_hints.times != HintUse::Off;
        if let Some(build) = best(snapshot, self.document.builds()).filter(|_| shows_times) {
            hints.extend(times(snapshot, build, within));
        }
        let hint = |hint: Hint| InlayHint {
            position: self.position(hint.offset),
            label: Label::String(hint.label),
            kind: None,
            text_edits: None,
            tooltip: Some(Tooltip::String(hint.tooltip)),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        };
        hints.into_iter().map(hint).collect()
    }

    /// `textDocument/formatting`; the editor's tab size does not count, so that editors and CI agree.
    pub fn format(&self) -> Vec<TextEdit> {
        self.text_edits(&format::format(self.document.snapshot()))
    }

    /// `textDocument/rangeFormatting`
    pub fn format_range(&self, range: Range) -> Vec<TextEdit> {
        self.text_edits(&format::format_range(self.document.snapshot(), self.span(range)))
    }

    /// `textDocument/rangesFormatting`
    pub fn format_ranges(&self, ranges: &[Range]) -> Vec<TextEdit> {
        let spans: Vec<_> = ranges.iter().map(|range| self.span(*range)).collect();
        self.text_edits(&format::format_ranges(self.document.snapshot(), &spans))
    }

    /// `textDocument/onTypeFormatting` behind a line break.
    pub fn new_line(&self, position: Position) -> Vec<TextEdit> {
        self.text_edits(&format::new_line(self.document.snapshot(), self.offset(position)))
    }

    fn text_edits(&self, set: &EditSet) -> Vec<TextEdit> {
        let edit =
            |edit: &crate::text::edit::Edit| TextEdit { range: self.range(edit.span), new_text: edit.text.clone() };
        set.edits().iter().map(edit).collect()
    }
}

/// Text of ours, as the editor wants it.
fn markup(wants_markdown: bool, text: String) -> MarkupContent {
    if wants_markdown {
        MarkupContent { kind: MarkupKind::Markdown, value: text }
    } else {
        MarkupContent { kind: MarkupKind::PlainText, value: plain(&text) }
    }
}

fn item_kind(kind: ItemKind) -> CompletionItemKind {
    match kind {
        ItemKind::Variable => CompletionItemKind::Variable,
        ItemKind::Value => CompletionItemKind::Value,
        ItemKind::Command => CompletionItemKind::Function,
        ItemKind::Flag => CompletionItemKind::Property,
        ItemKind::Package | ItemKind::Image => CompletionItemKind::Module,
        ItemKind::Keyword => CompletionItemKind::Keyword,
        ItemKind::Snippet => CompletionItemKind::Snippet,
        ItemKind::Stage => CompletionItemKind::Class,
        ItemKind::File => CompletionItemKind::File,
        ItemKind::Folder => CompletionItemKind::Folder,
        ItemKind::Rule => CompletionItemKind::Reference,
    }
}
