//! Edit builders that fixes and actions share.
pub mod download_layer;
pub mod enable_cgo;
pub mod fix;
pub mod lines;
pub mod module_files;
pub mod multi_stage;
