//! Pieces of Markdown.

/// Paragraphs with a blank line between them; empty ones left out.
pub fn paragraphs(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("\n\n")
}

/// A code block; empty for no text.
pub fn code(language: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("```{language}\n{text}\n```") }
}

/// `- **name**: value`, or nothing for an empty value.
pub fn item(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("- **{name}**: {value}\n") }
}
