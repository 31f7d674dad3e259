//! Three truth values: yes, no, and unknown with one fact it waits for (Kleene's strong logic).
//!
//! A connective is unknown only if its known parts do not settle it. An unknown carries the first fact that could
//! settle it, which is where the search over completions splits next.

use super::env::Slot;

/// Yes, no, or unknown until a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It cannot be told before this is known.
    Unknown(Slot),
}

impl Truth {
    /// The truth value of a boolean.
    pub fn of(b: bool) -> Truth {
        if b { Truth::Yes } else { Truth::No }
    }

    /// The opposite; unknown stays unknown.
    pub fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            unknown => unknown,
        }
    }

    /// Both; the second is not asked if the first is no.
    pub fn and(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Truth::No => Truth::No,
            Truth::Yes => other(),
            Truth::Unknown(slot) => match other() {
                Truth::No => Truth::No,
                _ => Truth::Unknown(slot),
            },
        }
    }

    /// Either; the second is not asked if the first is yes.
    pub fn or(self, other: impl FnOnce() -> Truth) -> Truth {
        self.not().and(|| other().not()).not()
    }

    /// True if it may be so.
    pub fn may(self) -> bool {
        self != Truth::No
    }

    /// As a search target: the value, or the fact to split on.
    pub fn known(self) -> Result<bool, Slot> {
        match self {
            Truth::Yes => Ok(true),
            Truth::No => Ok(false),
            Truth::Unknown(slot) => Err(slot),
        }
    }
}
