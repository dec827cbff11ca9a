//! The messages: convert in, one call, convert out.
//!
//! A notification has changed the state before its first `.await`; a request takes its version before it, so both happen
//! in the order of the messages. No handler waits for the editor.
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::watch;
use tokio::task::yield_now;
use tower_lsp::gen_lsp_types::{
    CodeActionParams, CodeActionResponse, CompletionParams, CompletionResponse, Definition, DefinitionParams,
    DefinitionResponse, DidChangeConfigurationParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentFormattingParams, DocumentLink, DocumentLinkParams,
    DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, DocumentSymbolParams, DocumentSymbolResponse,
    FoldingRange, FoldingRangeParams, FullDocumentDiagnosticReport, Hover, HoverParams, InitializeParams,
    InitializeResult, InitializedParams, InlayHint, InlayHintParams, Location, Range, ReferenceParams,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, ServerInfo, SignatureHelp,
    SignatureHelpParams, TextDocumentContentChangeEvent, TextEdit, UnchangedDocumentDiagnosticReport, Uri,
    WorkspaceFolder,
};
use tower_lsp::jsonrpc::Result;
use tower_lsp::{Client, LanguageServer};

use super::convert::{View, place};
use super::documents::{Around, Change, Document};
use super::session::Session;
use super::shortcut::Shortcut;
use super::uri::path_of;
use super::{capabilities, changes, configuration, scans, shell_checks};
use crate::ide;

/// Our side of the connection.
#[derive(Debug)]
pub struct Backend {
    session: Arc<Session>,
    /// Told of the process that started us.
    parent: watch::Sender<Option<i32>>,
}

impl Backend {
    /// A connection before its first message.
    pub fn new(client: Client, shortcut: Arc<Shortcut>, parent: watch::Sender<Option<i32>>) -> Self {
        Self { session: Arc::new(Session::new(client, shortcut)), parent }
    }

    /// Answers with what `compute` says of the newest version when the request was read; returns nothing, which is the answer
    /// for a document that is not open.
    async fn ask<T>(&self, name: &str, uri: &Uri, compute: impl FnOnce(&View<'_>) -> Option<T>) -> Result<Option<T>>
    where
        T: Serialize,
    {
        let Some(document) = self.session.documents.get(&uri.0) else { return Ok(None) };
        // A cancellation that has been read already takes effect here.
        yield_now().await;
        test_panic(name);
        self.session.shortcut.leave(&compute(&View { uri, document: &document, editor: self.session.editor() }));
        Ok(None)
    }
}

/// For tests of debug builds: panics in the request that `DOCKLINE_TEST_PANIC` names.
fn test_panic(name: &str) {
    let wanted = || std::env::var("DOCKLINE_TEST_PANIC").is_ok_and(|wanted| wanted == name);
    assert!(!cfg!(debug_assertions) || !wanted(), "DOCKLINE_TEST_PANIC is {name}");
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        self.parent.send_replace(params.process_id);
        let editor = self.session.start(&params);
        let server_info =
            ServerInfo { name: env!("CARGO_PKG_NAME").to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
        Ok(InitializeResult { capabilities: capabilities::ours(editor), server_info: Some(server_info) })
    }

    async fn initialized(&self, _: InitializedParams) {
        changes::introduce(&self.session);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let path = path_of(&item.uri);
        let root = path.as_deref().and_then(|path| self.session.root_of(path));
        // Read here and not in the scan only, so that the first diagnostics are not those of the defaults.
        let (settings, _) = configuration::settings(path.as_deref(), &self.session.settings(), root.as_deref());
        let around = Around { settings: Arc::new(settings), ..Around::default() };
        self.session.documents.open(&item.uri.0, path, item.version, &item.text, around);
        self.session.text_changed(&item.uri.0);
        scans::request(&self.session, &item.uri.0);
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let uri = &params.text_document.text_document_identifier.uri.0;
        let changes: Vec<_> = params.content_changes.into_iter().map(change).collect();
        let encoding = self.session.editor().encoding;
        if self.session.documents.change(uri, params.text_document.version, &changes, encoding) {
            self.session.text_changed(uri);
            shell_checks::request(&self.session, uri);
        } else {
            tracing::info!("a change of a document that is not open: {uri}");
        }
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        // For editors that don't watch files.
        scans::request(&self.session, &params.text_document.uri.0);
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.session.documents.close(&params.text_document.uri.0);
        self.session.text_changed(&params.text_document.uri.0);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        changes::of_settings(&self.session, &params.settings);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let changed: Vec<PathBuf> = params.changes.iter().filter_map(|event| path_of(&event.uri)).collect();
        scans::request_affected(&self.session, &changed);
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[WorkspaceFolder]| folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        let removed: Vec<PathBuf> = paths(&params.event.removed);
        changes::of_roots(&self.session, paths(&params.event.added), &removed);
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReport> {
        let last = params.previous_result_id;
        let none = full(None, Vec::new());
        self.ask("diagnostic", &params.text_document.uri, |view| Some(report(view, last))).await.map(|_| none)
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        self.ask("hover", &at.text_document.uri, |view| view.hover(at.position)).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let at = params.text_document_position_params;
        self.ask("completion", &at.text_document.uri, |view| view.completion(at.position)).await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let at = params.text_document_position_params;
        let context = params.context;
        self.ask("signatureHelp", &at.text_document.uri, |view| view.signature_help(at.position, context.as_ref()))
            .await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.ask("documentLink", &params.text_document.uri, |view| Some(view.document_links())).await
    }

    async fn goto_definition(&self, params: DefinitionParams) -> Result<Option<DefinitionResponse>> {
        let at = params.text_document_position_params;
        self.ask("definition", &at.text_document.uri, |view| {
            let found = ide::definition::definition(view.document.snapshot(), view.offset(at.position))?;
            Some(DefinitionResponse::Definition(Definition::Location(view.location(found))))
        })
        .await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let at = params.text_document_position_params;
        let definitions = params.context.include_declaration;
        self.ask("references", &at.text_document.uri, |view| {
            let offset = view.offset(at.position);
            let found = ide::references::references(view.document.snapshot(), offset, definitions);
            Some(found.into_iter().map(|span| view.location(span)).collect())
        })
        .await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.ask("symbols", &params.text_document.uri, |view| Some(view.symbols())).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.ask("folding", &params.text_document.uri, |view| Some(view.folds())).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        self.ask("inlayHint", &params.text_document.uri, |view| Some(view.inlay_hints(params.range))).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("formatting", &params.text_document.uri, |view| Some(view.format())).await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("rangeFormatting", &params.text_document.uri, |view| Some(view.format_range(params.range))).await
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("onTypeFormatting", &params.text_document.uri, |view| Some(view.new_line(params.position))).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<Vec<CodeActionResponse>>> {
        let (range, only): (Range, _) = (params.range, params.context.only);
        self.ask("codeAction", &params.text_document.uri, |view| Some(view.code_actions(range, only.as_deref()))).await
    }
}

fn change(event: TextDocumentContentChangeEvent) -> Change {
    match event {
        TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
            Change { range: Some((place(part.range.start), place(part.range.end))), text: part.text }
        }
        TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
            Change { range: None, text: whole.text }
        }
    }
}

/// The diagnostics, or that they are those of `last`.
fn report(view: &View<'_>, last: Option<String>) -> DocumentDiagnosticReport {
    let id = result_id(view.document);
    if last.is_some_and(|last| last == id) {
        return DocumentDiagnosticReport::RelatedUnchangedDocumentDiagnosticReport(
            RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
            },
        );
    }
    full(Some(id), view.diagnostics())
}

fn full(result_id: Option<String>, items: Vec<tower_lsp::gen_lsp_types::Diagnostic>) -> DocumentDiagnosticReport {
    DocumentDiagnosticReport::RelatedFullDocumentDiagnosticReport(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id, items },
    })
}

/// Never the same for two versions, nor for another server: editors keep it over a restart.
fn result_id(document: &Document) -> String {
    format!("{:x}-{:x}", std::process::id(), document.serial)
}
