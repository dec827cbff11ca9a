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

/// What is wrong with an image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceFlaw {
    /// Nothing is written.
    Empty,
    /// `https://` stands in front.
    Scheme,
    /// The repository has letters in upper case.
    UpperCase,
    /// The registry is no host name, or its port no number.
    Registry,
    /// The repository has other characters than it may have, or an empty part.
    Repository,
    /// It is 64 hexadecimal digits: the id of an image, which names none in a registry.
    Id,
    /// What stands behind `:` is no tag.
    Tag,
    /// What stands behind `@` is no digest.
    Digest,
}

/// True when `reference` can be an image reference at all; `scratch` included.
pub fn is_valid_reference(reference: &str) -> bool {
    reference_flaw(reference).is_none()
}

/// Why a builder refuses `reference`; `None` for one that it takes.
/// Source: reference.ParseNormalizedNamed of github.com/distribution/reference v0.6.
pub fn reference_flaw(reference: &str) -> Option<ReferenceFlaw> {
    let lower_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if reference.is_empty() {
        return Some(ReferenceFlaw::Empty);
    }
    if reference.contains("://") {
        return Some(ReferenceFlaw::Scheme);
    }
    if reference.len() == 64 && lower_hex(reference) {
        return Some(ReferenceFlaw::Id);
    }
    let image = ImageRef::parse(reference);
    if let Some(flaw) = repository_flaw(&image.repository) {
        return Some(flaw);
    }
    if image.tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
        return Some(ReferenceFlaw::Tag);
    }
    let digest = |digest: &str| match digest.split_once(':') {
        Some(("sha256", hex)) => hex.len() == 64 && lower_hex(hex),
        Some(("sha384", hex)) => hex.len() == 96 && lower_hex(hex),
        Some(("sha512", hex)) => hex.len() == 128 && lower_hex(hex),
        _ => false,
    };
    image.digest.as_deref().is_some_and(|text| !digest(text)).then_some(ReferenceFlaw::Digest)
}

fn is_tag(tag: &str) -> bool {
    (1..=128).contains(&tag.len())
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        && !tag.starts_with(['.', '-'])
}

/// Splits off the registry: a first part with a dot, a colon or a capital letter, or `localhost`.
pub fn split_registry(repository: &str) -> (Option<&str>, &str) {
    match repository.split_once('/') {
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first.contains(|letter: char| letter.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, repository),
    }
}

fn repository_flaw(repository: &str) -> Option<ReferenceFlaw> {
    let (host, path) = split_registry(repository);
    if host.is_some_and(|host| !is_host(host)) {
        return Some(ReferenceFlaw::Registry);
    }
    if path.split('/').all(is_valid_component) {
        return (path.len() > 255).then_some(ReferenceFlaw::Repository);
    }
    let lower = path.to_ascii_lowercase();
    let only_case = lower.split('/').all(is_valid_component);
    Some(if only_case { ReferenceFlaw::UpperCase } else { ReferenceFlaw::Repository })
}

/// A host name or an address in brackets, perhaps with a port.
fn is_host(host: &str) -> bool {
    if let Some((address, port)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let address_ok = !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        return address_ok && (port.is_empty() || port.strip_prefix(':').is_some_and(is_number));
    }
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.split('.').all(is_part) && port.is_none_or(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
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
        let names =
            ["golang:1.21-alpine", "a.b/c_d/e__f:V1", "localhost:5000/x", "foo--bar", "MyHost/app", "[::1]:5000/x"];
        for good in names {
            assert!(is_valid_reference(good), "{good}");
        }
        let digest = format!("a:1@sha256:{}", "0a".repeat(32));
        assert!(is_valid_reference(&digest) && !is_valid_reference(&digest[..70]));
        for (bad, flaw) in [
            ("", ReferenceFlaw::Empty),
            ("Golang", ReferenceFlaw::UpperCase),
            ("docker.io/My/app:1", ReferenceFlaw::UpperCase),
            ("a:", ReferenceFlaw::Tag),
            ("a:b c", ReferenceFlaw::Tag),
            ("a:.b", ReferenceFlaw::Tag),
            ("a/", ReferenceFlaw::Repository),
            ("-a", ReferenceFlaw::Repository),
            ("a._b", ReferenceFlaw::Repository),
            ("a.b:x/c", ReferenceFlaw::Registry),
            ("a@sha256:xyz", ReferenceFlaw::Digest),
            ("https://a.b/c", ReferenceFlaw::Scheme),
        ] {
            assert_eq!(reference_flaw(bad), Some(flaw), "{bad}");
        }
        assert_eq!(reference_flaw(&"ab".repeat(32)), Some(ReferenceFlaw::Id));
    }
}
