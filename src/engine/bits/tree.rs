//! What was read of a goods item, in order, and what came of it: a decision tree grown from the consignments met.
//!
//! Deciding reads facts one after the other, and what it reads next hangs only on the classes of what it has read. So
//! the way from the first fact read to the answer is the same for every consignment that says the same there, however
//! it differs elsewhere, and can be walked without deciding anew: of goods under no listed code, the code alone is read.

use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use crate::eval::verdict::Part;

use super::column::Class;

/// What comes of a goods item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Came {
    /// Settled: one part a policy; true if the constraints leave open whether all presumptions can be made together.
    Settled(Box<[Part]>, bool),
    /// It takes more than bits.
    Open,
    /// Whether it leans on a presumption has to be asked, and hangs on all that is known.
    Asks,
}

/// A place on the way: a column that is read, with what comes next by class; or, read no further, what came.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// [`END`]: the way ends here.
    column: u16,
    /// Where its branches begin; at the end of a way the number of what came.
    from: u32,
    /// How many branches there is room for.
    room: u32,
}

/// No column: the way ends.
const END: u16 = u16::MAX;

/// A branch that was not met yet.
const NONE: u32 = u32::MAX;

/// Above this many places and branches a tree is given up, and begun anew.
const LARGEST: usize = 1 << 21;

/// A number that nothing else has in this process: what was found at one place means nothing at another.
pub fn serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The tree of one edition of the law, for some policies.
#[derive(Debug)]
pub struct Tree {
    /// Numbers of one tree mean nothing in another.
    pub serial: u64,
    places: Vec<Place>,
    /// The branches of all places: each the number of a place.
    branches: Vec<u32>,
    ends: Vec<Came>,
    numbers: FxHashMap<Came, u32>,
}

impl Tree {
    /// Nothing met yet.
    pub fn new() -> Tree {
        Tree {
            serial: serial(),
            places: Vec::new(),
            branches: Vec::new(),
            ends: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }

    /// The number of what comes of an item, where one like it was met; `class` says what is given of a column.
    #[inline]
    pub fn walk(&self, mut class: impl FnMut(u16) -> Class) -> Option<u32> {
        let mut at = 0u32;
        loop {
            let place = self.places.get(at as usize)?;
            if place.column == END {
                return Some(place.from);
            }
            let class = class(place.column);
            if class >= place.room {
                return None;
            }
            at = *self.branches.get((place.from + class) as usize)?;
        }
    }

    /// What came, by its number.
    #[inline]
    pub fn end(&self, number: u32) -> Option<&Came> {
        self.ends.get(number as usize)
    }

    /// True if it has grown too large to go on.
    pub fn is_full(&self) -> bool {
        self.places.len() + self.branches.len() > LARGEST
    }

    /// Keeps what came of an item of which `read` was read, in order; its number.
    pub fn keep(&mut self, read: &[(u16, Class)], came: Came) -> u32 {
        let number = match self.numbers.get(&came) {
            Some(number) => *number,
            None => {
                let number = self.ends.len() as u32;
                self.ends.push(came.clone());
                self.numbers.insert(came, number);
                number
            }
        };
        let mut before = None;
        for (column, class) in read {
            let here = self.place(before, Place { column: *column, from: 0, room: 0 });
            before = Some((here, *class));
        }
        self.place(before, Place { column: END, from: number, room: 0 });
        number
    }

    /// What stands after a branch of a place; the new place where nothing does. A way that ended goes no further.
    fn place(&mut self, before: Option<(u32, Class)>, new: Place) -> u32 {
        let number = self.places.len() as u32;
        match before {
            None if number > 0 => return 0,
            None => {}
            Some((at, class)) => match self.branch(at, class) {
                None => return at,
                Some(branch) if *branch != NONE => return *branch,
                Some(branch) => *branch = number,
            },
        }
        self.places.push(new);
        number
    }

    /// The branch of a class; room is made for it where there is none. None where the way ends.
    fn branch(&mut self, at: u32, class: Class) -> Option<&mut u32> {
        let place = self.places.get_mut(at as usize).filter(|p| p.column != END)?;
        if class >= place.room {
            // They move to the end, with at least as much room again: what they leave behind is less than what they take.
            let begin = self.branches.len();
            let old = place.from as usize..(place.from + place.room) as usize;
            (place.from, place.room) = (begin as u32, (class + 1).max(2 * place.room));
            self.branches.extend_from_within(old);
            self.branches.resize(begin + place.room as usize, NONE);
        }
        self.branches.get_mut((place.from + class) as usize)
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.places.len() * size_of::<Place>() + self.branches.len() * 4 + self.ends.len() * 2 * size_of::<Part>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_is_found_again_and_nothing_else() {
        let mut tree = Tree::new();
        assert_eq!(tree.walk(|_| 0), None);
        let open = tree.keep(&[(3, 7)], Came::Open);
        let asks = tree.keep(&[(3, 2), (1, 0)], Came::Asks);
        // Where a way ended nothing goes on, and it keeps its end.
        tree.keep(&[(3, 7), (5, 1)], Came::Asks);
        let again = tree.keep(&[(3, 2), (1, 4)], Came::Open);
        assert_eq!((open == again, open == asks), (true, false));
        let found = |third: Class, first: Class| tree.walk(|c| if c == 3 { third } else { first });
        assert_eq!((found(7, 9), found(2, 0), found(2, 4)), (Some(open), Some(asks), Some(open)));
        assert_eq!((found(1, 0), found(2, 1), found(99, 0)), (None, None, None));
        assert_eq!(tree.end(asks), Some(&Came::Asks));
    }
}
