//! Export-control law as text that can be read, checked, run and compared.
//!
//! A *gate file* states law; [`Policy::load`] parses and checks a set of them; [`Policy::decide`] answers what follows
//! for a consignment, with the provision, the facts that mattered and what is still to be asked. Unknown facts are
//! treated exactly: an outcome is stated only if every completion of what is not known agrees.
//!
//! ```
//! use portcullis::{LawFile, Policy};
//!
//! let law = r#"
//! fact date: date
//! fact destination: country
//! fact goods.kind: one of { whip, baton }
//!
//! policy example "Example Act" {
//!   source    "Example Act 2020"
//!   applies   when destination is not FR
//!   known     from 2020-01-01
//!   otherwise permit
//! }
//! rule ban "Export of whips" { cite "s. 1" when goods.kind is whip then prohibit }
//! "#;
//! let policy = Policy::load([LawFile { path: "law.gate".into(), bytes: law.into() }])?;
//! let decision = policy.decide(r#"{ "date": "2026-03-02", "destination": "TR", "goods": { "kind": "whip" } }"#)?;
//! assert_eq!(decision.outcome.as_str(), "prohibited");
//!
//! let open = policy.decide(r#"{ "date": "2026-03-02", "destination": "TR" }"#)?;
//! assert_eq!(open.outcome.as_str(), "undetermined");
//! assert_eq!(open.policies[0].missing[0].fact, "goods.kind");
//! # Ok::<(), Box<portcullis::Rejected>>(())
//! ```
//!
//! Nothing here reads a file, a clock or the environment, except behind the `cli` feature.

pub mod diagnostic;
pub mod source;
pub mod span;
pub mod spelling;
pub mod stack;

pub mod model;
pub mod syntax;

pub mod check;
pub mod consignment;
pub mod engine;
pub mod eval;
pub mod format;

pub mod analyze;
pub mod embedded;
pub mod policy;
pub mod select;
pub mod starter;

pub mod screen;

pub mod interview;
pub mod report;
pub mod testing;

pub mod session;

#[cfg(feature = "cli")]
pub mod cli;

pub use eval::{Decision, Evaluator, Options, Outcome};
pub use policy::{LawFile, Loader, Policy, Rejected};
