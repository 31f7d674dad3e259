//! A day's declarations decided: rows in, decisions out, one for each row, in order, none dropped.
//!
//! [`Screener`] holds the law, made ready, and what all rows share; a [`Desk`] decides rows, and each thread has its
//! own. Readers ([`csv`], [`lines`], [`xml`]) take bytes that a [`split::Splitter`] has cut at the ends of rows, so
//! that blocks can be decided side by side; what comes out of a block is an [`Output`].
//!
//! Nothing here opens a file or starts a thread. A row that cannot be decided has the outcome `error`, with its place,
//! and ends nothing. Rows that are settled by what they say are decided by the compiled law ([`settled`]), and of which it
//! finds the same, once; others once for each class of facts that the law cannot tell apart ([`law`]).

#[cfg(feature = "arrow")]
pub mod columns;
pub mod csv;
mod desk;
mod dict;
mod flags;
mod flat;
pub mod join;
mod law;
pub mod layout;
pub mod lines;
pub mod map;
mod memo;
pub mod nomenclature;
pub mod output;
pub mod rank;
mod row;
mod settled;
pub mod split;
mod words;
pub mod xml;

pub use desk::{Desk, Screener, Settings};
pub use flags::{Flag, FlagKind};
pub use flat::Flat;
pub use output::{Form, Output, Problem, Totals};

/// The longest row that is read, in bytes (1 MiB).
pub const MAX_ROW: usize = crate::consignment::MAX_BYTES;
/// The most columns a row may have.
pub const MAX_COLUMNS: usize = 4096;
/// The longest list in one cell.
pub const MAX_LIST: usize = 10_000;
