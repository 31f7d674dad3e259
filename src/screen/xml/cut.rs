//! Takes declarations out of a file of any length.

use memchr::{memchr, memchr_iter, memmem};

/// The longest declaration that is read, in bytes (4 MiB).
pub const MAX_DECLARATION: usize = 4 << 20;
/// The namespace.
const NAMESPACE: &[u8] = b"urn:wco:datamodel:WCO:DEC-DMS:2";

/// What was cut out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A whole declaration.
    Declaration {
        /// Its bytes.
        bytes: Vec<u8>,
        /// The line on which it begins, from 1.
        line: u64,
    },
    /// One that cannot be read.
    Bad {
        /// The line on which it begins.
        line: u64,
        /// Why.
        message: String,
    },
}

/// Takes declarations out of a file.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    /// The line on which the bytes at hand begin, less one.
    lines: u64,
    /// How far the bytes at hand were looked at.
    at: usize,
    /// Where the declaration begins that is open, and how many are open within it.
    open: Option<(usize, u64)>,
    depth: usize,
    named: bool,
    found: bool,
    refused: bool,
}

impl Cutter {
    /// Cuts declarations off the front of what was read; what is left over stays. `end`: nothing comes after.
    pub fn cut(&mut self, buffer: &mut Vec<u8>, end: bool) -> Vec<Cut> {
        let mut out = Vec::new();
        while !self.refused && self.tag(buffer, &mut out) {}
        // What was looked at and belongs to no declaration is let go.
        let keep = match self.open {
            Some((start, _)) => start,
            None => self.at,
        };
        if self.refused {
            buffer.clear();
            return out;
        }
        self.lines += memchr_iter(b'\n', buffer.get(..keep).unwrap_or_default()).count() as u64;
        buffer.drain(..keep.min(buffer.len()));
        self.at -= keep;
        self.open = self.open.map(|(_, line)| (0, line));
        let line = |c: &Cutter| c.open.map_or(c.lines + 1, |(_, line)| line);
        if end && (self.open.is_some() || buffer.iter().any(|b| !b.is_ascii_whitespace())) {
            out.push(Cut::Bad { line: line(self), message: "the file ends within a declaration or tag".to_owned() });
        } else if end && !self.found {
            out.push(Cut::Bad { line: 1, message: "the file holds no declaration".to_owned() });
        } else if buffer.len() > MAX_DECLARATION {
            let message =
                format!("this is longer than {MAX_DECLARATION} bytes, the most that is read of a declaration");
            out.push(Cut::Bad { line: line(self), message });
            self.refused = true;
        }
        out
    }

    /// Looks at what begins with the next `<`; false if it is not whole yet.
    fn tag(&mut self, buffer: &[u8], out: &mut Vec<Cut>) -> bool {
        let rest = buffer.get(self.at..).unwrap_or_default();
        let Some(start) = memchr(b'<', rest) else {
            if self.open.is_none() && rest.iter().all(u8::is_ascii_whitespace) {
                self.at = buffer.len();
            }
            return false;
        };
        let start = self.at + start;
        let rest = buffer.get(start..).unwrap_or_default();
        let until = |begin: usize, mark: &[u8]| {
            memmem::find(rest.get(begin..).unwrap_or_default(), mark).map(|i| start + begin + i + mark.len())
        };
        let whole = if rest.starts_with(b"<!--") {
            until(4, b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            until(9, b"]]>")
        } else if rest.starts_with(b"<?") {
            until(2, b"?>")
        } else if rest.starts_with(b"<!D") {
            let line = self.line(buffer, start);
            let message = "a document type is declared; entities of one's own are not read".to_owned();
            out.push(Cut::Bad { line, message });
            self.refused = true;
            return false;
        } else if rest.len() < 9 && rest.starts_with(b"<!") {
            None
        } else {
            tag_end(rest).map(|n| start + n)
        };
        let Some(after) = whole else { return false };
        self.at = after;
        let tag = buffer.get(start..after).unwrap_or_default();
        if tag.starts_with(b"<!") || tag.starts_with(b"<?") {
            return true;
        }
        self.named |= memmem::find(tag, NAMESPACE).is_some();
        let closes = tag.starts_with(b"</");
        let name = tag.get(if closes { 2 } else { 1 }..).unwrap_or_default();
        let name = name.split(|b| b.is_ascii_whitespace() || *b == b'>' || *b == b'/').next().unwrap_or_default();
        if local(name) != b"Declaration" || tag.ends_with(b"/>") {
            return true;
        }
        if !closes {
            if self.depth == 0 {
                self.open = Some((start, self.line(buffer, start)));
            }
            self.depth += 1;
            return true;
        }
        self.depth = self.depth.saturating_sub(1);
        if let Some((begin, line)) = self.open.filter(|_| self.depth == 0) {
            self.open = None;
            self.found = true;
            let bytes = buffer.get(begin..after).unwrap_or_default();
            out.push(if !self.named {
                Cut::Bad {
                    line,
                    message: "this declaration is not of the namespace urn:wco:datamodel:WCO:DEC-DMS:2".to_owned(),
                }
            } else if bytes.len() > MAX_DECLARATION {
                Cut::Bad {
                    line,
                    message: format!("this declaration is longer than {MAX_DECLARATION} bytes, the most that is read"),
                }
            } else {
                Cut::Declaration { bytes: bytes.to_vec(), line }
            });
        }
        true
    }

    fn line(&self, buffer: &[u8], at: usize) -> u64 {
        self.lines + 1 + memchr_iter(b'\n', buffer.get(..at).unwrap_or_default()).count() as u64
    }
}

/// The length of a tag: to its `>`, those in quotes passed over.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (i, b) in tag.iter().enumerate() {
        match (quote, b) {
            (None, b'>') => return Some(i + 1),
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if q == *b => quote = None,
            _ => {}
        }
    }
    None
}

/// A name without its prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|b| *b == b':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<m:MetaData xmlns:m=\"x\" xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\">\n";

    fn all(text: &str, step: usize) -> Vec<Cut> {
        let (mut cutter, mut buffer, mut out) = (Cutter::default(), Vec::new(), Vec::new());
        for part in text.as_bytes().chunks(step) {
            buffer.extend_from_slice(part);
            out.extend(cutter.cut(&mut buffer, false));
        }
        out.extend(cutter.cut(&mut buffer, true));
        out
    }

    #[test]
    fn declarations_are_cut_out_wherever_the_bytes_break() {
        let text = format!(
            "{HEAD}<Declaration a='>'><!-- </Declaration> --></Declaration>\n<d:Declaration>x</d:Declaration></m:MetaData>"
        );
        for step in 1..text.len() {
            let found = all(&text, step);
            let lines: Vec<u64> =
                found.iter().map(|c| if let Cut::Declaration { line, .. } = c { *line } else { 0 }).collect();
            assert_eq!(lines, [2, 3], "{step}: {found:?}");
        }
    }

    #[test]
    fn entities_of_ones_own_are_refused() {
        let found = all("<!DOCTYPE x [<!ENTITY a \"b\">]><Declaration/>", 7);
        assert!(matches!(found.as_slice(), [Cut::Bad { line: 1, .. }]), "{found:?}");
    }

    #[test]
    fn a_declaration_that_never_ends_takes_no_memory() {
        let text = format!("{HEAD}<Declaration>{}", "<A>x</A>".repeat(2 * MAX_DECLARATION / 8));
        let (mut cutter, mut buffer, mut out, mut most) = (Cutter::default(), Vec::new(), Vec::new(), 0);
        for part in text.as_bytes().chunks(1 << 20) {
            buffer.extend_from_slice(part);
            out.extend(cutter.cut(&mut buffer, false));
            most = most.max(buffer.len());
        }
        assert!(matches!(out.as_slice(), [Cut::Bad { line: 2, .. }]));
        assert!(most <= MAX_DECLARATION + (1 << 20));
    }
}
