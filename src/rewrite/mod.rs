//! Edit builders that fixes and actions share.
pub mod cache_mounts;
pub mod disable_cgo;
pub mod download_layer;
pub mod enable_cgo;
pub mod exec_form;
pub mod final_base;
pub mod fix;
pub mod go_flags;
pub mod lines;
pub mod module_files;
pub mod multi_stage;
pub mod needs;
pub mod packages;
pub mod private_modules;
pub mod run_script;
pub mod shipping;
