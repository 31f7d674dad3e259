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

/// A place on the way.
#[derive(Debug)]
enum Node {
    /// A column is read; for each class what comes next. [`NONE`]: not met yet.
    Read { column: u16, next: Vec<u32> },
    /// The number of what came.
    End(u32),
}

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
    nodes: Vec<Node>,
    ends: Vec<Came>,
    numbers: FxHashMap<Came, u32>,
    size: usize,
}

impl Tree {
    /// Nothing met yet.
    pub fn new() -> Tree {
        Tree { serial: serial(), nodes: Vec::new(), ends: Vec::new(), numbers: FxHashMap::default(), size: 0 }
    }

    /// The number of what comes of an item, where one like it was met; `class` says what is given of a column.
    #[inline]
    pub fn walk(&self, mut class: impl FnMut(u16) -> Class) -> Option<u32> {
        let mut at = 0u32;
        loop {
            match self.nodes.get(at as usize)? {
                Node::End(number) => return Some(*number),
                Node::Read { column, next } => at = *next.get(class(*column) as usize)?,
            }
        }
    }

    /// What came, by its number.
    #[inline]
    pub fn end(&self, number: u32) -> Option<&Came> {
        self.ends.get(number as usize)
    }

    /// True if it has grown too large to go on.
    pub fn is_full(&self) -> bool {
        self.size > LARGEST
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
        let mut at = None;
        for (column, class) in read {
            let here = self.place(at, || Node::Read { column: *column, next: Vec::new() });
            at = Some((here, *class));
        }
        self.place(at, || Node::End(number));
        number
    }

    /// What stands after a branch of a place; made where nothing does.
    fn place(&mut self, before: Option<(u32, Class)>, make: impl FnOnce() -> Node) -> u32 {
        let new = self.nodes.len() as u32;
        match before {
            None if new > 0 => return 0,
            None => {}
            Some((at, class)) => {
                let Some(Node::Read { next, .. }) = self.nodes.get_mut(at as usize) else { return at };
                let class = class as usize;
                if next.len() <= class {
                    self.size += class + 1 - next.len();
                    next.resize(class + 1, NONE);
                }
                if next[class] != NONE {
                    return next[class];
                }
                next[class] = new;
            }
        }
        self.nodes.push(make());
        self.size += 1;
        new
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.nodes.len() * size_of::<Node>() + self.size * 4 + self.ends.len() * 2 * size_of::<Part>()
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
        let again = tree.keep(&[(3, 2), (1, 4)], Came::Open);
        assert_eq!((open == again, open == asks), (true, false));
        let found = |third: Class, first: Class| tree.walk(|c| if c == 3 { third } else { first });
        assert_eq!((found(7, 9), found(2, 0), found(2, 4)), (Some(open), Some(asks), Some(open)));
        assert_eq!((found(1, 0), found(2, 1), found(99, 0)), (None, None, None));
        assert_eq!(tree.end(asks), Some(&Came::Asks));
    }
}
