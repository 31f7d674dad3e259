//! What several tests share.

#![allow(dead_code, reason = "each test uses its part")]

pub mod choices;
pub mod gaps;
pub mod random_tree;
