//! Package installations: `apk add`, `apt-get install` and their like.
use super::invocation::{Arg, Invocation};
use crate::knowledge::distros::PackageManager;
use crate::knowledge::packages::package_name;
use crate::text::span::Span;

/// One command that adds or removes packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// The RUN's index.
    pub instruction: usize,
    /// The whole command.
    pub span: Span,
    /// Which manager.
    pub manager: PackageManager,
    /// True for `apk del`, `apt-get remove` and their like.
    pub removes: bool,
    /// The packages, without versions; each with its place.
    pub packages: Vec<(String, Span)>,
    /// `apk add --virtual NAME`
    pub group: Option<String>,
    /// True when some of the packages are not known: variables, files.
    pub open: bool,
}

/// Flags whose value is the next word.
const VALUE_FLAGS: [&str; 12] = [
    "-t",
    "--virtual",
    "-X",
    "--repository",
    "-p",
    "--root",
    "-o",
    "--option",
    "-c",
    "--target-release",
    "--repositories-file",
    "--setopt",
];

/// Reads `command` as an installation.
pub fn read(command: &Invocation) -> Option<Install> {
    let manager = manager(&command.name)?;
    let verb_index = command.args.iter().position(|arg| is_verb(manager, arg))?;
    let direct = command.name == "install_packages";
    let verb = if direct { "install" } else { command.args[verb_index].value.as_ref()?.as_str() };
    let removes = match verb {
        "add" | "install" | "in" | "-S" | "-Sy" | "-Syu" | "groupinstall" | "reinstall" => false,
        "del" | "remove" | "purge" | "autoremove" | "erase" | "rm" => true,
        _ => return None,
    };
    if goes_elsewhere(manager, &command.args) {
        return None;
    }
    let first = if direct { 0 } else { verb_index + 1 };
    let mut install = Install {
        instruction: command.instruction,
        span: command.span,
        manager,
        removes,
        packages: Vec::new(),
        group: None,
        open: false,
    };
    packages(&mut install, &command.args[..if direct { 0 } else { verb_index }]);
    packages(&mut install, &command.args[first..]);
    Some(install)
}

fn manager(name: &str) -> Option<PackageManager> {
    Some(match name {
        "apk" => PackageManager::Apk,
        "apt" | "apt-get" | "aptitude" | "install_packages" => PackageManager::Apt,
        "dnf" | "dnf5" => PackageManager::Dnf,
        "microdnf" => PackageManager::Microdnf,
        "yum" => PackageManager::Yum,
        "tdnf" => PackageManager::Tdnf,
        "zypper" => PackageManager::Zypper,
        "pacman" => PackageManager::Pacman,
        _ => return None,
    })
}

/// True when the packages go below another root: the image itself does not have them.
fn goes_elsewhere(manager: PackageManager, args: &[Arg]) -> bool {
    args.iter().any(|arg| {
        let name = arg.prefix.split('=').next().unwrap_or_default();
        match manager {
            PackageManager::Apk => name == "--root" || arg.prefix.starts_with("-p"),
            PackageManager::Apt => false,
            PackageManager::Pacman => matches!(name, "--root" | "--sysroot" | "-r"),
            _ => matches!(name, "--installroot" | "--root"),
        }
    })
}

fn is_verb(manager: PackageManager, arg: &Arg) -> bool {
    let is_flag = arg.prefix.starts_with('-');
    if manager == PackageManager::Pacman {
        arg.prefix.starts_with("-S") || arg.prefix.starts_with("-R")
    } else {
        !is_flag
    }
}

fn packages(install: &mut Install, args: &[Arg]) {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg.prefix.starts_with('-') {
            let value = match arg.prefix.split_once('=') {
                Some((_, value)) => Some(value.to_owned()),
                None if VALUE_FLAGS.contains(&arg.prefix.as_str()) => {
                    args.next().and_then(|next| next.value.as_ref().cloned())
                }
                None => None,
            };
            if arg.prefix == "-t" || arg.prefix.starts_with("--virtual") {
                install.group = value;
            }
            continue;
        }
        match arg.value.as_ref() {
            Some(value) => {
                for word in value.split_whitespace() {
                    install.packages.push((package_name(install.manager, word).to_owned(), arg.span));
                }
            }
            None => install.open = true,
        }
    }
}
