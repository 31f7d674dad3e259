//! All integration tests, in one binary.

#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/support.rs"]
mod support;
