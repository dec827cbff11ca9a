//! What `docker login` wrote down. Programs that keep credentials elsewhere (`credsStore`, `credHelpers`) are never run.
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use serde::Deserialize;

use super::reference::DOCKER_HUB;

/// A larger file is not read; in bytes.
const MAX_FILE: u64 = 1 << 20;
/// Longer ones are not credentials.
const MAX_LENGTH: usize = 8 << 10;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: HashMap<String, Auth>,
}

#[derive(Deserialize)]
struct Auth {
    #[serde(default)]
    auth: String,
}

/// The credentials for a registry, as a Basic header has them; `None` where there are none.
pub fn of(host: &str) -> Option<String> {
    let mut text = String::new();
    File::open(path()?).ok()?.take(MAX_FILE).read_to_string(&mut text).ok()?;
    find(&text, host)
}

fn path() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    Some(folder.or_else(|| Some(std::env::home_dir()?.join(".docker")))?.join("config.json"))
}

fn find(config: &str, host: &str) -> Option<String> {
    let config: Config = serde_json::from_str(config).ok()?;
    let mut own = config.auths.into_iter().filter(|(key, _)| names(key, host)).map(|(_, auth)| auth.auth);
    own.find(|auth| is_base64(auth))
}

/// True when a key of `auths` means `host`: `https://index.docker.io/v1/` is Docker Hub.
fn names(key: &str, host: &str) -> bool {
    let bare = key.trim_start_matches("https://").trim_start_matches("http://");
    let named = bare.split('/').next().unwrap_or_default();
    named == host || host == DOCKER_HUB && matches!(named, "index.docker.io" | "registry-1.docker.io")
}

fn is_base64(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_gets_its_own_alone() {
        let config = r#"{ "auths": { "https://index.docker.io/v1/": { "auth": "aHVi" }, "a.example:5000": { "auth": "YTph" },
            "b.example": {}, "c.example": { "auth": "x\r\ny" } }, "credsStore": "desktop" }"#;
        assert_eq!(find(config, "docker.io").as_deref(), Some("aHVi"));
        assert_eq!(find(config, "a.example:5000").as_deref(), Some("YTph"));
        for nobody in ["a.example", "example", "xa.example:5000", "b.example", "c.example", ""] {
            assert_eq!(find(config, nobody), None, "{nobody}");
        }
        assert_eq!(find("{", "a.example:5000"), None);
    }
}
