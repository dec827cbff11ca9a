//! What packages bring that does not bear their names.
use super::table;

const TABLE: &str = include_str!("package_files.tsv");

/// The folders that `package` fills.
pub fn folders_of(package: &str) -> impl Iterator<Item = &'static str> {
    let rows = table::rows(TABLE).filter(move |row| table::glob(row.cell(0), package));
    rows.map(|row| row.cell(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        assert!(folders_of("ca-certificates-bundle").any(|folder| folder == "/etc/ssl/certs"));
        assert_eq!(folders_of("curl").count(), 0);
    }
}
