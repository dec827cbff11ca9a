//! The schema of `dockline.toml`, written from the structs and their comments. `UPDATE=1 cargo test --lib settings` writes it anew.
use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Settings;

const FILE: &str = "docs/dockline.schema.json";

#[test]
fn the_schema_is_that_of_the_structs() {
    let schema = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true).into_generator();
    let mut schema = schema.into_root_schema_for::<Settings>().to_value();
    schema["title"] = "dockline.toml".into();
    tidy(&mut schema);
    // Whether serde_json sorts by itself is decided by what else is built.
    schema.sort_all_objects();
    let wanted = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::fs::read_to_string(&path).unwrap_or_default() != wanted {
        assert!(std::env::var_os("UPDATE").is_some(), "{FILE} is stale: run UPDATE=1 cargo test --lib settings");
        std::fs::write(&path, wanted).unwrap();
    }
}

/// Takes out what says nothing to an editor: widths of numbers, defaults that stand for nothing, line ends of comments.
fn tidy(schema: &mut Value) {
    if let Some(table) = schema.as_object_mut() {
        // Not where it is the name of a setting: that is a table.
        if table.get("format").is_some_and(Value::is_string) {
            table.remove("format");
        }
        if matches!(table.get("default"), Some(Value::Null)) {
            table.remove("default");
        }
        if let Some(Value::String(text)) = table.get_mut("description") {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        table.values_mut().for_each(tidy);
    } else if let Some(list) = schema.as_array_mut() {
        list.iter_mut().for_each(tidy);
    }
}
