//! Whole decisions by bits, for consignments of which enough is known: the same answers as the interpreter's, without
//! walking the law.
//!
//! The law between two days on which anything changes is an `edition`: its facts are columns (`column`), its
//! conditions alternatives of tests (`norm`), one bit each in rows that a value picks (`row`). `run` takes the rows of
//! what is known together and finds what holds, certainly or possibly; facts are looked up only as they are asked for
//! (`reading`), what constraints leave of the others is found where that settles more (`narrow`), and what was read and what came of it is kept as a tree (`tree`), so that what is alike is not decided
//! twice. A `desk` decides goods items, `clerk` leads a consignment through it, `batch` many as columns, `rows` many one
//! after the other by the numbers of their values. Where both agree the decision is settled, and it is exact; where they
//! do not, it is left to the decision diagrams, which look at all completions. So nothing is ever decided here that some
//! completion would decide otherwise.

mod batch;
mod clerk;
mod column;
mod compile;
mod desk;
mod edition;
mod narrow;
mod norm;
mod reading;
mod row;
mod rows;
mod run;
mod scope;
mod tree;

pub use batch::{Dictionary, Found, Table};
pub use clerk::{Bits, Classed, Clerk, Met};
pub use column::{Class, UNKNOWN};
pub use rows::{Lanes, Row};
