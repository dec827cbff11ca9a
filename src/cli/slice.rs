//! `dockline slice`: the smallest Dockerfile that still has an instruction.
use std::io;
use std::path::PathBuf;

use super::args::{self, Input};
use super::input::{self, Look, Source};
use super::output::Output;
use super::{CLEAN, FAILED};
use crate::rewrite::{lines, slice};

/// Prints the slice, or writes it to a file.
pub fn run(args: &args::Slice, output: &mut Output) -> io::Result<u8> {
    let (path, line) = match place(&args.place) {
        Ok(place) => place,
        Err(error) => {
            output.complain(&error);
            return Ok(FAILED);
        }
    };
    let input = Input { paths: vec![path], stdin_filename: args.stdin_filename.clone(), ..Input::default() };
    let done = input::each(&input, Look::Texts, output, |source, complaints| {
        of_line(&source, line).unwrap_or_else(|error| {
            complaints.push(format!("{}: {error}", source.name));
            String::new()
        })
    });
    let text = done.all.concat();
    if done.failed || text.is_empty() {
        return Ok(FAILED);
    }
    match &args.output {
        None => output.print(&text)?,
        Some(path) => {
            if let Err(error) = std::fs::write(path, text.as_bytes()) {
                output.complain(&format!("{}: {error}", path.display()));
                return Ok(FAILED);
            }
        }
    }
    Ok(CLEAN)
}

/// `FILE:LINE`; the file may be `-`.
fn place(text: &str) -> Result<(PathBuf, usize), String> {
    let parts = text.rsplit_once(':').filter(|(file, _)| !file.is_empty());
    let place = parts.and_then(|(file, line)| Some((PathBuf::from(file), line.parse().ok()?)));
    place
        .filter(|(_, line)| *line > 0)
        .ok_or_else(|| format!("{text}: not of the form FILE:LINE, such as Dockerfile:12"))
}

/// The slice for the instruction that line `line`, from 1, is a part of.
fn of_line(source: &Source<'_>, line: usize) -> Result<String, String> {
    let (snapshot, file) = (&source.snapshot, source.snapshot.file());
    if source.lossy {
        return Err("not sliced: it is not UTF-8".to_owned());
    }
    let mut starts = std::iter::once(0).chain(snapshot.text().match_indices('\n').map(|(at, _)| at as u32 + 1));
    let Some(start) = starts.nth(line - 1).filter(|start| *start < snapshot.text().len() as u32) else {
        return Err(format!("there is no line {line}"));
    };
    let end = starts.next().map_or(snapshot.text().len() as u32, |next| next - 1);
    let holds = |index: &usize| {
        let block = lines::block(snapshot, *index);
        block.start <= end && start <= block.end
    };
    let Some(index) = (0..file.instructions.len()).find(holds) else {
        return Err(format!("line {line} is no part of an instruction"));
    };
    slice::slice(snapshot, index)
        .ok_or_else(|| format!("line {line} stands in front of the first FROM: nothing is built there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert_eq!(place("a:b/Dockerfile:12"), Ok((PathBuf::from("a:b/Dockerfile"), 12)));
        assert_eq!(place("-:1"), Ok((PathBuf::from("-"), 1)));
        for wrong in ["Dockerfile", "Dockerfile:", ":3", "Dockerfile:0", "Dockerfile:x"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
