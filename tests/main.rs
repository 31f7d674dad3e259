//! All integration tests, in one binary.

#[path = "suite/architecture.rs"]
mod architecture;
#[path = "suite/cases.rs"]
mod cases;
#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/format.rs"]
mod format;
#[path = "suite/oracle.rs"]
mod oracle;
#[path = "suite/support.rs"]
mod support;
