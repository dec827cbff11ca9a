//! The Dockerfile grammar.
