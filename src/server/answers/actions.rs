//! Code actions and their edits.
use std::path::Path;

use serde::{Deserialize, Serialize};
use tower_lsp::gen_lsp_types::{
    CodeAction, CodeActionContext, CodeActionDisabled, CodeActionKind, CodeActionResponse, CodeActionTriggerKind,
    Command, CreateFile, CreateFileOptions, DocumentChange, Edit, OptionalVersionedTextDocumentIdentifier, Position,
    Range, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit,
};

use crate::actions::action::Refusal;
use crate::ide::code_actions::{Offer, OfferKind, code_actions, refusals, resolve};
use crate::project::{Disk, Files};
use crate::server::convert::View;
use crate::server::names::{APPLY, fix_all};
use crate::text::edit::{FileEdit, OtherFile};
use crate::text::lines::Lines;
use crate::text::span::Span;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// What an editor sends back of an action whose edit it wants.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Wanted {
    /// The document.
    pub uri: Uri,
    /// Which of its versions was looked at, whatever has become known of its surroundings since; `None` for the newest.
    #[serde(default)]
    pub version: Option<i32>,
    /// Where it was offered.
    #[serde(default)]
    pub range: Range,
    /// What it is called.
    pub title: String,
}

impl View<'_> {
    /// `textDocument/codeAction`
    pub fn code_actions(&self, range: Range, context: &CodeActionContext) -> Vec<CodeActionResponse> {
        let wanted = |kind: OfferKind| {
            let kind = action_kind(kind);
            context.only.as_ref().is_none_or(|only| only.iter().any(|wanted| includes(wanted, &kind)))
        };
        let findings = self.document.findings();
        let snapshot = self.document.snapshot();
        let offers = code_actions(snapshot, findings, self.span(range), &wanted);
        let mut actions: Vec<_> = offers.into_iter().filter_map(|offer| self.action(range, offer)).collect();
        let is_asked = context.trigger_kind != Some(CodeActionTriggerKind::Automatic);
        if self.editor.disabled_actions && is_asked && wanted(OfferKind::Rewrite) {
            actions.extend(refusals(snapshot, self.span(range)).iter().map(disabled));
        }
        actions
    }

    /// `None` for what the editor can't apply.
    fn action(&self, range: Range, offer: Offer) -> Option<CodeActionResponse> {
        let version = Some(self.document.version);
        let wanted = || Wanted { uri: self.uri.clone(), version, range, title: offer.title.clone() };
        if !self.editor.code_action_literals {
            let arguments = Some(vec![serde_json::to_value(wanted()).ok()?]);
            let command =
                Command { title: offer.title.clone(), command: APPLY.to_owned(), arguments, ..Command::default() };
            return self.editor.apply_edit.then_some(CodeActionResponse::Command(command));
        }
        // What is small is sent along; what takes in the whole file is not made for a menu.
        let is_later = self.editor.resolve_edits && (offer.edits.is_none() || offer.kind == OfferKind::Rewrite);
        let edit = if is_later { None } else { Some(self.edit(&offer)?) };
        let found = offer.finding.map(|index| &self.document.findings()[index]);
        Some(CodeActionResponse::CodeAction(CodeAction {
            data: if is_later { Some(serde_json::to_value(wanted()).ok()?) } else { None },
            edit,
            kind: Some(action_kind(offer.kind)),
            diagnostics: found.and_then(|found| self.diagnostic(found)).map(|found| vec![found]),
            is_preferred: offer.preferred.then_some(true),
            title: offer.title,
            ..CodeAction::default()
        }))
    }

    fn edit(&self, offer: &Offer) -> Option<WorkspaceEdit> {
        match &offer.edits {
            Some(edits) => self.workspace_edit(edits),
            None => self.workspace_edit(&resolve(self.document.snapshot(), self.document.findings(), &offer.title)?),
        }
    }

    /// The edit of an action that was offered before; `None` when it is offered no more.
    pub fn edit_of(&self, wanted: &Wanted) -> Option<WorkspaceEdit> {
        let (snapshot, findings) = (self.document.snapshot(), self.document.findings());
        if let Some(edits) = resolve(snapshot, findings, &wanted.title) {
            return self.workspace_edit(&edits);
        }
        let offers = code_actions(snapshot, findings, self.span(wanted.range), &|_| true);
        self.edit(offers.iter().find(|offer| offer.title == wanted.title)?)
    }

    /// The edits of this document and of others; `None` for what the editor can't apply.
    pub fn workspace_edit(&self, edits: &[FileEdit]) -> Option<WorkspaceEdit> {
        let creates = edits.iter().any(|edit| matches!(edit, FileEdit::Create(..)));
        if !self.editor.document_changes && !creates {
            let of = |edit: &FileEdit| match edit {
                FileEdit::This(set) => Some((self.uri.clone(), self.text_edits(set))),
                FileEdit::Create(..) => None,
                FileEdit::Other(file) => Some((self.file(&file.path)?, self.edits_elsewhere(file)?)),
            };
            let changes = edits.iter().map(of).collect::<Option<_>>()?;
            return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
        }
        let mut changes = Vec::new();
        for edit in edits {
            match edit {
                FileEdit::This(set) => {
                    changes.push(edits_of(self.uri.clone(), Some(self.document.version), self.text_edits(set)));
                }
                FileEdit::Create(path, text) => {
                    let uri = self.file(path).filter(|_| self.editor.create_files)?;
                    let whole = TextEdit { range: Range::default(), new_text: text.clone() };
                    changes.push(create(uri.clone()));
                    changes.push(edits_of(uri, None, vec![whole]));
                }
                FileEdit::Other(file) => {
                    changes.push(edits_of(self.file(&file.path)?, None, self.edits_elsewhere(file)?));
                }
            }
        }
        Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
    }

    /// Edits of a file that is not this document; `None` when it was changed since it was read.
    fn edits_elsewhere(&self, file: &OtherFile) -> Option<Vec<TextEdit>> {
        let edits = file.edits.edits();
        let spans: Vec<Span> = edits.iter().map(|edit| edit.span).collect();
        let ranges = self.ranges_elsewhere(&file.path, &file.text, &spans)?.into_iter();
        Some(ranges.zip(edits).map(|(range, edit)| TextEdit { range, new_text: edit.text.clone() }).collect())
    }

    /// Ranges of a file that is not this document; `None` when it does not hold `text` any more.
    pub fn ranges_elsewhere(&self, path: &Path, text: &str, spans: &[Span]) -> Option<Vec<Range>> {
        let path = self.document.path.as_deref()?.parent()?.join(path);
        Disk.read(&path).ok().filter(|bytes| bytes == text.as_bytes())?;
        // Editors take the mark away before they count.
        let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() as u32 } else { 0 };
        let lines = Lines::new(text[mark as usize..].into());
        let position = |offset: u32| {
            let found = lines.position(offset.saturating_sub(mark), self.editor.encoding);
            Position { line: found.line, character: found.column }
        };
        Some(spans.iter().map(|span| Range { start: position(span.start), end: position(span.end) }).collect())
    }
}

fn disabled(refusal: &Refusal) -> CodeActionResponse {
    CodeActionResponse::CodeAction(CodeAction {
        title: refusal.title.to_owned(),
        kind: Some(action_kind(OfferKind::Rewrite)),
        disabled: Some(CodeActionDisabled { reason: refusal.reason.to_owned() }),
        ..CodeAction::default()
    })
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

/// The changes of one document.
pub fn edits_of(uri: Uri, version: Option<i32>, edits: Vec<TextEdit>) -> DocumentChange {
    DocumentChange::TextDocumentEdit(TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier {
            version,
            text_document_identifier: TextDocumentIdentifier { uri },
        },
        edits: edits.into_iter().map(Edit::TextEdit).collect(),
    })
}

/// Makes a file that is not there.
pub fn create(uri: Uri) -> DocumentChange {
    let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
    DocumentChange::CreateFile(CreateFile::new(uri, Some(options), None))
}
