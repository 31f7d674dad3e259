//! Gate files as text: the tree, and how it is read.
//!
//! `scan` cuts a source at its top-level declarations and enforces the limits; `parse` reads each piece with the pest
//! grammar and is the only file that names a pest rule. Mistakes come back as diagnostics beside the tree, so that one
//! run shows them all.

pub mod parse;
pub mod scan;
pub mod shape;
pub mod tree;

pub use parse::parse_file;
