//! The messages: convert in, one call, convert out.
//!
//! A notification has changed the state before its first `.await`; a request takes its version before it, so both happen
//! in the order of the messages. No handler waits for the editor.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::yield_now;
use tower_lsp::gen_lsp_types::{
    CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, CompletionItem, CompletionParams,
    CompletionResponse, CreateFilesParams, DefinitionParams, DefinitionResponse, DeleteFilesParams,
    DidChangeConfigurationParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentFormattingParams, DocumentHighlight,
    DocumentHighlightParams, DocumentLink, DocumentLinkParams, DocumentOnTypeFormattingParams,
    DocumentRangeFormattingParams, DocumentRangesFormattingParams, DocumentSymbolParams, DocumentSymbolResponse,
    ExecuteCommandParams, FoldingRange, FoldingRangeParams, Hover, HoverParams, InitializeParams, InitializeResult,
    InitializedParams, InlayHint, InlayHintParams, Location, PrepareRenameResult, ReferenceParams,
    RelatedFullDocumentDiagnosticReport, RenameFilesParams, RenameParams, SelectionRange, SelectionRangeParams,
    SemanticTokens, SemanticTokensDeltaParams, SemanticTokensDeltaResponse, SemanticTokensParams,
    SemanticTokensRangeParams, ServerInfo, SetTraceParams, SignatureHelp, SignatureHelpParams,
    TextDocumentContentChangeEvent, TextDocumentPositionParams, TextEdit, Uri, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReport, WorkspaceEdit, WorkspaceFolder, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use tower_lsp::jsonrpc::Result;
use tower_lsp::{Client, LanguageServer};

use super::answers::actions::Wanted;
use super::convert::{View, place, result_id};
use super::documents::{Around, Change};
use super::session::Session;
use super::shortcut::Shortcut;
use super::uri::path_of;
use super::{
    capabilities, changes, commands, configuration, registries, scans, shell_checks, workspace, workspace_symbols,
};

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
        // What can't be written is answered by what the handler returns.
        self.ask_text(name, uri, |view| serde_json::to_vec(&compute(view)).ok()).await;
        Ok(None)
    }

    /// The same for what is JSON already.
    async fn ask_text(&self, name: &str, uri: &Uri, compute: impl FnOnce(&View<'_>) -> Option<Vec<u8>>) {
        let Some(document) = self.session.documents.get(&uri.0) else { return };
        // A cancellation that has been read already takes effect here.
        yield_now().await;
        test_panic(name);
        let began = Instant::now();
        let answer = compute(&View { uri, document: &document, editor: self.session.editor() });
        if let Some(answer) = answer {
            self.session.shortcut.leave(answer);
        }
        self.session.traced(name, || format!("{}, version {}", uri.0, document.version), began.elapsed());
        // Its turn comes when the answer is out.
        tokio::spawn(async move { document.forget() });
    }

    /// The same for what may be refused.
    async fn try_ask<T>(
        &self,
        name: &str,
        uri: &Uri,
        compute: impl FnOnce(&View<'_>) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let Some(document) = self.session.documents.get(&uri.0) else { return Ok(None) };
        yield_now().await;
        test_panic(name);
        let began = Instant::now();
        let answer = compute(&View { uri, document: &document, editor: self.session.editor() });
        self.session.traced(name, || format!("{}, version {}", uri.0, document.version), began.elapsed());
        answer
    }

    /// `$/setTrace`
    #[allow(clippy::unused_async, reason = "handlers are")]
    pub async fn set_trace(&self, params: SetTraceParams) {
        self.session.set_trace(&params.value);
    }

    /// Files on disk came, went or have another text.
    fn files_changed(&self, uris: impl Iterator<Item = Uri>) {
        let changed: Vec<PathBuf> = uris.filter_map(|uri| path_of(&uri)).collect();
        scans::request_affected(&self.session, &changed);
        self.session.index.changed();
        self.session.workspace.changed();
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
            registries::request(&self.session, uri);
        } else {
            tracing::info!("a change of a document that is not open: {uri}");
        }
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        if self.session.documents.settle(&params.text_document.uri.0) {
            self.session.surroundings_changed(&params.text_document.uri.0);
        }
        // For editors that don't watch files.
        scans::request(&self.session, &params.text_document.uri.0);
        self.session.workspace.changed();
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.session.documents.close(&params.text_document.uri.0);
        self.session.tokens.close(&params.text_document.uri.0);
        self.session.scans.named.remove(&params.text_document.uri.0);
        self.session.text_changed(&params.text_document.uri.0);
        self.session.workspace.changed();
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        changes::of_settings(&self.session, &params.settings);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.files_changed(params.changes.into_iter().map(|event| event.uri));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[WorkspaceFolder]| folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        let removed: Vec<PathBuf> = paths(&params.event.removed);
        changes::of_roots(&self.session, paths(&params.event.added), &removed);
    }

    async fn did_create_files(&self, params: CreateFilesParams) {
        self.files_changed(params.files.into_iter().map(|file| file.uri));
    }

    async fn did_rename_files(&self, params: RenameFilesParams) {
        self.files_changed(params.files.into_iter().flat_map(|file| [file.old_uri, file.new_uri]));
    }

    async fn did_delete_files(&self, params: DeleteFilesParams) {
        self.files_changed(params.files.into_iter().map(|file| file.uri));
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReport> {
        let last = params.previous_result_id;
        self.ask_text("diagnostic", &params.text_document.uri, |view| Some(report(view, last))).await;
        Ok(RelatedFullDocumentDiagnosticReport::default().into())
    }

    async fn workspace_diagnostic(&self, params: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReport> {
        Ok(workspace::report(&self.session, params).await)
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

    /// Links come complete.
    async fn document_link_resolve(&self, link: DocumentLink) -> Result<DocumentLink> {
        Ok(link)
    }

    /// Items come complete.
    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        Ok(item)
    }

    async fn goto_definition(&self, params: DefinitionParams) -> Result<Option<DefinitionResponse>> {
        let at = params.text_document_position_params;
        self.ask("definition", &at.text_document.uri, |view| view.definition(at.position)).await
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        let at = params.text_document_position_params;
        self.ask("highlight", &at.text_document.uri, |view| Some(view.highlights(at.position))).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        let at = params.positions;
        self.ask("selectionRange", &params.text_document.uri, |view| Some(view.selections(&at))).await
    }

    async fn prepare_rename(&self, at: TextDocumentPositionParams) -> Result<Option<PrepareRenameResult>> {
        self.try_ask("prepareRename", &at.text_document.uri, |view| view.prepare_rename(at.position)).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let at = params.text_document_position_params;
        self.try_ask("rename", &at.text_document.uri, |view| view.rename(at.position, &params.new_name)).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.ask("codeLens", &params.text_document.uri, |view| Some(view.lenses())).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        let found = workspace_symbols::find(&self.session, &params.query).await;
        Ok(Some(WorkspaceSymbolResponse::SymbolInformationList(found)))
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let at = params.text_document_position_params;
        let definitions = params.context.include_declaration;
        self.ask("references", &at.text_document.uri, |view| Some(view.references(at.position, definitions))).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.ask_text("symbols", &params.text_document.uri, |view| Some(view.symbols())).await;
        Ok(None)
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.ask("folding", &params.text_document.uri, |view| Some(view.folds())).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        self.ask("inlayHint", &params.text_document.uri, |view| Some(view.inlay_hints(params.range))).await
    }

    async fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokens>> {
        let (uri, answered) = (&params.text_document.uri, &self.session.tokens);
        self.ask_text("semanticTokens", uri, |view| Some(view.semantic_tokens(answered, None))).await;
        Ok(None)
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensDeltaResponse>> {
        let (uri, answered) = (&params.text_document.uri, &self.session.tokens);
        let since = params.previous_result_id;
        self.ask_text("semanticTokens", uri, |view| Some(view.semantic_tokens(answered, Some(&since)))).await;
        Ok(None)
    }

    async fn semantic_tokens_range(&self, params: SemanticTokensRangeParams) -> Result<Option<SemanticTokens>> {
        let uri = &params.text_document.uri;
        self.ask_text("semanticTokens", uri, |view| Some(view.semantic_tokens_in(params.range))).await;
        Ok(None)
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("formatting", &params.text_document.uri, |view| Some(view.format())).await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("rangeFormatting", &params.text_document.uri, |view| Some(view.format_range(params.range))).await
    }

    async fn ranges_formatting(&self, params: DocumentRangesFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("rangesFormatting", &params.text_document.uri, |view| Some(view.format_ranges(&params.ranges))).await
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask("onTypeFormatting", &params.text_document.uri, |view| Some(view.new_line(params.position))).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<Vec<CodeActionResponse>>> {
        let (range, context) = (params.range, params.context);
        self.ask("codeAction", &params.text_document.uri, |view| Some(view.code_actions(range, &context))).await
    }

    async fn code_action_resolve(&self, mut action: CodeAction) -> Result<CodeAction> {
        let wanted: Option<Wanted> = action.data.clone().and_then(|data| serde_json::from_value(data).ok());
        yield_now().await;
        if let (Some(wanted), None) = (wanted, &action.edit) {
            action.edit = Some(commands::edit_of(&self.session, &wanted)?);
        }
        Ok(action)
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        commands::execute(&self.session, params).await.map(|()| None)
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
fn report(view: &View<'_>, last: Option<String>) -> Vec<u8> {
    let id = result_id(view.document.serial);
    if last.is_some_and(|last| last == id) {
        return format!(r#"{{"kind":"unchanged","resultId":"{id}"}}"#).into_bytes();
    }
    let mut report = view.diagnostics(format!(r#"{{"kind":"full","resultId":"{id}","items":"#));
    report.push(b'}');
    report
}
