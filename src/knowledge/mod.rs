//! Facts as data: tables with their source and date, and the few functions that query them.
pub mod base_images;
pub mod cgo_modules;
pub mod commands;
pub mod distros;
pub mod golang_tags;
pub mod table;
