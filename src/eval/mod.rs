//! The reference interpreter: what a policy means, written to be read.
//!
//! `env` holds what is known; `atom` and `category` read conditions in three truth values; `rules` applies the rules
//! of one policy to one item; `classes` cuts domains and `complete` searches the completions of what is unknown; `desk`
//! asks it about one consignment; `outlook` what it can come to, without reasons; `answer` and `open` put the decision together; `verdict` is the same in numbers; `explain` gives its reasons as a tree; `doubts` says what they leave unsure;
//! `trace` says which sentences of the law a case reads; `rank` puts questions in order. Everything faster is tested against this.
//!
//! It reads no file, no clock and no environment: facts and a date come in, a decision goes out.

mod answer;
pub(crate) mod ask;
pub(crate) mod atom;
pub(crate) mod category;
pub(crate) mod classes;
mod complete;
mod decide;
pub mod decision;
mod desk;
pub(crate) mod doubts;
pub(crate) mod env;
pub mod explain;
pub(crate) mod lists;
pub(crate) mod logic;
mod open;
pub(crate) mod outlook;
mod plain;
pub(crate) mod probe;
pub mod rank;
pub(crate) mod rules;
pub mod trace;
pub(crate) mod truth;
pub mod verdict;

pub use decide::{Broken, Evaluator, Options};
pub use decision::{Decision, Outcome, PolicyDecision};
