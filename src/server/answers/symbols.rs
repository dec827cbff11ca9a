//! The outline, as JSON at once: it is the longest answer, and editors ask for it after each keystroke.
use crate::ide::symbols::{Symbol, SymbolKind, symbols};
use crate::server::convert::View;
use crate::server::json::Json;

/// What most symbols need, in bytes.
const USUAL_LENGTH: usize = 220;

impl View<'_> {
    /// `textDocument/documentSymbol`: a tree, or a list for editors that know no tree.
    pub fn symbols(&self) -> Vec<u8> {
        let snapshot = self.document.snapshot();
        let symbols = symbols(snapshot);
        let mut json = Json(Vec::with_capacity(snapshot.file().instructions.len() * USUAL_LENGTH));
        if self.editor.hierarchical_symbols {
            json.list(&symbols, |json, symbol| self.tree(symbol, json));
        } else {
            json.list(symbols.iter().flat_map(with_children), |json, (symbol, parent)| self.flat(symbol, parent, json));
        }
        json.0
    }

    fn tree(&self, symbol: &Symbol, json: &mut Json) {
        start(symbol, json);
        if let Some(detail) = &symbol.detail {
            json.raw(r#","detail":"#);
            json.text(detail);
        }
        json.raw(r#","range":"#);
        self.write_range(symbol.span, json);
        json.raw(r#","selectionRange":"#);
        self.write_range(symbol.selection, json);
        if !symbol.children.is_empty() {
            json.raw(r#","children":"#);
            json.list(&symbol.children, |json, child| self.tree(child, json));
        }
        json.raw("}");
    }

    fn flat(&self, symbol: &Symbol, parent: Option<&Symbol>, json: &mut Json) {
        start(symbol, json);
        if let Some(parent) = parent {
            json.raw(r#","containerName":"#);
            json.text(&parent.name);
        }
        json.raw(r#","location":{"uri":"#);
        json.text(&self.uri.0);
        json.raw(r#","range":"#);
        self.write_range(symbol.span, json);
        json.raw("}}");
    }
}

/// Each with the one that it is in.
fn with_children(symbol: &Symbol) -> impl Iterator<Item = (&Symbol, Option<&Symbol>)> {
    let children = symbol.children.iter().map(move |child| (child, Some(symbol)));
    std::iter::once((symbol, None)).chain(children)
}

fn start(symbol: &Symbol, json: &mut Json) {
    json.raw(r#"{"name":"#);
    json.text(&symbol.name);
    json.raw(r#","kind":"#);
    json.number(number(symbol.kind));
}

/// The protocol's numbers: Module, Variable, Function.
fn number(kind: SymbolKind) -> u32 {
    match kind {
        SymbolKind::Stage => 2,
        SymbolKind::Variable => 13,
        SymbolKind::Instruction => 12,
    }
}

#[cfg(test)]
mod tests {
    use tower_lsp::gen_lsp_types::{DocumentSymbolResponse, SymbolKind as Kind, Uri};

    use super::*;
    use crate::server::capabilities::Editor;
    use crate::server::documents::{Around, Document};

    fn answer(hierarchical_symbols: bool) -> DocumentSymbolResponse {
        let text = "ARG A=\"1\"\nFROM golang AS build\nRUN \u{1}é\\\n  b\n";
        let document = Document::new(None, 1, 1, text, Around::default());
        let editor = Editor { hierarchical_symbols, ..Editor::default() };
        let uri = Uri("file:///a%20b".to_owned());
        let json = View { uri: &uri, document: &document, editor: &editor }.symbols();
        serde_json::from_slice(&json).expect("it is what the protocol says")
    }

    #[test]
    fn a_tree() {
        let DocumentSymbolResponse::DocumentSymbolList(list) = answer(true) else { panic!() };
        let [arg, build] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!((arg.name.as_str(), arg.kind, &arg.children), ("ARG A=\"1\"", Kind::Variable, &None));
        assert_eq!((build.name.as_str(), build.detail.as_deref(), build.kind), ("build", Some("golang"), Kind::Module));
        assert_eq!((build.range.end.line, build.selection_range.start.character), (3, 15));
        let [run] = build.children.as_deref().unwrap() else { panic!() };
        assert_eq!((run.name.as_str(), run.kind, run.range.start.line), ("RUN \u{1}é", Kind::Function, 2));
    }

    #[test]
    fn a_list() {
        let DocumentSymbolResponse::SymbolInformationList(list) = answer(false) else { panic!() };
        let within: Vec<_> =
            list.iter().map(|symbol| symbol.base_symbol_information.container_name.as_deref()).collect();
        assert_eq!(within, [None, None, Some("build")]);
        assert_eq!(list[2].location.uri.0, "file:///a%20b");
    }
}
