//! The checked policy: what a set of gate files says, with every name resolved and every value exact.
//!
//! `check` builds this from trees; `eval` reads it. It knows no syntax and no diagnostics; spans are kept only so that
//! answers can point back at the text.

pub mod case;
pub mod chart;
pub mod code;
pub mod condition;
pub mod country;
pub mod date;
pub mod display;
pub mod phrase;
pub mod read;
pub mod rule;
pub mod test_case;
pub mod unit;
pub mod value;
pub mod world;

pub use case::{Case, Held};
pub use chart::{Chart, Row, RowBody, Version};
pub use code::Scheme;
pub use condition::{Atom, AtomKind, Comparison, Cond, Set, Test};
pub use date::{Date, InForce, Interval};
pub use rule::*;
pub use test_case::*;
pub use unit::Dimension;
pub use value::{PlaceId, Type, Value};
pub use world::*;
