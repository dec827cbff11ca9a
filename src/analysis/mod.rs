//! What the file means: values, image states, Go commands.
pub mod cache;
pub mod copy;
pub mod env;
pub mod go;
pub mod install;
pub mod invocation;
pub mod known;
pub mod links;
pub mod module_layer;
pub mod needs;
pub mod path;
pub mod scope;
pub mod shell_body;
pub mod snapshot;
pub mod source;
pub mod stage;
pub mod state;
