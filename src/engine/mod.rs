//! The engine: exact answers about unknown facts, without going through their completions one by one.
//!
//! `diagram` holds functions of facts in a form in which equal ones are the same; `symbolic` reads the law in them, by
//! the same words as the interpreter reads it in three truth values; `solve` answers with them what a decision asks;
//! `space` opens all consignments of a day; `clauses` gives many functions at once to a SAT solver.
//! The engine has to give the answers of the plain interpreter; the tests compare them.

pub mod bits;
pub(crate) mod clauses;
mod compiled;
pub(crate) mod diagram;
mod solve;
pub(crate) mod space;
mod symbolic;

pub use compiled::Compiled;
pub use solve::Engine;
