//! XML documents in memory.
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

/// A document in the making.
pub type Xml = Writer<Vec<u8>>;

/// An XML document with what `fill` writes; it ends with a line break.
pub fn document(fill: impl FnOnce(&mut Xml) -> io::Result<()>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Nothing fails in memory.
    let _ = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let _ = fill(&mut writer);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

/// The text with U+FFFD in place of what no XML document may hold: <https://www.w3.org/TR/xml/#charsets>.
pub fn allowed(text: &str) -> String {
    let is_allowed =
        |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().map(|character| if is_allowed(character) { character } else { '\u{fffd}' }).collect()
}
