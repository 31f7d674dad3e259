//! The native half of the Python package `portcullis`: policies held in memory, and what is asked of them.
//!
//! What is written here is only what has to be in Rust. Finding files, reading Python values and the classes that a
//! program sees are Python (`python/portcullis`). Answers cross as JSON text, so that they are byte for byte those of the
//! command line; tables cross as Arrow data without being copied. While something is decided the interpreter is free
//! for other threads. Nothing here reads a file, a clock or the environment.

mod capsule;
mod errors;
mod law;
mod screen;

use std::collections::BTreeMap;

use pyo3::prelude::*;

/// What the package `portcullis` is built on. Not to be used by itself.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::law::{Decided, Law};
    #[pymodule_export]
    use super::screen::{Screened, Screening};
    #[pymodule_export]
    use super::{needed, shipped, shipped_files};
}

/// The paths of the shipped files that a name such as `eu.torture` stands for.
#[pyfunction]
fn shipped(name: &str) -> Vec<String> {
    portcullis::select::shipped(name)
}

/// All shipped files of law, by path.
#[pyfunction]
fn shipped_files() -> BTreeMap<String, Vec<u8>> {
    portcullis::embedded::files().into_iter().map(|f| (f.path, f.bytes)).collect()
}

/// Of all files at hand, those named and what they need.
#[pyfunction]
fn needed(files: BTreeMap<String, Vec<u8>>, named: Vec<String>) -> BTreeMap<String, Vec<u8>> {
    portcullis::select::needed(files, named).into_iter().map(|f| (f.path, f.bytes)).collect()
}
