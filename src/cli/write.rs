//! Writing files: whole or not at all.
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Replaces the text of a file in one step; permissions and what a symbolic link points to stay.
///
/// # Errors
/// When the directory can't be written to, or the disk is full; the file is then as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.dockline-{}", std::process::id()));
    let written = create(&beside, text)
        .and_then(|()| fs::set_permissions(&beside, permissions))
        .and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // What matters is said already; a leftover is the smaller trouble.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes a new file.
///
/// # Errors
/// When it is there already, too.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
