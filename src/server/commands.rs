//! `workspace/executeCommand`: for editors whose code actions are commands, and for keys and menus of editors that want them.
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tower_lsp::gen_lsp_types::{ExecuteCommandParams, Range, Uri, WorkspaceEdit};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use super::answers::actions::Wanted;
use super::configuration;
use super::convert::View;
use super::documents::{Around, Document};
use super::names::{APPLY, APPLY_FIXES, GENERATE};
use super::session::Session;
use super::uri::{path_of, uri_of};
use crate::actions::ACTIONS;
use crate::ide::code_actions::FIX_ALL;
use crate::project::{self, Disk, Needs};
use crate::rules::rule::Fix;
use crate::text::edit::FileEdit;
use crate::text::span::Span;

/// The version that was looked at is gone; the editor asks again.
const CONTENT_MODIFIED: i64 = -32801;
/// The request is understood and can't be done.
const REQUEST_FAILED: i64 = -32803;

/// Executes a command. The edit is sent to the editor, whose answer is not waited for.
pub async fn execute(session: &Arc<Session>, params: ExecuteCommandParams) -> Result<()> {
    let arguments = params.arguments.unwrap_or_default();
    if !session.editor().apply_edit {
        return Err(failed("the editor applies no edits (workspace.applyEdit)"));
    }
    let edit = match params.command.as_str() {
        APPLY => edit_of(session, &argument(&arguments, 0)?)?,
        APPLY_FIXES => {
            let wanted = Wanted {
                uri: argument(&arguments, 0)?,
                version: None,
                range: Range::default(),
                title: FIX_ALL.to_owned(),
            };
            edit_of(session, &wanted)?
        }
        GENERATE => {
            let (session, title) = (session.clone(), arguments.get(1).and_then(Value::as_str).map(str::to_owned));
            let folder: Uri = argument(&arguments, 0)?;
            let made = spawn_blocking(move || generate(&session, &folder, title.as_deref())).await;
            made.map_err(|_| Error::internal_error())??
        }
        other => return Err(Error::invalid_params(format!("{other} is no command of dockline"))),
    };
    let client = session.client.clone();
    tokio::spawn(async move {
        match client.apply_edit(edit).await {
            Ok(answer) if answer.applied => {}
            answer => tracing::info!("the editor refuses an edit: {answer:?}"),
        }
    });
    Ok(())
}

/// The edit of an action that was offered. An error when that can be no more.
pub fn edit_of(session: &Session, wanted: &Wanted) -> Result<WorkspaceEdit> {
    let uri = &wanted.uri;
    let document = session.documents.get(&uri.0).ok_or_else(|| failed(&format!("{} is not open", uri.0)))?;
    if wanted.version.is_some_and(|version| version != document.version) {
        return Err(error(CONTENT_MODIFIED, "the document was changed since"));
    }
    let view = View { uri, document: &document, editor: session.editor() };
    view.edit_of(wanted).ok_or_else(|| failed(&format!("\"{}\" is not offered there", wanted.title)))
}

/// A Dockerfile and a .dockerignore for a folder without.
fn generate(session: &Session, folder: &Uri, title: Option<&str>) -> Result<WorkspaceEdit> {
    let dir = path_of(folder).filter(|dir| dir.is_dir()).ok_or_else(|| failed("the argument is no folder"))?;
    let path = dir.join("Dockerfile");
    if path.exists() {
        return Err(failed(&format!("{} is there already", path.display())));
    }
    let document = empty(session, &path);
    let whole = Span::new(0, 0);
    let offers = ACTIONS.iter().find(|entry| entry.name == "generate-dockerfile");
    let offers = offers.map(|entry| (entry.action.offers)(document.snapshot(), whole)).unwrap_or_default();
    let uri = uri_of(&path).ok_or_else(Error::internal_error)?;
    let chosen = choose(&offers, title)?;
    let view = View { uri: &uri, document: &document, editor: session.editor() };
    let all: Vec<FileEdit> = chosen.edits.iter().map(|edit| as_file(&path, edit)).collect();
    view.workspace_edit(&all).ok_or_else(|| failed("the editor creates no files (workspaceEdit.resourceOperations)"))
}

/// A Dockerfile that is not there yet, with what lies around it.
fn empty(session: &Session, path: &Path) -> Document {
    let root = session.root_of(path);
    let (settings, _) = configuration::settings(Some(path), &session.settings(), root.as_deref());
    let facts = project::scan(&Disk, path, root.as_deref(), &Needs::default(), path.parent());
    let around = Around { facts: Arc::new(facts), settings: Arc::new(settings), ..Around::default() };
    Document::new(Some(path.to_owned()), 0, 0, "", around)
}

fn choose<'o>(offers: &'o [Fix], title: Option<&str>) -> Result<&'o Fix> {
    match (offers, title) {
        (_, Some(title)) => {
            offers.iter().find(|fix| fix.title == title).ok_or_else(|| failed("there is no such program"))
        }
        ([only], None) => Ok(only),
        ([], None) => Err(failed("there is no Go program here")),
        (several, None) => {
            let titles: Vec<&str> = several.iter().map(|fix| fix.title.as_str()).collect();
            let message = format!("there are several programs: {}", titles.join(", "));
            Err(Error { data: Some(json!({ "titles": titles })), ..failed(&message) })
        }
    }
}

/// The text of a document that is not there is a file to create.
fn as_file(path: &Path, edit: &FileEdit) -> FileEdit {
    match edit {
        FileEdit::This(set) => FileEdit::Create(path.to_owned(), set.apply("")),
        other => other.clone(),
    }
}

fn argument<T: for<'d> Deserialize<'d>>(arguments: &[Value], index: usize) -> Result<T> {
    let value = arguments.get(index).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Error::invalid_params(format!("argument {}: {error}", index + 1)))
}

fn failed(message: &str) -> Error {
    error(REQUEST_FAILED, message)
}

fn error(code: i64, message: &str) -> Error {
    Error { code: ErrorCode::from(code), message: message.to_owned().into(), data: None }
}
