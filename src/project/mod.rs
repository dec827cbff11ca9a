//! What lies beside the Dockerfile: its build context, .dockerignore, Go modules and packages.
//! The only layer that reads files, and only through [`Files`], but for the walk of [`dockerfiles`].
pub mod build_tags;
pub mod builds;
pub mod context;
pub mod dockerfiles;
pub mod facts;
pub mod files;
pub mod git_ignore;
pub mod go_mod;
pub mod go_source;
pub mod ignore;
pub mod listing;
pub mod makefiles;
pub mod manifests;
pub mod memo;
pub mod packages;
pub mod paths;
pub mod pattern;
mod scan;
pub mod shellcheck;
pub mod walk;

pub use build_tags::Build;
pub use context::{Context, How, Needs, find_context};
pub use facts::Facts;
pub use files::{Disk, Entry, Files, Kind, Memory};
pub use ignore::Dockerignore;
pub use memo::Memo;
pub use scan::{Scans, scan};
pub use walk::CgoNeed;
