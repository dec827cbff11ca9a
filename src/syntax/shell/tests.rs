use super::*;

/// One line a command: how it is joined, its flags (`?` conditional, `$` in a substitution, `(` for each process around it),
/// then assignments, words in ‹› where they have blanks, and redirects.
pub(crate) fn render(script: &Script) -> String {
    let lines: Vec<String> = script.commands.iter().map(render_command).collect();
    let broken = if script.broken { "BROKEN " } else { "" };
    format!("{broken}{}", lines.join(" ⏎ "))
}

fn render_command(command: &Command) -> String {
    let mut out = String::from(match command.link {
        Link::First => "",
        Link::And => "&& ",
        Link::Or => "|| ",
        Link::Then => "; ",
        Link::Pipe => "| ",
        Link::Background => "& ",
    });
    out.push_str(if command.conditional { "?" } else { "" });
    out.push_str(if command.in_substitution { "$" } else { "" });
    out.push_str(&"(".repeat(command.subshell.len()));
    let assignments = command.assignments.iter().map(|one| format!("{}={}", one.name, render_word(&one.value)));
    let words = command.words.iter().map(render_word);
    let redirects = command.redirects.iter().map(render_redirect);
    out + &assignments.chain(words).chain(redirects).collect::<Vec<_>>().join(" ")
}

fn render_redirect(redirect: &Redirect) -> String {
    let operator = match redirect.kind {
        RedirectKind::Read => "<",
        RedirectKind::Write => ">",
        RedirectKind::Append => ">>",
        RedirectKind::Duplicate => ">&",
        RedirectKind::Heredoc => "<<",
        RedirectKind::HereString => "<<<",
    };
    let descriptor = redirect.descriptor.map_or(String::new(), |number| number.to_string());
    format!("{descriptor}{operator}{}", redirect.target.as_ref().map_or(String::new(), render_word))
}

fn render_word(word: &Word) -> String {
    let text: String = word.parts.iter().map(render_part).collect();
    if text.is_empty() || text.contains([' ', '\n']) { format!("‹{text}›") } else { text }
}

fn render_part(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Expansion { name, default: Some(default), .. } => {
            format!("{{{}:-{}}}", name.as_deref().unwrap_or("?"), render_word(default))
        }
        Part::Expansion { name, plain, .. } => {
            format!("{{{}{}}}", name.as_deref().unwrap_or("?"), if *plain { "" } else { "~" })
        }
        Part::Opaque(_) => "…".to_owned(),
    }
}
