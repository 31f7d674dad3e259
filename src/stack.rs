//! Room on the stack for what nests: nesting is limited to 200 levels, and that many must fit whatever the thread.

/// The stack on which nested input is walked, in bytes.
const ROOM: usize = 64 * 1024 * 1024;

/// Runs `f` with room for the deepest input that is allowed.
pub fn deep<T>(f: impl FnOnce() -> T) -> T {
    // A little less than the room is asked for, so that a call within another stays on the stack it has.
    stacker::maybe_grow(ROOM / 2, ROOM, f)
}
