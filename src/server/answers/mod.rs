//! The features' answers in the protocol's types.
mod help;

use tower_lsp::gen_lsp_types::{
    BaseSymbolInformation, CodeAction, CodeActionKind, CodeActionResponse, CompletionItem, CompletionItemKind,
    CompletionItemTextEdit, CompletionList, CompletionResponse, Contents, CreateFile, CreateFileOptions,
    DocumentChange, DocumentSymbol, DocumentSymbolResponse, Documentation, Edit, FoldingRange, FoldingRangeKind, Hover,
    InlayHint, Label, MarkupContent, MarkupKind, OptionalVersionedTextDocumentIdentifier, Position, Range,
    SymbolInformation, SymbolKind, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Tooltip, Uri, WorkspaceEdit,
};

use super::capabilities::fix_all;
use super::convert::View;
use crate::ide::code_actions::{Offer, OfferKind, code_actions};
use crate::ide::completion::{self, Item, ItemKind};
use crate::ide::folding::{Fold, FoldKind, folds};
use crate::ide::format;
use crate::ide::inlay_hints::{Hint, inlay_hints};
use crate::ide::symbols::{self, Symbol, symbols};
use crate::project::{Disk, Files};
use crate::text::buffer::Buffer;
use crate::text::edit::{EditSet, FileEdit, OtherFile};
use crate::trace::account::best;

const BYTE_ORDER_MARK: char = '\u{feff}';

impl View<'_> {
    /// `textDocument/hover`
    pub fn hover(&self, position: Position) -> Option<Hover> {
        let found = crate::ide::hover::hover(self.document.snapshot(), self.offset(position))?;
        let kind = if self.editor.markdown_hover { MarkupKind::Markdown } else { MarkupKind::PlainText };
        Some(Hover {
            contents: Contents::MarkupContent(MarkupContent { kind, value: found.markdown }),
            range: Some(self.range(found.span)),
        })
    }

    /// `textDocument/completion`; nothing where nothing is offered.
    pub fn completion(&self, position: Position) -> Option<CompletionResponse> {
        let items = completion::completion(self.document.snapshot(), self.offset(position));
        let items: Vec<_> = items.into_iter().enumerate().map(|(place, item)| self.item(place, item)).collect();
        let list = CompletionList { is_incomplete: false, items, ..CompletionList::default() };
        (!list.items.is_empty()).then_some(CompletionResponse::CompletionList(list))
    }

    fn item(&self, place: usize, item: Item) -> CompletionItem {
        let kind = if self.editor.markdown_completion { MarkupKind::Markdown } else { MarkupKind::PlainText };
        let documentation = MarkupContent { kind, value: item.documentation };
        let edit = TextEdit { range: self.range(item.span), new_text: item.insert };
        CompletionItem {
            label: item.label,
            kind: Some(item_kind(item.kind)),
            detail: Some(item.detail).filter(|detail| !detail.is_empty()),
            documentation: (!documentation.value.is_empty()).then_some(Documentation::MarkupContent(documentation)),
            sort_text: Some(format!("{place:03}")),
            text_edit: Some(CompletionItemTextEdit::TextEdit(edit)),
            ..CompletionItem::default()
        }
    }

    /// `textDocument/documentSymbol`: a tree, or a list for editors that know no tree.
    pub fn symbols(&self) -> DocumentSymbolResponse {
        let symbols = symbols(self.document.snapshot());
        if self.editor.hierarchical_symbols {
            return DocumentSymbolResponse::DocumentSymbolList(symbols.into_iter().map(|s| self.symbol(s)).collect());
        }
        let mut list = Vec::new();
        for symbol in symbols {
            list.push(self.flat(&symbol, None));
            list.extend(symbol.children.iter().map(|child| self.flat(child, Some(symbol.name.clone()))));
        }
        DocumentSymbolResponse::SymbolInformationList(list)
    }

    #[allow(deprecated, reason = "the types have no other way to be built")]
    fn symbol(&self, symbol: Symbol) -> DocumentSymbol {
        let children: Vec<_> = symbol.children.into_iter().map(|child| self.symbol(child)).collect();
        DocumentSymbol {
            name: symbol.name,
            detail: symbol.detail,
            kind: symbol_kind(symbol.kind),
            range: self.range(symbol.span),
            selection_range: self.range(symbol.selection),
            children: (!children.is_empty()).then_some(children),
            tags: None,
            deprecated: None,
        }
    }

    fn flat(&self, symbol: &Symbol, container_name: Option<String>) -> SymbolInformation {
        let base = BaseSymbolInformation {
            name: symbol.name.clone(),
            kind: symbol_kind(symbol.kind),
            tags: None,
            container_name,
        };
        SymbolInformation::new(None, self.location(symbol.span), base)
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

    /// `textDocument/inlayHint`: times of the build that the settings name.
    pub fn inlay_hints(&self, range: Range) -> Vec<InlayHint> {
        let snapshot = self.document.snapshot();
        let Some(build) = best(snapshot, self.document.builds()) else { return Vec::new() };
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
        inlay_hints(snapshot, build, self.span(range)).into_iter().map(hint).collect()
    }

    /// `textDocument/codeAction`; `only` names the kinds that are wanted.
    pub fn code_actions(&self, range: Range, only: Option<&[CodeActionKind]>) -> Vec<CodeActionResponse> {
        if !self.editor.code_action_literals {
            return Vec::new();
        }
        let wanted = |kind: OfferKind| {
            let kind = action_kind(kind);
            only.is_none_or(|only| only.iter().any(|wanted| includes(wanted, &kind)))
        };
        let findings = self.document.findings();
        let offers = code_actions(self.document.snapshot(), findings, self.span(range), &wanted);
        offers.into_iter().filter_map(|offer| self.action(offer)).map(CodeActionResponse::CodeAction).collect()
    }

    /// `None` for what the editor can't apply.
    fn action(&self, offer: Offer) -> Option<CodeAction> {
        let found = offer.finding.map(|index| &self.document.findings()[index]);
        Some(CodeAction {
            edit: Some(self.workspace_edit(&offer.edits)?),
            kind: Some(action_kind(offer.kind)),
            diagnostics: found.map(|found| vec![self.diagnostic(found)]),
            is_preferred: offer.preferred.then_some(true),
            title: offer.title,
            ..CodeAction::default()
        })
    }

    fn workspace_edit(&self, edits: &[FileEdit]) -> Option<WorkspaceEdit> {
        let one = match (self.editor.document_changes, edits) {
            (false, [FileEdit::This(set)]) => Some((self.uri.clone(), self.text_edits(set))),
            (false, [FileEdit::Other(file)]) => Some((self.file(&file.path)?, self.edits_elsewhere(file)?)),
            _ => None,
        };
        if let Some(one) = one {
            return Some(WorkspaceEdit { changes: Some([one].into()), ..WorkspaceEdit::default() });
        }
        let mut changes = Vec::new();
        for edit in edits {
            match edit {
                FileEdit::This(set) => {
                    changes.push(edit_of(self.uri.clone(), Some(self.document.version), self.text_edits(set)));
                }
                FileEdit::Create(path, text) => {
                    let uri = self.file(path).filter(|_| self.editor.create_files)?;
                    let whole = TextEdit { range: Range::default(), new_text: text.clone() };
                    changes.push(create(uri.clone()));
                    changes.push(edit_of(uri, None, vec![whole]));
                }
                FileEdit::Other(file) => {
                    changes.push(edit_of(self.file(&file.path)?, None, self.edits_elsewhere(file)?));
                }
            }
        }
        Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
    }

    /// Edits of a file that is not this document; `None` when it was changed since it was read.
    fn edits_elsewhere(&self, file: &OtherFile) -> Option<Vec<TextEdit>> {
        let path = self.document.path.as_deref()?.parent()?.join(&file.path);
        Disk.read(&path).ok().filter(|bytes| bytes == file.text.as_bytes())?;
        // Editors take the mark away before they count.
        let mark = if file.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() as u32 } else { 0 };
        let buffer = Buffer::new(&file.text[mark as usize..]);
        let position = |offset: u32| {
            let found = buffer.position(offset.saturating_sub(mark), self.editor.encoding);
            Position { line: found.line, character: found.column }
        };
        let edit = |edit: &crate::text::edit::Edit| TextEdit {
            range: Range { start: position(edit.span.start), end: position(edit.span.end) },
            new_text: edit.text.clone(),
        };
        Some(file.edits.edits().iter().map(edit).collect())
    }

    /// `textDocument/formatting`; the editor's tab size does not count, so that editors and CI agree.
    pub fn format(&self) -> Vec<TextEdit> {
        self.text_edits(&format::format(self.document.snapshot()))
    }

    /// `textDocument/rangeFormatting`
    pub fn format_range(&self, range: Range) -> Vec<TextEdit> {
        self.text_edits(&format::format_range(self.document.snapshot(), self.span(range)))
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

fn item_kind(kind: ItemKind) -> CompletionItemKind {
    match kind {
        ItemKind::Variable => CompletionItemKind::Variable,
        ItemKind::Value => CompletionItemKind::Value,
        ItemKind::Command => CompletionItemKind::Function,
        ItemKind::Flag => CompletionItemKind::Property,
        ItemKind::Package => CompletionItemKind::Module,
    }
}

fn symbol_kind(kind: symbols::SymbolKind) -> SymbolKind {
    match kind {
        symbols::SymbolKind::Stage => SymbolKind::Module,
        symbols::SymbolKind::Variable => SymbolKind::Variable,
        symbols::SymbolKind::Instruction => SymbolKind::Function,
    }
}

fn action_kind(kind: OfferKind) -> CodeActionKind {
    match kind {
        OfferKind::QuickFix => CodeActionKind::QuickFix,
        OfferKind::Rewrite => CodeActionKind::RefactorRewrite,
        OfferKind::FixAll => fix_all(),
    }
}

/// True when `wanted` is `kind` or one of the kinds above it: `source` includes `source.fixAll`.
fn includes(wanted: &CodeActionKind, kind: &CodeActionKind) -> bool {
    let name = |kind: &CodeActionKind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned);
    let (Some(wanted), Some(kind)) = (name(wanted), name(kind)) else { return false };
    wanted.is_empty() || kind.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn edit_of(uri: Uri, version: Option<i32>, edits: Vec<TextEdit>) -> DocumentChange {
    DocumentChange::TextDocumentEdit(TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier {
            version,
            text_document_identifier: TextDocumentIdentifier { uri },
        },
        edits: edits.into_iter().map(Edit::TextEdit).collect(),
    })
}

fn create(uri: Uri) -> DocumentChange {
    let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
    DocumentChange::CreateFile(CreateFile::new(uri, Some(options), None))
}
