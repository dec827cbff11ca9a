//! The answers of registries: what of them is understood, the rest is nothing. Nobody says that they are well-formed.
//! Source: OCI distribution-spec 1.1 and image-spec 1.1; Docker's older media types have the same fields.
use std::collections::BTreeMap;

use serde::Deserialize;

use super::reference::{is_digest, is_tag};

/// More are left out.
const MAX_PLATFORMS: usize = 64;
/// When an image was made.
const CREATED: &str = "org.opencontainers.image.created";

/// What a manifest is asked for as.
pub const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// A manifest.
#[derive(Debug, PartialEq, Eq)]
pub enum Manifest {
    /// Of several platforms.
    Index {
        /// Which.
        platforms: Vec<String>,
        /// The day it was made.
        created: Option<String>,
    },
    /// Of one platform, which its configuration names: the digest of that.
    Single(String),
}

#[derive(Deserialize)]
struct Said {
    manifests: Option<Vec<Entry>>,
    config: Option<Descriptor>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Entry {
    platform: Option<Platform>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(flatten)]
    platform: Platform,
    created: Option<String>,
}

#[derive(Deserialize)]
struct TagList {
    tags: Option<Vec<String>>,
}

/// Reads a manifest or an index.
pub fn manifest(body: &[u8]) -> Option<Manifest> {
    let said: Said = serde_json::from_slice(body).ok()?;
    let Some(entries) = said.manifests else {
        return Some(Manifest::Single(said.config?.digest)).filter(|single| match single {
            Manifest::Single(digest) => is_digest(digest),
            Manifest::Index { .. } => true,
        });
    };
    let of_entries = entries.iter().map(|entry| &entry.annotations);
    let annotations = std::iter::once(&said.annotations).chain(of_entries).flatten();
    let created = annotations.filter_map(|all| all.get(CREATED)).find_map(|time| day(time));
    let mut platforms: Vec<String> = Vec::new();
    for name in entries.iter().filter_map(|entry| name(entry.platform.as_ref()?)).take(MAX_PLATFORMS) {
        if !platforms.contains(&name) {
            platforms.push(name);
        }
    }
    Some(Manifest::Index { platforms, created })
}

/// Reads the configuration of an image: its platform, and the day it was made.
pub fn config(body: &[u8]) -> Option<(String, Option<String>)> {
    let config: Config = serde_json::from_slice(body).ok()?;
    Some((name(&config.platform)?, config.created.as_deref().and_then(day)))
}

/// Reads a list of tags; those that no reference can have are left out.
pub fn tags(body: &[u8]) -> Option<Vec<String>> {
    let list: TagList = serde_json::from_slice(body).ok()?;
    Some(list.tags.unwrap_or_default().into_iter().filter(|tag| is_tag(tag)).collect())
}

/// `linux/arm/v7`; `None` for what is no platform: attestations lie under `unknown/unknown`.
fn name(platform: &Platform) -> Option<String> {
    let parts = [Some(&platform.os), Some(&platform.architecture), platform.variant.as_ref()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let plain = |part: &&str| {
        part.len() <= 32 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    let known = parts.len() >= 2 && !parts.contains(&"unknown") && parts.iter().all(plain);
    known.then(|| parts.join("/"))
}

/// The day of a point in time: `2026-11-20` of `2026-11-20T10:11:12Z`.
fn day(time: &str) -> Option<String> {
    let (day, _) = time.split_once('T')?;
    let mut parts = day.split('-');
    let digits = |part: Option<&str>, length: usize| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_day =
        digits(parts.next(), 4) && digits(parts.next(), 2) && digits(parts.next(), 2) && parts.next().is_none();
    // Builds that are to be the same every time say 1970 or year 1.
    (is_day && day > "1980").then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_index() {
        let body = br#"{ "schemaVersion": 2, "manifests": [
            { "digest": "x", "platform": { "os": "linux", "architecture": "amd64" },
              "annotations": { "org.opencontainers.image.created": "2026-11-20T10:11:12Z" } },
            { "platform": { "os": "linux", "architecture": "arm", "variant": "v7" } },
            { "platform": { "os": "linux", "architecture": "amd64" } },
            { "platform": { "os": "unknown", "architecture": "unknown" } },
            { "platform": { "os": "[x](y)", "architecture": "amd64" } },
            { "digest": "y" } ] }"#;
        let platforms = vec!["linux/amd64".to_owned(), "linux/arm/v7".to_owned()];
        assert_eq!(manifest(body), Some(Manifest::Index { platforms, created: Some("2026-11-20".to_owned()) }));
    }

    #[test]
    fn reads_a_single_image() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let body = format!(r#"{{ "config": {{ "digest": "{digest}" }}, "layers": [] }}"#);
        assert_eq!(manifest(body.as_bytes()), Some(Manifest::Single(digest)));
        assert_eq!(manifest(br#"{ "config": { "digest": "../x" } }"#), None);
        let said = config(
            br#"{ "os": "linux", "architecture": "arm64", "variant": "v8", "created": "1970-01-01T00:00:00Z" }"#,
        );
        assert_eq!(said, Some(("linux/arm64/v8".to_owned(), None)));
    }

    #[test]
    fn nothing_is_read_of_what_is_broken() {
        for body in ["", "{", "[]", "{}", "null", r#"{"manifests": 1}"#, r#"{"manifests": [{"#] {
            assert_eq!(manifest(body.as_bytes()), None, "{body}");
        }
        assert_eq!(tags(br#"{ "tags": ["1.27", "a b", "../x", "", "x\n"] }"#), Some(vec!["1.27".to_owned()]));
        assert_eq!(tags(br#"{ "tags": null }"#), Some(Vec::new()));
        assert_eq!(tags(br#"{ "tags": ["1.27", "#), None);
    }
}
