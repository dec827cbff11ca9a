//! The scripts of tonistiigi/xx: what they are copied from, and what they need installed.
use super::distros::PackageManager;
use super::table;

const TABLE: &str = include_str!("xx.tsv");

/// The image that holds the scripts, with its tag.
pub fn image() -> &'static str {
    words("image", None).unwrap_or_default()
}

/// What the scripts need where `manager` installs; `None` where they do not work.
pub fn needs(manager: PackageManager) -> Option<XxNeeds> {
    let manager = match manager {
        PackageManager::Apk => "apk",
        PackageManager::Apt => "apt",
        _ => return None,
    };
    let of = |kind| words(kind, Some(manager));
    Some(XxNeeds { build: of("build")?, install: of("install")?, c: of("c")?, cpp: of("c++")? })
}

/// What the scripts need under one package manager; packages are separated by blanks.
#[derive(Clone, Copy, Debug)]
pub struct XxNeeds {
    /// Packages for the platform of the builder.
    pub build: &'static str,
    /// The command that installs packages for the platform of the image.
    pub install: &'static str,
    /// Packages of that platform for C.
    pub c: &'static str,
    /// Packages of that platform for C++ and C.
    pub cpp: &'static str,
}

fn words(kind: &str, manager: Option<&str>) -> Option<&'static str> {
    let mut rows = table::rows(TABLE);
    rows.find(|row| row.cell(0) == kind && row.some(1) == manager).and_then(|row| row.some(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_complete() {
        table::assert_table(TABLE);
        assert!(image().starts_with("tonistiigi/xx:"));
        assert!(needs(PackageManager::Apk).is_some() && needs(PackageManager::Apt).is_some());
        assert!(needs(PackageManager::Dnf).is_none());
    }
}
