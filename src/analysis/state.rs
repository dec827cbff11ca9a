//! What is known of an image at one point: the abstract interpretation of the instructions before it.
use std::sync::Arc;

use super::env::{Env, Origin};
use super::known::{Answer, Known, OpenSet};
use crate::knowledge::base_images::BaseImage;
use crate::knowledge::distros::{Distro, Libc, PackageManager};
use crate::knowledge::golang_tags::GoVersion;
use crate::knowledge::packages::package_provides;

/// What an image starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// An image of our table.
    Image(Arc<BaseImage>),
    /// `FROM scratch`
    Scratch,
    /// An image that we don't know, or a variable without a value.
    Unknown,
}

/// The Go toolchain of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoToolchain {
    /// Its version, if the tag tells it.
    pub version: Known<GoVersion>,
    /// True for the official images and those built like them.
    pub official: bool,
}

/// Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageState {
    /// What the first stage of the chain starts from.
    pub base: Base,
    /// The reference of that image, variables replaced; `None` when one is unknown.
    pub reference: Option<Arc<str>>,
    /// The shell of the shell form, as SHELL sets it.
    pub shell: Known<Arc<[String]>>,
    /// USER, as written.
    pub user: Known<String>,
    /// WORKDIR, resolved.
    pub workdir: Known<String>,
    /// ARG, ENV and what the base image sets.
    pub env: Env,
    /// Packages that were installed by name; open once something else may have installed some.
    pub packages: OpenSet,
    /// Absolute paths that COPY and ADD wrote; open once files may have come from elsewhere.
    pub files: OpenSet,
    /// The Go toolchain; `Known(None)`: there is none.
    pub go: Known<Option<GoToolchain>>,
}

impl ImageState {
    /// The state behind `FROM scratch`.
    pub fn scratch() -> Self {
        let mut state = Self::unknown();
        state.base = Base::Scratch;
        state.reference = Some("scratch".into());
        state.user = Known::Known("0".to_owned());
        state.workdir = Known::Known("/".to_owned());
        state.env = Env::default();
        state.env.set("PATH", Known::Known(DEFAULT_PATH.to_owned()), Origin::Image, None);
        state.go = Known::Known(None);
        state
    }

    /// The state behind an image that we know nothing of.
    pub fn unknown() -> Self {
        let mut env = Env::default();
        env.open();
        Self {
            base: Base::Unknown,
            reference: None,
            shell: Known::Unknown,
            user: Known::Unknown,
            workdir: Known::Unknown,
            env,
            packages: OpenSet::default(),
            files: OpenSet::default(),
            go: Known::Unknown,
        }
    }

    /// The state behind `FROM reference`, an image of our table.
    pub fn of_image(image: BaseImage) -> Self {
        let mut state = Self::unknown();
        state.user = image.user.map(str::to_owned).into();
        state.workdir = image.workdir.map(str::to_owned).into();
        state.go = match image.go {
            Some(true) => Known::Known(Some(GoToolchain {
                version: image.go_version.into(),
                official: image.env.iter().any(|(name, value)| *name == "GOPATH" && *value == "/go"),
            })),
            Some(false) => Known::Known(None),
            None => Known::Unknown,
        };
        if image.env_complete {
            state.env = Env::default();
        }
        for (name, value) in &image.env {
            state.env.set(name, Known::Known((*value).to_owned()), Origin::Image, None);
        }
        for name in &image.env_names {
            state.env.set(name, Known::Unknown, Origin::Image, None);
        }
        state.base = Base::Image(Arc::new(image));
        state
    }

    /// The row of our table.
    pub fn image(&self) -> Option<&BaseImage> {
        if let Base::Image(image) = &self.base { Some(image) } else { None }
    }

    /// The distribution.
    pub fn distro(&self) -> Known<Distro> {
        match &self.base {
            Base::Scratch => Known::Known(Distro::None),
            Base::Image(image) => image.distro.into(),
            Base::Unknown => Known::Unknown,
        }
    }

    /// The C library that programs are linked to here. `None` where there is none.
    pub fn libc(&self) -> Known<Libc> {
        match &self.base {
            Base::Scratch => Known::Known(Libc::None),
            Base::Image(image) => image.libc.into(),
            Base::Unknown => Known::Unknown,
        }
    }

    /// The version of glibc, where the suite tells it.
    pub fn glibc(&self) -> Known<(u32, u32)> {
        self.image().and_then(|image| image.glibc).into()
    }

    /// The package manager; `Known(None)`: none.
    pub fn package_manager(&self) -> Known<PackageManager> {
        match &self.base {
            Base::Scratch => Known::Known(PackageManager::None),
            Base::Image(image) => image.package_manager.into(),
            Base::Unknown => Known::Unknown,
        }
    }

    /// True when something that we can't look into may have put anything here.
    pub fn is_tainted(&self) -> bool {
        self.packages.opened_by().is_some() || self.files.opened_by().is_some()
    }

    /// Is there a C compiler that cgo finds by itself?
    pub fn has_c_compiler(&self) -> Answer {
        let from_base = match &self.base {
            Base::Scratch => Some(false),
            Base::Image(image) => image.c_compiler,
            Base::Unknown => None,
        };
        let installed = self.installed("c-compiler");
        if from_base == Some(true) || installed {
            Answer::Yes
        } else if from_base.is_none() || self.is_tainted() || self.env.get("CC").is_some() {
            Answer::Unknown
        } else {
            Answer::No
        }
    }

    /// True when a package that was installed by name brings `tool` (knowledge::packages).
    pub fn installed(&self, tool: &str) -> bool {
        let Some(manager) = self.package_manager().as_ref().copied() else { return false };
        self.packages.names().any(|package| package_provides(manager, package).contains(&tool))
    }

    /// Is there a shell for the shell form?
    pub fn has_shell(&self) -> Answer {
        let from_base = match &self.base {
            Base::Scratch => Some(false),
            Base::Image(image) => image.shells.as_ref().map(|shells| !shells.is_empty()),
            Base::Unknown => None,
        };
        let copied = self.files.names().any(|path| super::path::is_shell(super::path::base(path)));
        match from_base {
            Some(true) => Answer::Yes,
            Some(false) if !self.is_tainted() && self.shell == Known::Unknown && !copied => Answer::No,
            _ => Answer::Unknown,
        }
    }

    /// Is the command `name` there?
    pub fn has_command(&self, name: &str) -> Answer {
        let from_base = match &self.base {
            Base::Scratch => Some(false),
            Base::Image(image) => image.has_command(name),
            Base::Unknown => None,
        };
        let installed = self.packages.names().any(|package| package == name);
        let copied = self.files.names().any(|path| super::path::base(path) == name);
        match from_base {
            _ if installed || copied => Answer::Yes,
            Some(true) => Answer::Yes,
            Some(false) if !self.is_tainted() && self.packages.names().next().is_none() => Answer::No,
            _ => Answer::Unknown,
        }
    }

    /// True when what runs here runs as root, false when not.
    pub fn is_root(&self) -> Answer {
        match self.user.as_ref() {
            None => Answer::Unknown,
            Some(user) => {
                let name = user.split(':').next().unwrap_or_default();
                Answer::of(matches!(name, "root" | "0" | ""))
            }
        }
    }
}

/// What the builder sets where the image sets nothing.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::analysis::snapshot::Snapshot;
    use crate::analysis::stage::state_before;

    #[test]
    fn the_state_in_front_is_that_of_a_file_that_ends_there() {
        let mut text = "FROM alpine:3.22 AS a\nRUN apk add -t .build gcc\n".to_owned();
        for number in 0..60 {
            let _ = write!(text, "ENV A{number}=${{A{number}}}x\nWORKDIR d{number}\n");
        }
        text.push_str("RUN apk del .build\nUSER app\n");
        let snapshot = Snapshot::of_text(&text);
        let stage = &snapshot.file().stages[0];
        for (index, instruction) in snapshot.file().stage_instructions(stage).skip(1) {
            let front = Snapshot::of_text(&text[..instruction.span.start as usize]);
            assert_eq!(state_before(&snapshot, stage, index), front.stages()[0].end, "{index}");
        }
        assert_eq!(state_before(&snapshot, stage, stage.instructions.end), snapshot.stage(stage).end);
        let packages =
            |back: usize| state_before(&snapshot, stage, stage.instructions.end - back).packages.names().count();
        assert_eq!((packages(2), packages(1)), (1, 0), "the group is known behind a checkpoint");
    }
}
