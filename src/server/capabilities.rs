//! What the editor said it can do, and what we say.
use std::path::PathBuf;

use tower_lsp::gen_lsp_types::{
    ChangeNotifications, ClientCapabilities, ClientCodeActionResolveOptions, ClientSemanticTokensRequestOptionsFull,
    CodeActionKind, CodeActionOptions, CodeActionProvider, CodeLensOptions, CompletionOptions, DefinitionProvider,
    DiagnosticOptions, DiagnosticProvider, DiagnosticsCapabilities, DocumentFormattingProvider,
    DocumentHighlightProvider, DocumentLinkOptions, DocumentOnTypeFormattingOptions, DocumentRangeFormattingOptions,
    DocumentRangeFormattingProvider, DocumentSymbolProvider, ExecuteCommandOptions, FileOperationFilter,
    FileOperationOptions, FileOperationPattern, FileOperationRegistrationOptions, FoldingRangeProvider, Full,
    HoverProvider, InitializeParams, InlayHintProvider, MarkupKind, PositionEncodingKind, ReferencesProvider,
    RenameOptions, RenameProvider, ResourceOperationKind, Save, SelectionRangeProvider, SemanticTokensFullDelta,
    SemanticTokensLegend, SemanticTokensOptions, SemanticTokensOptionsRange, SemanticTokensProvider,
    ServerCapabilities, SignatureHelpOptions, TextDocumentClientCapabilities, TextDocumentSync, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions, WorkspaceSymbolProvider,
};

use super::names::{COMMANDS, fix_all};
use super::uri::path_of;
use crate::ide::semantic_tokens::{MODIFIERS, TYPES};
use crate::text::buffer::PositionEncoding;

/// What the editor can do. Nothing, until it says so.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
pub struct Editor {
    /// The unit of columns.
    pub encoding: PositionEncoding,
    /// It asks for diagnostics; nothing is pushed.
    pub pull: bool,
    /// It asks again when told to.
    pub refresh: bool,
    /// It asks for inlay hints again when told to.
    pub refresh_hints: bool,
    /// It answers `workspace/configuration`.
    pub configuration: bool,
    /// `workspace/didChangeConfiguration` may be registered.
    pub register_settings: bool,
    /// `workspace/didChangeWatchedFiles` may be registered.
    pub register_files: bool,
    /// Edits may name the version they are for.
    pub document_changes: bool,
    /// Edits may create files.
    pub create_files: bool,
    /// Code actions may be more than commands.
    pub code_action_literals: bool,
    /// The edits of code actions may follow later.
    pub resolve_edits: bool,
    /// Code actions that can't be chosen may say why.
    pub disabled_actions: bool,
    /// It applies edits when told to.
    pub apply_edit: bool,
    /// Symbols may have children.
    pub hierarchical_symbols: bool,
    /// Several ranges are formatted at once.
    pub ranges: bool,
    /// It asks for semantic tokens.
    pub semantic_tokens: bool,
    /// It takes what changed in them since the last answer.
    pub token_changes: bool,
    /// Places to rename may be asked for before the new name is.
    pub prepare_rename: bool,
    /// It asks for code lenses again when told to.
    pub refresh_lenses: bool,
    /// Folds end at line ends.
    pub line_folding_only: bool,
    /// The largest number of folds.
    pub fold_limit: Option<u32>,
    /// Hovers may be Markdown.
    pub markdown_hover: bool,
    /// The documentation of what is offered may be Markdown.
    pub markdown_completion: bool,
    /// It shows how far something long is.
    pub progress: bool,
    /// What is offered may hold places to fill in.
    pub snippets: bool,
    /// What the help on signatures may carry.
    pub signature: SignatureCarries,
    /// Links may have tooltips.
    pub link_tooltips: bool,
    /// What a diagnostic may carry.
    pub diagnostics: Carries,
}

/// What the help on a signature may carry.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
pub struct SignatureCarries {
    /// Markdown.
    pub markdown: bool,
    /// Parts of the label as offsets.
    pub offsets: bool,
    /// A part of its own for each signature.
    pub active: bool,
    /// That no part is being typed.
    pub none: bool,
}

/// What a diagnostic may carry beside its message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carries {
    /// Other places.
    pub related: bool,
    /// A link to the rule's page.
    pub link: bool,
    /// Tags.
    pub tags: bool,
}

impl Editor {
    /// Reads what the editor says of itself.
    pub fn of(said: &ClientCapabilities) -> Self {
        let mut editor = Self { encoding: encoding(said), ..Self::default() };
        editor.progress = said.window.as_ref().is_some_and(|window| window.work_done_progress == Some(true));
        editor.read_workspace(said);
        editor.read_text_document(said);
        editor
    }

    fn read_workspace(&mut self, said: &ClientCapabilities) {
        let Some(workspace) = &said.workspace else { return };
        let yes = |said: Option<bool>| said == Some(true);
        self.refresh = workspace.diagnostics.as_ref().is_some_and(|said| yes(said.refresh_support));
        self.refresh_hints = workspace.inlay_hint.as_ref().is_some_and(|said| yes(said.refresh_support));
        self.refresh_lenses = workspace.code_lens.as_ref().is_some_and(|said| yes(said.refresh_support));
        self.configuration = yes(workspace.configuration);
        self.register_settings =
            workspace.did_change_configuration.as_ref().is_some_and(|said| yes(said.dynamic_registration));
        self.register_files =
            workspace.did_change_watched_files.as_ref().is_some_and(|said| yes(said.dynamic_registration));
        self.apply_edit = yes(workspace.apply_edit);
        if let Some(edit) = &workspace.workspace_edit {
            self.document_changes = yes(edit.document_changes);
            // Neovim names the operations and not `documentChanges`, which they are a part of.
            self.create_files =
                edit.resource_operations.iter().flatten().any(|said| *said == ResourceOperationKind::Create);
        }
    }

    fn read_text_document(&mut self, said: &ClientCapabilities) {
        let Some(text) = &said.text_document else { return };
        let yes = |said: Option<bool>| said == Some(true);
        self.pull = text.diagnostic.is_some();
        if let Some(said) = &text.code_action {
            self.code_action_literals = said.code_action_literal_support.is_some();
            self.disabled_actions = yes(said.disabled_support);
            let resolves = |said: &ClientCodeActionResolveOptions| said.properties.iter().any(|name| name == "edit");
            self.resolve_edits = yes(said.data_support) && said.resolve_support.as_ref().is_some_and(resolves);
        }
        self.prepare_rename = text.rename.as_ref().is_some_and(|said| yes(said.prepare_support));
        self.hierarchical_symbols =
            text.document_symbol.as_ref().is_some_and(|said| yes(said.hierarchical_document_symbol_support));
        if let Some(folding) = &text.folding_range {
            self.line_folding_only = yes(folding.line_folding_only);
            self.fold_limit = folding.range_limit;
        }
        self.ranges = text.range_formatting.as_ref().is_some_and(|said| yes(said.ranges_support));
        let formats = text.hover.as_ref().and_then(|said| said.content_format.as_ref());
        self.markdown_hover = formats.is_some_and(|formats| formats.contains(&MarkupKind::Markdown));
        self.link_tooltips = text.document_link.as_ref().is_some_and(|said| yes(said.tooltip_support));
        self.read_help(text);
        // Editors that pull say these things under `diagnostic`, but older ones of them only under `publishDiagnostics`.
        let pull = text.diagnostic.as_ref().map(|said| &said.diagnostics_capabilities);
        let push = text.publish_diagnostics.as_ref().map(|said| &said.diagnostics_capabilities);
        let any = |of: fn(&DiagnosticsCapabilities) -> bool| pull.is_some_and(of) || push.is_some_and(of);
        self.diagnostics = Carries {
            related: any(|said| said.related_information == Some(true)),
            link: any(|said| said.code_description_support == Some(true)),
            tags: any(|said| said.tag_support.is_some()),
        };
    }

    fn read_help(&mut self, text: &TextDocumentClientCapabilities) {
        let yes = |said: Option<bool>| said == Some(true);
        let items = text.completion.as_ref().and_then(|said| said.completion_item.as_ref());
        self.snippets = items.is_some_and(|said| yes(said.snippet_support));
        let formats = items.and_then(|said| said.documentation_format.as_ref());
        self.markdown_completion = formats.is_some_and(|formats| formats.contains(&MarkupKind::Markdown));
        if let Some(said) = text.signature_help.as_ref().and_then(|said| said.signature_information.as_ref()) {
            let parameters = said.parameter_information.as_ref();
            self.signature = SignatureCarries {
                markdown: said.documentation_format.iter().flatten().any(|format| *format == MarkupKind::Markdown),
                offsets: parameters.is_some_and(|said| yes(said.label_offset_support)),
                active: yes(said.active_parameter_support),
                none: yes(said.no_active_parameter_support),
            };
        }
        if let Some(tokens) = &text.semantic_tokens {
            self.semantic_tokens = true;
            self.token_changes = match &tokens.requests.full {
                Some(ClientSemanticTokensRequestOptionsFull::ClientSemanticTokensRequestFullDelta(full)) => {
                    yes(full.delta)
                }
                _ => false,
            };
        }
    }
}

/// The first encoding of the editor's list that we have, which is the first; UTF-16 without a list.
fn encoding(said: &ClientCapabilities) -> PositionEncoding {
    let list = said.general.as_ref().and_then(|general| general.position_encodings.as_ref());
    let ours = |kind: &PositionEncodingKind| match kind {
        PositionEncodingKind::UTF8 => Some(PositionEncoding::Utf8),
        PositionEncodingKind::UTF16 => Some(PositionEncoding::Utf16),
        PositionEncodingKind::UTF32 => Some(PositionEncoding::Utf32),
        PositionEncodingKind::Custom(_) => None,
    };
    list.into_iter().flatten().find_map(ours).unwrap_or_default()
}

/// The workspace folders, or what stood for them before there were any.
#[allow(deprecated, reason = "older editors send nothing else")]
pub fn roots(params: &InitializeParams) -> Vec<PathBuf> {
    use tower_lsp::gen_lsp_types::WorkspaceFolders::{Null, WorkspaceFolderList};
    match &params.workspace_folders_initialize_params.workspace_folders {
        Some(WorkspaceFolderList(folders)) => folders.iter().filter_map(|folder| path_of(&folder.uri)).collect(),
        Some(Null) | None => params.root_uri.iter().filter_map(path_of).collect(),
    }
}

/// What we can do for such an editor.
pub fn ours(editor: &Editor) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(match editor.encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(sync()),
        hover_provider: Some(HoverProvider::Bool(true)),
        completion_provider: Some(completion()),
        signature_help_provider: Some(signature_help()),
        document_link_provider: Some(DocumentLinkOptions::default()),
        inlay_hint_provider: Some(InlayHintProvider::Bool(true)),
        semantic_tokens_provider: editor.semantic_tokens.then(semantic_tokens),
        folding_range_provider: Some(FoldingRangeProvider::Bool(true)),
        document_formatting_provider: Some(DocumentFormattingProvider::Bool(true)),
        document_range_formatting_provider: Some(range_formatting(editor)),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions::new("\n".to_owned(), None)),
        code_action_provider: Some(code_actions()),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.map(str::to_owned).into(),
            ..ExecuteCommandOptions::default()
        }),
        diagnostic_provider: editor.pull.then(diagnostics),
        workspace: Some(WorkspaceOptions {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(ChangeNotifications::Bool(true)),
            }),
            file_operations: Some(file_operations()),
            ..WorkspaceOptions::default()
        }),
        ..navigation(editor)
    }
}

/// Where names stand, and how they change.
fn navigation(editor: &Editor) -> ServerCapabilities {
    ServerCapabilities {
        definition_provider: Some(DefinitionProvider::Bool(true)),
        references_provider: Some(ReferencesProvider::Bool(true)),
        rename_provider: Some(rename(editor)),
        document_highlight_provider: Some(DocumentHighlightProvider::Bool(true)),
        selection_range_provider: Some(SelectionRangeProvider::Bool(true)),
        workspace_symbol_provider: Some(WorkspaceSymbolProvider::Bool(true)),
        code_lens_provider: Some(CodeLensOptions::default()),
        document_symbol_provider: Some(DocumentSymbolProvider::Bool(true)),
        ..ServerCapabilities::default()
    }
}

/// What an editor does to files itself; what others do is watched.
fn file_operations() -> FileOperationOptions {
    let filter = FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: FileOperationPattern { glob: "**/*".to_owned(), matches: None, options: None },
    };
    let all = Some(FileOperationRegistrationOptions { filters: vec![filter] });
    FileOperationOptions {
        did_create: all.clone(),
        did_rename: all.clone(),
        did_delete: all,
        ..FileOperationOptions::default()
    }
}

fn range_formatting(editor: &Editor) -> DocumentRangeFormattingProvider {
    if !editor.ranges {
        return DocumentRangeFormattingProvider::Bool(true);
    }
    DocumentRangeFormattingProvider::DocumentRangeFormattingOptions(DocumentRangeFormattingOptions {
        ranges_support: Some(true),
        ..DocumentRangeFormattingOptions::default()
    })
}

fn code_actions() -> CodeActionProvider {
    CodeActionProvider::CodeActionOptions(CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QuickFix, CodeActionKind::RefactorRewrite, fix_all()]),
        resolve_provider: Some(true),
        ..CodeActionOptions::default()
    })
}

fn diagnostics() -> DiagnosticProvider {
    DiagnosticProvider::DiagnosticOptions(DiagnosticOptions {
        identifier: Some("dockline".to_owned()),
        // A change of go.mod changes what is found in the Dockerfile.
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..DiagnosticOptions::default()
    })
}

fn rename(editor: &Editor) -> RenameProvider {
    let options = RenameOptions { prepare_provider: Some(true), ..RenameOptions::default() };
    if editor.prepare_rename { RenameProvider::RenameOptions(options) } else { RenameProvider::Bool(true) }
}

/// Letters ask by themselves; a blank would ask behind every word of every instruction.
fn completion() -> CompletionOptions {
    let triggers = ["-", "=", "/", ",", "$", "{", ":"].map(str::to_owned);
    CompletionOptions { trigger_characters: Some(triggers.into()), ..CompletionOptions::default() }
}

/// A blank ends a keyword or a part; nothing is answered for it in the text of a shell.
fn signature_help() -> SignatureHelpOptions {
    let triggers = [" ", ",", "="].map(str::to_owned);
    SignatureHelpOptions { trigger_characters: Some(triggers.into()), ..SignatureHelpOptions::default() }
}

fn sync() -> TextDocumentSync {
    TextDocumentSync::Options(TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(Save::Bool(true)),
        ..TextDocumentSyncOptions::default()
    })
}

fn semantic_tokens() -> SemanticTokensProvider {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    SemanticTokensProvider::SemanticTokensOptions(SemanticTokensOptions {
        legend: SemanticTokensLegend { token_types: names(&TYPES), token_modifiers: names(&MODIFIERS) },
        range: Some(SemanticTokensOptionsRange::Bool(true)),
        full: Some(Full::SemanticTokensFullDelta(SemanticTokensFullDelta { delta: Some(true) })),
        ..SemanticTokensOptions::default()
    })
}
