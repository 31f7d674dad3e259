//! Portcullis.
pub mod diagnostic;
pub mod source;
pub mod span;
pub mod syntax;
