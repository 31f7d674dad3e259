//! All integration tests, in one binary.

#[path = "suite/architecture.rs"]
mod architecture;
#[path = "suite/cases.rs"]
mod cases;
#[path = "suite/cli.rs"]
mod cli;
#[path = "suite/completions.rs"]
mod completions;
#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/edges.rs"]
mod edges;
#[path = "suite/format.rs"]
mod format;
#[path = "suite/limits.rs"]
mod limits;
#[path = "suite/meaning.rs"]
mod meaning;
#[path = "suite/oracle.rs"]
mod oracle;
#[path = "suite/random.rs"]
mod random;
#[path = "suite/support.rs"]
mod support;
#[path = "suite/toy.rs"]
mod toy;
#[path = "suite/us.rs"]
mod us;
