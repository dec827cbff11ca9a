//! Where people read about an image.
use super::table;

const TABLE: &str = include_str!("registries.tsv");

/// The page of the repository `name` in a registry: `official` and `hub` are those of Docker Hub, others are named by their
/// host and perhaps the first part of the path. `None` where the address does not follow from the name.
pub fn page(registry: &str, name: &str) -> Option<String> {
    let row = table::rows(TABLE).find(|row| row.cell(0) == registry)?;
    let parts = name.split('/').count();
    let fits = match row.cell(1).strip_suffix('+') {
        Some(least) => least.parse().is_ok_and(|least: usize| parts >= least),
        None => row.cell(1).parse() == Ok(parts),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    let named = name.bytes().all(plain) && name.split('/').all(|part| !part.is_empty());
    (fits && named).then(|| row.cell(2).replace("{name}", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert!(table::rows(TABLE).all(|row| row.cell(2).starts_with("https://") && row.cell(2).contains("{name}")));
        assert_eq!(page("official", "golang").as_deref(), Some("https://hub.docker.com/_/golang"));
        assert_eq!(page("quay.io", "a"), None);
        assert_eq!(page("hub", "a/$b"), None);
        assert_eq!(page("hub", "/"), None);
    }
}
