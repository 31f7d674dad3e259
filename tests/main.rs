//! All integration tests, in one binary.

mod common;

#[path = "suite/analyze.rs"]
mod analyze;
#[path = "suite/architecture.rs"]
mod architecture;
#[path = "suite/benches.rs"]
mod benches;
#[path = "suite/bits.rs"]
mod bits;
#[path = "suite/cases.rs"]
mod cases;
#[path = "suite/cli.rs"]
mod cli;
#[cfg(feature = "columnar")]
#[path = "suite/columns.rs"]
mod columns;
#[path = "suite/compare.rs"]
mod compare;
#[path = "suite/compared.rs"]
mod compared;
#[path = "suite/completions.rs"]
mod completions;
#[path = "suite/counted.rs"]
mod counted;
#[path = "suite/coverage.rs"]
mod coverage;
#[cfg(feature = "cli")]
#[path = "common/day.rs"]
mod day;
#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/diff.rs"]
mod diff;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/format.rs"]
mod format;
#[path = "suite/generate.rs"]
mod generate;
#[path = "suite/interview.rs"]
mod interview;
#[path = "suite/judge.rs"]
mod judge;
#[path = "suite/limits.rs"]
mod limits;
#[path = "suite/links.rs"]
mod links;
#[path = "suite/looks.rs"]
mod looks;
#[path = "suite/meaning.rs"]
mod meaning;
#[path = "suite/mutate.rs"]
mod mutate;
#[path = "suite/property.rs"]
mod property;
#[path = "suite/random.rs"]
mod random;
#[cfg(feature = "repl")]
#[path = "suite/repl.rs"]
mod repl;
#[path = "suite/rewrites.rs"]
mod rewrites;
#[path = "suite/routes.rs"]
mod routes;
#[cfg(feature = "cli")]
#[path = "suite/screen.rs"]
mod screen;
#[path = "suite/screened.rs"]
mod screened;
#[path = "suite/second_opinion.rs"]
mod second_opinion;
#[path = "suite/shipped.rs"]
mod shipped;
#[path = "suite/starter.rs"]
mod starter;
#[path = "suite/support.rs"]
mod support;
#[path = "suite/testing.rs"]
mod testing;
#[path = "suite/toy.rs"]
mod toy;
#[path = "suite/us.rs"]
mod us;
#[path = "suite/verbs.rs"]
mod verbs;
#[path = "suite/warn.rs"]
mod warn;
#[path = "suite/why.rs"]
mod why;
