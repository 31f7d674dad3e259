//! Questions about the law itself, each exact and with a consignment to show for it.
//!
//! One file a question: `whynot` what would have to differ for another outcome; `same` whether two versions of the law
//! decide alike; `diff` what an amendment changes; `entries` how two entries of control lists relate; `links` whether
//! what links say of entries is so; `compare` where the law of several states differs; `routes` which ways round are
//! open; `warn` what an author should know. `witness` turns a way through a diagram into a consignment, `least` looks
//! for the fewest facts that need be stated, `cone` keeps of a world what a question reads. Whatever is found is decided
//! once more by the evaluator before it is shown.

mod alike;
pub mod compare;
pub(crate) mod cone;
pub mod diff;
pub mod entries;
mod least;
pub mod links;
pub mod routes;
pub mod same;
pub mod warn;
pub mod whynot;
pub mod witness;
