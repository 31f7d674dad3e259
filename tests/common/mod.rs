//! What several tests share.

#![allow(dead_code, reason = "each test uses its part")]

pub mod amend;
pub mod cases;
pub mod choices;
pub mod facts;
pub mod gaps;
pub mod grid;
pub mod law;
pub mod random_tree;
pub mod read;
pub mod rewrite;
pub mod sat;
pub mod shrink;
