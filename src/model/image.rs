//! Image references: `registry/repository:tag@digest`.

/// The parts of an image reference, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// Registry and repository, without tag and digest.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// `sha256:…`
    pub digest: Option<String>,
}

impl ImageRef {
    /// Splits a reference; it is not checked.
    pub fn parse(reference: &str) -> ImageRef {
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (reference, None),
        };
        let name_start = rest.rfind('/').map_or(0, |slash| slash + 1);
        match rest[name_start..].find(':') {
            Some(colon) => ImageRef {
                repository: rest[..name_start + colon].to_owned(),
                tag: Some(rest[name_start + colon + 1..].to_owned()),
                digest,
            },
            None => ImageRef { repository: rest.to_owned(), tag: None, digest },
        }
    }

    /// The last path element: `golang` of `docker.io/library/golang`.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }
}

/// True when `reference` can be an image reference at all; `scratch` included.
/// Source: the grammar in github.com/distribution/reference.
pub fn is_valid_reference(reference: &str) -> bool {
    let image = ImageRef::parse(reference);
    let digest_ok = image.digest.as_deref().is_none_or(|digest| {
        digest.split_once(':').is_some_and(|(algorithm, hex)| {
            !algorithm.is_empty() && hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    let tag_ok = image.tag.as_deref().is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
            && !tag.starts_with(['.', '-'])
    });
    digest_ok && tag_ok && is_valid_repository(&image.repository)
}

fn is_valid_repository(repository: &str) -> bool {
    let (host, path) = match repository.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, repository),
    };
    let host_ok = host.is_none_or(|host| {
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'))
    });
    host_ok && !path.is_empty() && path.split('/').all(is_valid_component)
}

/// Lower-case letters and digits, joined by `.`, `_`, `__` or dashes.
fn is_valid_component(component: &str) -> bool {
    let bytes = component.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !bytes.first().is_some_and(alphanumeric) || !bytes.last().is_some_and(alphanumeric) {
        return false;
    }
    component
        .split(|character: char| character.is_ascii_lowercase() || character.is_ascii_digit())
        .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_references() {
        let image = ImageRef::parse("localhost:5000/a/golang:1.21@sha256:ab");
        assert_eq!((image.repository.as_str(), image.tag.as_deref()), ("localhost:5000/a/golang", Some("1.21")));
        assert_eq!(image.digest.as_deref(), Some("sha256:ab"));
        assert_eq!(image.name(), "golang");
        assert_eq!(ImageRef::parse("localhost:5000/x").tag, None);
    }

    #[test]
    fn checks_references() {
        for good in ["golang", "golang:1.21-alpine", "a.b/c_d/e__f:V1", "localhost:5000/x", "foo--bar"] {
            assert!(is_valid_reference(good), "{good}");
        }
        for bad in ["", "Golang", "a:", "a:b c", "a/", "-a", "a@sha256:xyz", "a:.b", "a._b"] {
            assert!(!is_valid_reference(bad), "{bad}");
        }
    }
}
