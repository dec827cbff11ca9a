//! Where names stand, what they mean and how they change: definition, highlights, selections, renaming, code lenses.
use serde_json::json;
use tower_lsp::gen_lsp_types::{
    CodeLens, Command, Definition, DefinitionResponse, DocumentHighlight, DocumentHighlightKind, Location, Position,
    PrepareRenamePlaceholder, PrepareRenameResult, Range, SelectionRange, WorkspaceEdit,
};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::ide::definition::{Place, definition};
use crate::ide::highlight::{HighlightKind, highlight};
use crate::ide::lens::{Lens, lenses};
use crate::ide::references::{references, references_elsewhere};
use crate::ide::rename::{Refusal, prepare, rename, rename_elsewhere};
use crate::ide::selection::selections;
use crate::server::convert::View;
use crate::server::uri::uri_of;
use crate::text::edit::FileEdit;

/// A command for editors to map: builds a stage. Its arguments are the document and the stage's name, null for the last one.
const BUILD_STAGE: &str = "dockline.buildStage";
/// `RequestFailed` of the protocol: the request is fine, but there is no answer.
const REQUEST_FAILED: ErrorCode = ErrorCode::ServerError(-32803);

impl View<'_> {
    /// `textDocument/definition`
    pub fn definition(&self, position: Position) -> Option<DefinitionResponse> {
        let places = definition(self.document.snapshot(), self.offset(position));
        let location = |place| match place {
            Place::Here(span) => Some(self.location(span)),
            Place::There(path) => Some(Location { uri: uri_of(&path)?, range: Range::default() }),
        };
        let mut found: Vec<Location> = places.into_iter().filter_map(location).collect();
        let definition = match found.len() {
            0 => return None,
            1 => Definition::Location(found.remove(0)),
            _ => Definition::LocationList(found),
        };
        Some(DefinitionResponse::Definition(definition))
    }

    /// `textDocument/references`
    pub fn references(&self, position: Position, with_definitions: bool) -> Vec<Location> {
        let (snapshot, offset) = (self.document.snapshot(), self.offset(position));
        let here = references(snapshot, offset, with_definitions).into_iter().map(|span| self.location(span));
        let there = references_elsewhere(snapshot, offset).into_iter().filter_map(|target| {
            let ranges = self.ranges_elsewhere(&target.path, &target.text, &[target.span])?;
            Some(Location { uri: self.file(&target.path)?, range: ranges[0] })
        });
        here.chain(there).collect()
    }

    /// `textDocument/documentHighlight`
    pub fn highlights(&self, position: Position) -> Vec<DocumentHighlight> {
        let kind = |kind| match kind {
            HighlightKind::Write => DocumentHighlightKind::Write,
            HighlightKind::Read => DocumentHighlightKind::Read,
            HighlightKind::Text => DocumentHighlightKind::Text,
        };
        let found = highlight(self.document.snapshot(), self.offset(position)).into_iter();
        found.map(|found| DocumentHighlight { range: self.range(found.span), kind: Some(kind(found.kind)) }).collect()
    }

    /// `textDocument/selectionRange`: one chain for each position.
    pub fn selections(&self, positions: &[Position]) -> Vec<SelectionRange> {
        positions.iter().map(|position| self.selection(*position)).collect()
    }

    fn selection(&self, position: Position) -> SelectionRange {
        let spans = selections(self.document.snapshot(), self.offset(position));
        let mut chain: Option<SelectionRange> = None;
        for span in spans.into_iter().rev() {
            chain = Some(SelectionRange { range: self.range(span), parent: chain.map(Box::new) });
        }
        chain.unwrap_or(SelectionRange { range: Range { start: position, end: position }, parent: None })
    }

    /// `textDocument/prepareRename`
    ///
    /// # Errors
    /// What stands there has to keep its name.
    pub fn prepare_rename(&self, position: Position) -> Result<Option<PrepareRenameResult>> {
        let found = prepare(self.document.snapshot(), self.offset(position)).map_err(refused)?;
        Ok(found.map(|subject| {
            let range = self.range(subject.span);
            PrepareRenameResult::PrepareRenamePlaceholder(PrepareRenamePlaceholder { range, placeholder: subject.name })
        }))
    }

    /// `textDocument/rename`
    ///
    /// # Errors
    /// What stands there has to keep its name, or can't have the new one.
    pub fn rename(&self, position: Position, new_name: &str) -> Result<Option<WorkspaceEdit>> {
        let (snapshot, offset) = (self.document.snapshot(), self.offset(position));
        let Some(edits) = rename(snapshot, offset, new_name).map_err(refused)? else { return Ok(None) };
        let others = rename_elsewhere(snapshot, offset, new_name).into_iter().map(FileEdit::Other);
        let all: Vec<_> = std::iter::once(FileEdit::This(edits)).chain(others).collect();
        // They are read again with every save.
        let stale =
            || Refusal::Place("another file that names the stage was changed: save this one, and try again".into());
        self.workspace_edit(&all).map(Some).ok_or_else(|| refused(stale()))
    }

    /// `textDocument/codeLens`
    pub fn lenses(&self) -> Vec<CodeLens> {
        if !self.document.settings().code_lenses {
            return Vec::new();
        }
        let found = lenses(self.document.snapshot(), self.document.findings());
        found.into_iter().map(|lens| self.lens(lens)).collect()
    }

    /// Without a command it is text: editors show what has the empty name and do nothing.
    fn lens(&self, lens: Lens) -> CodeLens {
        let (command, arguments) = match lens.command {
            Some(build) => (BUILD_STAGE.to_owned(), Some(vec![json!(self.uri), json!(build.target)])),
            None => (String::new(), None),
        };
        let command = Command { title: lens.title, tooltip: None, command, arguments };
        CodeLens { range: self.range(lens.span), command: Some(command), data: None }
    }
}

fn refused(refusal: Refusal) -> Error {
    let (code, message) = match refusal {
        Refusal::Place(message) => (REQUEST_FAILED, message),
        Refusal::Name(message) => (ErrorCode::InvalidParams, message),
    };
    Error { code, message: message.into(), data: None }
}
