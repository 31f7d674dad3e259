//! What the benchmarks share: seeded policies and consignments, the same decisions written by hand, and a stopwatch.
//!
//! `random` draws numbers from a seed; `listed` is a policy shaped like the Regulation of the Union on goods of torture
//! and execution, with its consignments, which is also put before other engines; `hand` decides by it without any
//! engine; `columns` puts consignments side by side; `broad` is a policy shaped like a dual-use list, wider and with
//! catch-alls; `watch` measures. The same sizes give the same bytes on every machine. None of it is law.

#![allow(dead_code, reason = "each benchmark uses a part")]
#![allow(clippy::float_arithmetic, reason = "times are measured, nothing is decided by them")]

pub mod broad;
pub mod columns;
pub mod hand;
pub mod listed;
pub mod random;
pub mod watch;

/// The sizes of the policies, in rules or listed items.
pub const SIZES: [usize; 3] = [36, 360, 3_600];
