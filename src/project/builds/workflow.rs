//! CI files: commands, and the actions that build images.
use std::path::Path;

use serde_json::Value;

use super::{Request, commands, yaml};

/// The builds of a CI file, whose commands run at `root` unless a step says otherwise.
pub(super) fn read(text: &str, root: &Path) -> Vec<Request> {
    let mut found = Vec::new();
    if let Some(file) = yaml::parse(text) {
        walk(&file, root, &mut found);
    }
    found
}

fn walk(value: &Value, folder: &Path, found: &mut Vec<Request>) {
    match value {
        Value::String(text) => found.extend(commands::read(text, folder)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, folder, found)),
        Value::Object(step) => {
            let text = |name: &str| step.get(name).and_then(Value::as_str);
            let inner = text("working-directory").or_else(|| text("dir")).or_else(|| text("working_directory"));
            match inner {
                Some(dir) if dir.contains(['$', '{', '~']) => return,
                _ => {}
            }
            let folder = inner.map_or_else(|| folder.to_owned(), |dir| folder.join(dir));
            if text("uses").is_some_and(|action| action.starts_with("docker/build-push-action@")) {
                found.extend(action(step.get("with"), &folder));
                return;
            }
            step.values().for_each(|value| walk(value, &folder, found));
        }
        _ => {}
    }
}

/// Docker's own action: the whole repository is the default.
fn action(with: Option<&Value>, folder: &Path) -> Option<Request> {
    let text = |name: &str| with.and_then(|with| with.get(name)).and_then(Value::as_str).map(str::to_owned);
    let context = text("context").unwrap_or_else(|| ".".to_owned());
    (!context.contains("defaultContext")).then(|| Request {
        folder: folder.to_owned(),
        context,
        dockerfile: text("file"),
        target: text("target"),
    })
}
