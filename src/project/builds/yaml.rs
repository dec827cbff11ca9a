//! Compose files.
use std::path::Path;

use serde_json::Value;

use super::Request;

/// YAML as a tree; `None` when it is none, or too deep.
pub(super) fn parse(text: &str) -> Option<Value> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).ok()
}

/// The `build` sections of the services.
pub(super) fn compose(text: &str, folder: &Path) -> Vec<Request> {
    let Some(file) = parse(text) else { return Vec::new() };
    let services = file.get("services").and_then(Value::as_object);
    services.into_iter().flat_map(|services| services.values()).filter_map(|service| request(service, folder)).collect()
}

fn request(service: &Value, folder: &Path) -> Option<Request> {
    let build = service.get("build")?;
    let text = |name: &str| build.get(name).and_then(Value::as_str);
    if let Some(context) = build.as_str() {
        return Some(Request { folder: folder.to_owned(), context: context.to_owned(), ..Request::default() });
    }
    if build.get("dockerfile_inline").is_some() {
        return None;
    }
    let context = text("context").unwrap_or(".");
    // Here the Dockerfile is seen from the context.
    let seen = |path: &str| if path.starts_with('/') { path.to_owned() } else { format!("{context}/{path}") };
    let dockerfile = text("dockerfile").map(seen);
    // Without a context of its own, and with `extends`, another file may say what is built.
    let is_whole = text("context").is_some() && service.get("extends").is_none();
    let target = text("target").filter(|_| is_whole).map(str::to_owned);
    Some(Request { folder: folder.to_owned(), context: context.to_owned(), dockerfile, target })
}
