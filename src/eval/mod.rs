//! The reference interpreter: what a policy means, written to be read.
//!
//! `env` holds what is known; `atom` and `category` read conditions in three truth values; `rules` applies the rules
//! of one policy to one item; `complete` searches the completions of what is unknown; `decide` puts the decision
//! together; `explain` gives its reasons as a tree. Everything faster is tested against this.
//!
//! It reads no file, no clock and no environment: facts and a date come in, a decision goes out.

mod atom;
mod category;
mod complete;
mod decide;
pub mod decision;
mod env;
pub mod explain;
mod lists;
mod rules;
mod truth;

pub use decide::{Broken, Evaluator, Options};
pub use decision::{Decision, Outcome, PolicyDecision};
