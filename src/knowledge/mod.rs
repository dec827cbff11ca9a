//! Facts as data: tables with their source and date, and the few functions that query them.
pub mod accounts;
pub mod base_images;
pub mod build_flags;
pub mod cgo_modules;
pub mod commands;
pub mod distros;
pub mod git_hosts;
pub mod go_calls;
pub mod go_words;
pub mod golang_tags;
pub mod hadolint;
pub mod image_names;
pub mod image_platforms;
pub mod instructions;
pub mod package_tools;
pub mod packages;
pub mod predefined_args;
pub mod programs;
pub mod secrets;
pub mod shell_words;
pub mod shellcheck;
pub mod table;

pub use base_images::{BaseImage, base_image};
pub use cgo_modules::{CgoModule, cgo_module};
pub use distros::{Distro, Libc, PackageManager};
pub use golang_tags::GoVersion;
pub use table::glob;
