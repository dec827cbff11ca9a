//! Starts dockline in Zed: the program of the settings, else that of PATH, else one of a release.
mod release;

use std::fs;

use release::NAME;
use zed_extension_api::serde_json::Value;
use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, Command, GithubReleaseOptions, LanguageServerId, Result, Worktree};
use zed_extension_api::{
    LanguageServerInstallationStatus as Status, set_language_server_installation_status as status,
};

/// Where releases are published.
const REPOSITORY: &str = "dockline/dockline";

struct Dockline {
    /// The program that was downloaded, as long as it is there.
    downloaded: Option<String>,
}

impl zed::Extension for Dockline {
    fn new() -> Self {
        Self { downloaded: None }
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let settings = LspSettings::for_worktree(NAME, worktree)?;
        let binary = settings.binary.as_ref();
        let command = match binary.and_then(|binary| binary.path.clone()).or_else(|| worktree.which(NAME)) {
            Some(program) => program,
            None => self.downloaded(id)?,
        };
        let env = release::environment(worktree.shell_env(), binary);
        Ok(Command { command, args: release::arguments(binary), env })
    }

    fn language_server_initialization_options(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(LspSettings::for_worktree(NAME, worktree)?.initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(Some(release::configuration(LspSettings::for_worktree(NAME, worktree)?.settings)))
    }
}

impl Dockline {
    /// The program of the latest release; without a network that of an earlier one.
    fn downloaded(&mut self, id: &LanguageServerId) -> Result<String> {
        if let Some(program) = self.downloaded.as_ref().filter(|program| is_file(program)) {
            return Ok(program.clone());
        }
        status(id, &Status::CheckingForUpdate);
        match latest(id) {
            Ok(program) => {
                status(id, &Status::None);
                self.downloaded = Some(program.clone());
                Ok(program)
            }
            Err(error) => {
                let error = format!("{error}; install dockline, or name it in lsp.dockline.binary.path");
                status(id, &Status::Failed(error.clone()));
                Err(error)
            }
        }
    }
}

fn latest(id: &LanguageServerId) -> Result<String> {
    let (os, architecture) = zed::current_platform();
    let archive = release::archive(os, architecture).ok_or("no release of dockline is made for this machine")?;
    let options = GithubReleaseOptions { require_assets: true, pre_release: false };
    let found = match (zed::latest_github_release(REPOSITORY, options), release::fallback(entries())) {
        (Ok(found), _) => found,
        (Err(_), Some(folder)) => return Ok(format!("{folder}/{}", archive.program)),
        (Err(error), None) => return Err(error),
    };
    let folder = release::folder(&found.version);
    let program = format!("{folder}/{}", archive.program);
    if !is_file(&program) {
        let asset = found.assets.iter().find(|asset| asset.name == archive.name);
        let asset = asset.ok_or_else(|| format!("release {} has no {}", found.version, archive.name))?;
        status(id, &Status::Downloading);
        zed::download_file(&asset.download_url, &folder, archive.packed)?;
        zed::make_file_executable(&program)?;
        for old in release::outdated(entries(), &folder) {
            // What can't be removed is in use; it goes the next time.
            let _ = fs::remove_dir_all(old);
        }
    }
    Ok(program)
}

fn is_file(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// What lies in the folder that Zed gives the extension.
fn entries() -> Vec<String> {
    let names = |entry: fs::DirEntry| entry.file_name().into_string().ok();
    fs::read_dir(".").into_iter().flatten().flatten().filter_map(names).collect()
}

zed::register_extension!(Dockline);
