//! Names of files: the editor's and the machine's.
use std::path::{Path, PathBuf};

use tower_lsp::gen_lsp_types::Uri;
use url::Url;

/// The name of a file on this machine; `None` for anything else (`untitled:`, `git:`).
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    Url::parse(&uri.0).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// The editor's name for a file; `None` for a relative path.
pub fn uri_of(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok().map(|url| Uri(url.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uri: &str) -> Option<PathBuf> {
        path_of(&Uri(uri.to_owned()))
    }

    #[test]
    fn other_schemes_have_no_path() {
        for uri in ["untitled:Untitled-1", "git:/a/Dockerfile", "vscode-remote://x/a", "", "a/b", "file://host/a"] {
            assert!(path(uri).is_none() || cfg!(windows), "{uri}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn percent_encoding() {
        assert_eq!(path("file:///a%20b/%C3%A9%23/Dockerfile"), Some(PathBuf::from("/a b/é#/Dockerfile")));
        assert_eq!(uri_of(Path::new("/a b/é#/Dockerfile")), Some(Uri("file:///a%20b/%C3%A9%23/Dockerfile".to_owned())));
        assert_eq!(uri_of(Path::new("a/Dockerfile")), None);
        for name in ["/100%/Dockerfile", "/a?b/[c]/Dockerfile", "/\u{1F600}/x.Dockerfile"] {
            let uri = uri_of(Path::new(name)).unwrap();
            assert_eq!(path_of(&uri), Some(PathBuf::from(name)), "{uri:?}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn windows_drives() {
        for uri in ["file:///c:/a%20b/Dockerfile", "file:///c%3A/a%20b/Dockerfile"] {
            assert_eq!(path(uri), Some(PathBuf::from(r"c:\a b\Dockerfile")), "{uri}");
        }
        assert_eq!(uri_of(Path::new(r"C:\a b\Dockerfile")), Some(Uri("file:///C:/a%20b/Dockerfile".to_owned())));
    }
}
