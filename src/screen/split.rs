//! Cuts bytes as they come into blocks that end where a row ends, so that each can be decided by itself.
//!
//! A line feed ends a row, except within the quotes of a CSV cell. A row beyond the limit, and a quote that is never
//! closed, are reported with their line, and reading goes on with the next line; what is held in memory stays bounded.

use memchr::{memchr, memchr_iter, memrchr};

use super::MAX_ROW;

/// The most lines one CSV row may run over.
const MAX_LINES: usize = 1000;

/// What was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Whole rows.
    Rows {
        /// Their bytes.
        bytes: Vec<u8>,
        /// The number of their first line, from 1.
        line: u64,
    },
    /// A row that cannot be read.
    Bad {
        /// The number of its line.
        line: u64,
        /// Why.
        message: String,
    },
}

/// Cuts one file.
#[derive(Clone, Debug)]
pub struct Splitter {
    /// What stands between cells, where quotes count.
    delimiter: Option<u8>,
    line: u64,
    /// True while the rest of a row that is too long is passed over.
    skipping: bool,
}

/// How the bytes at hand end.
enum End {
    /// The last row that ends in them ends here.
    At(usize),
    /// No row ends in them.
    Open,
    /// The first row runs over too many lines, or the text ends in quotes.
    Unclosed,
}

impl Splitter {
    /// For text with one row a line.
    pub fn lines() -> Splitter {
        Splitter { delimiter: None, line: 1, skipping: false }
    }

    /// For CSV, of which some lines were read already.
    pub fn csv(delimiter: u8, line: u64) -> Splitter {
        Splitter { delimiter: Some(delimiter), line, skipping: false }
    }

    /// Cuts whole rows off the front of what was read; what is left over stays. `end`: nothing comes after.
    pub fn cut(&mut self, buffer: &mut Vec<u8>, end: bool) -> Vec<Piece> {
        let mut out = Vec::new();
        loop {
            if self.skipping {
                match memchr(b'\n', buffer) {
                    Some(at) => {
                        buffer.drain(..=at);
                        self.line += 1;
                        self.skipping = false;
                    }
                    None => {
                        buffer.clear();
                        return out;
                    }
                }
            }
            if buffer.is_empty() {
                return out;
            }
            match self.end(buffer, end) {
                End::At(at) => {
                    let rest = buffer.split_off(at);
                    let bytes = std::mem::replace(buffer, rest);
                    let line = self.line;
                    self.line += memchr_iter(b'\n', &bytes).count() as u64;
                    out.push(Piece::Rows { bytes, line });
                }
                End::Open if buffer.len() <= MAX_ROW => return out,
                End::Open => self.first_line_is_bad(buffer, &mut out, &too_long()),
                End::Unclosed => {
                    self.first_line_is_bad(buffer, &mut out, "a quote is opened and the row does not end");
                }
            }
        }
    }

    fn first_line_is_bad(&mut self, buffer: &mut [u8], out: &mut Vec<Piece>, message: &str) {
        out.push(Piece::Bad { line: self.line, message: message.to_owned() });
        self.skipping = true;
        if buffer.is_empty() {
            self.skipping = false;
        }
    }

    fn end(&self, buffer: &[u8], end: bool) -> End {
        let Some(delimiter) = self.delimiter.filter(|_| memchr(b'"', buffer).is_some()) else {
            return match memrchr(b'\n', buffer) {
                _ if end => End::At(buffer.len()),
                Some(at) => End::At(at + 1),
                None => End::Open,
            };
        };
        let mut state = State::Start;
        let (mut last, mut lines, mut row) = (None, 0, 0);
        for (i, b) in buffer.iter().enumerate() {
            state = match (state, *b) {
                (State::Quoted, b'"') => State::Quote,
                (State::Quoted, b'\n') => {
                    lines += 1;
                    if lines > MAX_LINES || i - row > MAX_ROW {
                        return last.map_or(End::Unclosed, End::At);
                    }
                    State::Quoted
                }
                (State::Quoted, _) => State::Quoted,
                (State::Start, b'"') | (State::Quote, b'"') => State::Quoted,
                (_, b'\n') => {
                    (last, row, lines) = (Some(i + 1), i + 1, 0);
                    State::Start
                }
                (_, b) if b == delimiter => State::Start,
                _ => State::Plain,
            };
        }
        match (last, end, state) {
            (None, true, State::Quoted) => End::Unclosed,
            (Some(at), true, State::Quoted) => End::At(at),
            (_, true, _) => End::At(buffer.len()),
            (Some(at), false, _) => End::At(at),
            (None, false, _) => End::Open,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes.
    Quote,
}

/// Says that a row is too long.
pub(super) fn too_long() -> String {
    format!("this row is longer than {MAX_ROW} bytes, the most that is read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut splitter: Splitter, text: &str, step: usize) -> Vec<Piece> {
        let (mut buffer, mut out) = (Vec::new(), Vec::new());
        for part in text.as_bytes().chunks(step) {
            buffer.extend_from_slice(part);
            out.extend(splitter.cut(&mut buffer, false));
        }
        out.extend(splitter.cut(&mut buffer, true));
        out
    }

    fn rows(pieces: &[Piece]) -> String {
        let text = |p: &Piece| match p {
            Piece::Rows { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
            Piece::Bad { line, .. } => format!("<{line}>"),
        };
        pieces.iter().map(text).collect()
    }

    #[test]
    fn a_line_feed_in_quotes_ends_no_row() {
        let text = "a,\"b\nc\",d\ne,f,\"g \"\" h\"\n";
        for step in 1..text.len() {
            let pieces = all(Splitter::csv(b',', 1), text, step);
            assert_eq!(rows(&pieces), text);
            for piece in &pieces {
                let Piece::Rows { bytes, .. } = piece else { panic!("{piece:?}") };
                assert!(bytes.ends_with(b"\n") && !bytes.ends_with(b"b\n"), "{step}");
            }
        }
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        assert_eq!(rows(&all(Splitter::csv(b',', 1), "a\n\"b\nc\nd\n", 3)), "a\n<2>c\nd\n");
    }

    #[test]
    fn a_row_beyond_the_limit_costs_one_line_and_no_memory() {
        let text = format!("a\n{}\nb\n", "x".repeat(3 * MAX_ROW));
        let mut splitter = Splitter::lines();
        let (mut buffer, mut out, mut most) = (Vec::new(), Vec::new(), 0);
        for part in text.as_bytes().chunks(100_000) {
            buffer.extend_from_slice(part);
            out.extend(splitter.cut(&mut buffer, false));
            most = most.max(buffer.len());
        }
        out.extend(splitter.cut(&mut buffer, true));
        assert_eq!(rows(&out), "a\n<2>b\n");
        assert!(most <= MAX_ROW + 100_000);
    }
}
