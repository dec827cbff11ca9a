//! What some editors say otherwise than the protocol does, as it wants to be said: else the whole message would be refused.
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::ClientCapabilities;
use tower_lsp::jsonrpc::Request;

/// The request, with what is missing or can't be read put right.
pub fn repaired(request: Request) -> Request {
    let repair: fn(&mut Value) = match (request.method(), request.params()) {
        ("initialize", Some(_)) => capabilities,
        // Before 3.16 of the protocol; a change that is lost would leave another text here than there.
        ("textDocument/didChange", Some(params)) if params["textDocument"]["version"].is_null() => version,
        _ => return request,
    };
    let (method, id, params) = request.into_parts();
    let mut params = params.unwrap_or_default();
    repair(&mut params);
    let built = Request::build(method).params(params);
    match id {
        Some(id) => built.id(id).finish(),
        None => built.finish(),
    }
}

fn version(params: &mut Value) {
    if let Some(document) = params.get_mut("textDocument").and_then(Value::as_object_mut) {
        document.insert("version".to_owned(), json!(0));
    }
}

/// A capability that can't be read is one that the editor does not have.
fn capabilities(params: &mut Value) {
    let Some(params) = params.as_object_mut() else { return };
    let said = params.entry("capabilities").or_insert_with(|| json!({}));
    if !is_readable(said) {
        let sections = said.as_object_mut().map(std::mem::take).unwrap_or_default();
        let mut kept = json!({});
        for (section, abilities) in sections {
            let Value::Object(abilities) = abilities else { continue };
            let readable =
                abilities.into_iter().filter(|(name, value)| is_readable(&json!({ &section: { name: value } })));
            kept[&section] = Value::Object(readable.collect());
        }
        *said = kept;
    }
}

fn is_readable(capabilities: &Value) -> bool {
    serde_json::from_value::<ClientCapabilities>(capabilities.clone()).is_ok()
}
