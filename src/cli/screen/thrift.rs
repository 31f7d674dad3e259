//! As much of the Thrift compact protocol as it takes to see how deep the schema of a Parquet file is nested.
//!
//! The reading library goes through a schema by calling itself, so a footer of a few megabytes could exhaust the stack.

/// How deep values that are passed over may stand in each other.
const MAX_SKIPPED: usize = 32;

/// How deep the columns of a file's footer stand in each other; nothing if it cannot be read.
pub(super) fn schema_depth(footer: &[u8]) -> Option<usize> {
    let mut at = Bytes(footer);
    let mut last = 0;
    // The schema is the second field: a list of its nodes, parents first, each with the number of its children.
    loop {
        let (field, kind) = at.field(&mut last)?;
        if field == 2 {
            break;
        }
        at.skip(kind, 0)?;
    }
    let (count, kind) = at.list()?;
    if kind != STRUCT {
        return None;
    }
    let (mut open, mut most): (Vec<u64>, usize) = (Vec::new(), 0);
    for _ in 0..count {
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        let children = at.children()?;
        if children > 0 {
            open.push(children);
            most = most.max(open.len());
        }
    }
    Some(most)
}

const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn pass(&mut self, n: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(n).ok()?..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut out = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            out |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(out);
            }
        }
        None
    }

    /// The number and the kind of the next field; kind 0 ends a struct, and is nothing.
    fn field(&mut self, last: &mut u64) -> Option<(u64, u8)> {
        let head = self.byte()?;
        if head == 0 {
            return None;
        }
        *last = match head >> 4 {
            0 => unsigned(self.number()?),
            more => last.checked_add(u64::from(more))?,
        };
        Some((*last, head & 15))
    }

    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
        Some((count, head & 15))
    }

    /// The number of children of a node of the schema.
    fn children(&mut self) -> Option<u64> {
        let (mut last, mut out) = (0, 0);
        loop {
            if self.0.first() == Some(&0) {
                self.byte();
                return Some(out);
            }
            let (field, kind) = self.field(&mut last)?;
            if field == 5 && (4..=6).contains(&kind) {
                out = unsigned(self.number()?);
            } else {
                self.skip(kind, 0)?;
            }
        }
    }

    /// Passes over a value.
    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > MAX_SKIPPED {
            return None;
        }
        match kind {
            1 | 2 => Some(()),
            3 => self.pass(1),
            4..=6 => self.number().map(|_| ()),
            7 => self.pass(8),
            BINARY => {
                let length = self.number()?;
                self.pass(length)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.element(kind, depth))
            }
            MAP => {
                let count = self.number()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 15, depth)
                })
            }
            STRUCT => {
                let mut last = 0;
                loop {
                    if self.0.first() == Some(&0) {
                        return self.pass(1);
                    }
                    let (_, kind) = self.field(&mut last)?;
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => None,
        }
    }

    /// Passes over an element of a list, of which yes and no take a byte.
    fn element(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, 1 | 2) { self.pass(1) } else { self.skip(kind, depth + 1) }
    }
}

/// A number written zigzag, where it is not negative.
fn unsigned(n: u64) -> u64 {
    if n & 1 == 0 { n >> 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer of nodes, each with the number of its children.
    fn footer(children: &[u64]) -> Vec<u8> {
        // Version 1; then the list.
        let mut out = vec![0x15, 2, 0x19, 0xfc];
        number(&mut out, children.len() as u64);
        for n in children {
            out.extend([0x48, 1, b'x', 0x15]);
            number(&mut out, n << 1);
            out.push(0);
        }
        out.push(0);
        out
    }

    fn number(out: &mut Vec<u8>, mut n: u64) {
        while n > 127 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }

    #[test]
    fn depth_is_that_of_the_deepest_column() {
        assert_eq!(schema_depth(&footer(&[3, 0, 2, 0, 0, 0])), Some(2));
        assert_eq!(schema_depth(&footer(&[2, 1, 1, 0, 0])), Some(3));
        let mut deep = vec![1; 1_000_000];
        deep.push(0);
        assert_eq!(schema_depth(&footer(&deep)), Some(1_000_000));
    }

    #[test]
    fn a_broken_footer_is_none() {
        let whole = footer(&[1, 0]);
        (0..whole.len() - 1).for_each(|n| assert_eq!(schema_depth(&whole[..n]), None, "{n}"));
        assert_eq!(schema_depth(&[0x15, 2, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
        assert_eq!(schema_depth(&[0x1c; 100]), None);
    }
}
