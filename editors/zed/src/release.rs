//! What can be decided without Zed: which archive is downloaded, where it lies, what the server is started with and told.
use std::collections::HashMap;

use zed_extension_api::serde_json::{Value, json};
use zed_extension_api::settings::CommandSettings;
use zed_extension_api::{Architecture, DownloadedFileType, Os};

/// The name of the server, of its program and of its settings.
pub const NAME: &str = "dockline";

/// An archive of a release, and the program in it.
pub struct Archive {
    /// Its name, the same in every release.
    pub name: String,
    /// How it is packed.
    pub packed: DownloadedFileType,
    /// The program, at the top of the archive.
    pub program: &'static str,
}

/// The archive for a machine; none where no release has one. On Linux the one that needs no C library.
pub fn archive(os: Os, architecture: Architecture) -> Option<Archive> {
    let processor = match architecture {
        Architecture::X8664 => "x86_64",
        Architecture::Aarch64 => "aarch64",
        Architecture::X86 => return None,
    };
    let (system, ending, packed, program) = match os {
        Os::Linux => ("unknown-linux-musl", "tar.gz", DownloadedFileType::GzipTar, "dockline"),
        Os::Mac => ("apple-darwin", "tar.gz", DownloadedFileType::GzipTar, "dockline"),
        Os::Windows => ("pc-windows-msvc", "zip", DownloadedFileType::Zip, "dockline.exe"),
    };
    Some(Archive { name: format!("{NAME}-{processor}-{system}.{ending}"), packed, program })
}

/// The folder of a version, in the folder that Zed gives the extension.
pub fn folder(version: &str) -> String {
    format!("{NAME}-{version}")
}

/// Of the entries of that folder, those of versions that are not needed any more.
pub fn outdated(entries: impl IntoIterator<Item = String>, needed: &str) -> Vec<String> {
    entries.into_iter().filter(|entry| entry.starts_with("dockline-") && entry != needed).collect()
}

/// Of the entries of that folder, the one to fall back on when no release can be asked for.
pub fn fallback(entries: impl IntoIterator<Item = String>) -> Option<String> {
    entries.into_iter().filter(|entry| entry.starts_with("dockline-")).max()
}

/// The arguments of the server: those of the settings, else the ones that make it serve an editor.
pub fn arguments(binary: Option<&CommandSettings>) -> Vec<String> {
    binary.and_then(|binary| binary.arguments.clone()).unwrap_or_else(|| vec!["lsp".to_owned()])
}

/// The environment of the server: the shell's, and over it what the settings say.
pub fn environment(shell: Vec<(String, String)>, binary: Option<&CommandSettings>) -> Vec<(String, String)> {
    let mut all: HashMap<String, String> = shell.into_iter().collect();
    all.extend(binary.and_then(|binary| binary.env.clone()).unwrap_or_default());
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort();
    all
}

/// The settings under the name that the server asks for.
pub fn configuration(settings: Option<Value>) -> Value {
    match settings {
        Some(settings) if settings.get(NAME).is_some() => settings,
        Some(settings) => json!({ NAME: settings }),
        None => json!({ NAME: {} }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(arguments: Option<&[&str]>, env: &[(&str, &str)]) -> CommandSettings {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        CommandSettings {
            path: None,
            arguments: arguments.map(|all| all.iter().map(|&each| each.to_owned()).collect()),
            env: Some(env.iter().map(owned).collect()),
        }
    }

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn every_machine_has_its_archive() {
        let expected = [
            (Os::Linux, Architecture::X8664, "dockline-x86_64-unknown-linux-musl.tar.gz", "dockline"),
            (Os::Linux, Architecture::Aarch64, "dockline-aarch64-unknown-linux-musl.tar.gz", "dockline"),
            (Os::Mac, Architecture::X8664, "dockline-x86_64-apple-darwin.tar.gz", "dockline"),
            (Os::Mac, Architecture::Aarch64, "dockline-aarch64-apple-darwin.tar.gz", "dockline"),
            (Os::Windows, Architecture::X8664, "dockline-x86_64-pc-windows-msvc.zip", "dockline.exe"),
            (Os::Windows, Architecture::Aarch64, "dockline-aarch64-pc-windows-msvc.zip", "dockline.exe"),
        ];
        for (os, architecture, name, program) in expected {
            let archive = archive(os, architecture).expect(name);
            assert_eq!((archive.name.as_str(), archive.program), (name, program));
            let zip = matches!(archive.packed, DownloadedFileType::Zip);
            assert_eq!(zip, name.rsplit('.').next() == Some("zip"), "{name}");
        }
        assert!(archive(Os::Linux, Architecture::X86).is_none());
    }

    #[test]
    fn older_versions_go_and_other_files_stay() {
        let entries = || names(&["dockline-v0.1.0", "dockline-v0.2.0", "notes"]);
        assert_eq!(outdated(entries(), &folder("v0.2.0")), ["dockline-v0.1.0"]);
        assert_eq!(fallback(entries()).as_deref(), Some("dockline-v0.2.0"));
        assert_eq!(fallback(names(&["notes"])), None);
    }

    #[test]
    fn arguments_of_the_settings_win() {
        assert_eq!(arguments(None), ["lsp"]);
        assert_eq!(arguments(Some(&command(None, &[]))), ["lsp"]);
        assert_eq!(arguments(Some(&command(Some(&["lsp", "--x"]), &[]))), ["lsp", "--x"]);
    }

    #[test]
    fn variables_of_the_settings_win() {
        let shell = || vec![("PATH".to_owned(), "/bin".to_owned()), ("DOCKLINE_LOG".to_owned(), "warn".to_owned())];
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(environment(shell(), None), pairs(&[("DOCKLINE_LOG", "warn"), ("PATH", "/bin")]));
        let set = command(None, &[("DOCKLINE_LOG", "debug")]);
        assert_eq!(environment(shell(), Some(&set)), pairs(&[("DOCKLINE_LOG", "debug"), ("PATH", "/bin")]));
    }

    #[test]
    fn settings_stand_under_the_name_of_the_server() {
        let rules = json!({ "rules": { "latest-tag": "off" } });
        assert_eq!(configuration(None), json!({ "dockline": {} }));
        assert_eq!(configuration(Some(rules.clone())), json!({ "dockline": rules }));
        assert_eq!(configuration(Some(json!({ "dockline": rules }))), json!({ "dockline": rules }));
    }

    #[test]
    fn the_manifest_has_the_same_version_and_name() {
        let manifest = include_str!("../extension.toml");
        assert!(manifest.contains(&format!("\nversion = \"{}\"\n", env!("CARGO_PKG_VERSION"))));
        assert!(manifest.contains(&format!("\n[language_servers.{NAME}]\n")));
    }
}
