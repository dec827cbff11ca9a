//! What is generated from the arguments: completions and man pages.
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// What `program` says on standard error about `text` on its standard input; `None` where it is not installed.
fn judge(program: &str, arguments: &[&str], text: &str) -> Option<String> {
    let piped = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = piped.ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || !said.is_empty(), "{program}: {}", output.status);
    Some(said)
}

/// The commands that `dockline help` lists.
fn commands() -> Vec<String> {
    let help = run(Path::new("."), &["help"]).1;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

#[test]
fn completions_know_every_command() {
    for shell in SHELLS {
        let (code, script, err) = run(Path::new("."), &["completions", shell]);
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
    assert_eq!(run(Path::new("."), &["completions", "cmd"]).0, 2);
}

#[test]
fn completions_are_understood_by_their_shells() {
    for shell in ["bash", "fish", "zsh"] {
        let script = run(Path::new("."), &["completions", shell]).1;
        // They are only read, not run.
        assert_eq!(judge(shell, &["-n"], &script).unwrap_or_default(), "", "{shell}");
        assert_ne!(judge(shell, &["-n"], "if then (").unwrap_or_else(|| "not installed".into()), "", "{shell}");
    }
}

#[test]
fn every_command_has_a_man_page() {
    for command in commands().iter().map(Some).chain([None]) {
        let arguments: Vec<&str> = [Some("man"), command.map(String::as_str)].into_iter().flatten().collect();
        let (code, page, err) = run(Path::new("."), &arguments);
        assert_eq!((code, err.as_str()), (0, ""));
        let title = command.map_or("DOCKLINE".to_owned(), |name| format!("DOCKLINE-{}", name.to_uppercase()));
        assert!(page.contains(&format!("\n.TH {title} 1 ")), "{page}");
        assert!(page.contains("\n.SH SYNOPSIS\n"), "{page}");
        // As `man` calls it.
        let said = judge("groff", &["-k", "-man", "-Tutf8", "-ww"], &page).unwrap_or_default();
        assert_eq!(said, "", "{title}");
    }
    let unknown = run(Path::new("."), &["man", "chekc"]);
    assert_eq!(unknown, (2, String::new(), "error: there is no command chekc: did you mean check?\n".into()));
}
