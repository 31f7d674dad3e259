//! The first pass over a source: comments, limits, and where each top-level declaration begins.
//!
//! It knows only strings, comments and brackets, so it cannot be confused by what stands between them. Where the
//! brackets of a file balance, a declaration starts with a keyword at depth zero. Where they do not, one that starts in
//! the first column starts a new declaration all the same: so a missing `}` spoils one declaration and not the rest.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span};

use super::tree::Comment;

/// How deep brackets, and runs of `not`, may nest.
pub const MAX_NESTING: usize = 200;

/// The words that start a declaration.
pub const KEYWORDS: &[&str] = &[
    "use",
    "policy",
    "fact",
    "constraint",
    "group",
    "place",
    "chart",
    "vocabulary",
    "category",
    "link",
    "licence",
    "rule",
    "exception",
    "bar",
    "test",
    "table",
];

/// What the scan found.
#[derive(Debug, Default)]
pub struct Scan {
    /// Byte ranges of the top-level declarations, and of stray text between them.
    pub pieces: Vec<std::ops::Range<usize>>,
    /// All comments.
    pub comments: Vec<Comment>,
    /// Limits broken, brackets and quotes that do not match.
    pub problems: Vec<Diagnostic>,
}

/// A token that matters here.
#[derive(Clone, Copy)]
enum Token {
    Open(usize, u8),
    Close(usize, u8),
    /// A word, and whether it starts its line and stands in the first column.
    Word {
        start: usize,
        end: usize,
        first_on_line: bool,
        first_column: bool,
    },
}

/// Scans a text.
pub fn scan(file: FileId, text: &str) -> Scan {
    let mut found = Scan::default();
    let tokens = tokens(file, text, &mut found);
    let balanced = check_nesting(file, text, &tokens, &mut found.problems);
    if found.problems.iter().any(|d| d.code == Code::NestingTooDeep) {
        return found;
    }
    let starts = declaration_starts(text, &tokens, balanced);
    let mut begin = 0;
    for next in starts.iter().copied().chain([text.len()]) {
        push_piece(text, begin..next, &found.comments, &mut found.pieces);
        begin = next;
    }
    found
}

/// Adds a piece, trimmed of blanks and of comments at its end; nothing if nothing is left.
fn push_piece(
    text: &str,
    range: std::ops::Range<usize>,
    comments: &[Comment],
    pieces: &mut Vec<std::ops::Range<usize>>,
) {
    let (mut start, mut end) = (range.start, range.end);
    loop {
        let before = (start, end);
        start += text[start..end].len() - text[start..end].trim_start().len();
        end -= text[start..end].len() - text[start..end].trim_end().len();
        if let Ok(i) = comments.binary_search_by_key(&start, |c| c.span.start as usize)
            && comments[i].span.end as usize <= end
        {
            start = comments[i].span.end as usize;
        }
        if let Ok(i) = comments.binary_search_by_key(&end, |c| c.span.end as usize)
            && comments[i].span.start as usize >= start
        {
            end = comments[i].span.start as usize;
        }
        if (start, end) == before {
            break;
        }
    }
    if start < end {
        pieces.push(start..end);
    }
}

/// Splits the text into the tokens that matter, collecting comments and unclosed quotes on the way.
fn tokens(file: FileId, text: &str, found: &mut Scan) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let (mut i, mut line_start, mut blank) = (0, 0, true);
    while i < bytes.len() {
        match bytes[i] {
            b'\n' => {
                i += 1;
                (line_start, blank) = (i, true);
                continue;
            }
            b' ' | b'\t' | b'\r' => {
                i += 1;
                continue;
            }
            b'#' => {
                let end = text[i..].find('\n').map_or(text.len(), |n| i + n);
                let line = text[i..end].trim_end();
                let span = Span::new(file, i, i + line.len());
                found.comments.push(Comment { text: line.to_owned(), span, own_line: blank });
                i = end;
                continue;
            }
            b'"' => i = string_end(file, text, i, &mut found.problems),
            open @ (b'{' | b'(' | b'[') => {
                out.push(Token::Open(i, open));
                i += 1;
            }
            close @ (b'}' | b')' | b']') => {
                out.push(Token::Close(i, close));
                i += 1;
            }
            b if b.is_ascii_alphanumeric() || b == b'_' => {
                let start = i;
                while i < bytes.len() && (bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_' || bytes[i] == b'.') {
                    i += 1;
                }
                out.push(Token::Word { start, end: i, first_on_line: blank, first_column: start == line_start });
            }
            _ => i += text[i..].chars().next().map_or(1, char::len_utf8),
        }
        blank = false;
    }
    out
}

/// The end of a string that starts at `start`; a string that is still open at the end of its line is a problem.
fn string_end(file: FileId, text: &str, start: usize, problems: &mut Vec<Diagnostic>) -> usize {
    let bytes = text.as_bytes();
    let mut i = start + 1;
    while i < bytes.len() && bytes[i] != b'\n' {
        match bytes[i] {
            b'"' => return i + 1,
            b'\\' if i + 1 < bytes.len() && bytes[i + 1] != b'\n' => i += 2,
            _ => i += 1,
        }
    }
    let span = Span::new(file, start, i.min(bytes.len()));
    problems.push(
        Diagnostic::error(Code::Unbalanced, span, "this text is not closed on its line")
            .here("opened here")
            .help("close it with `\"` on the same line"),
    );
    i.min(bytes.len())
}

/// Checks that brackets match and nest no deeper than allowed; true if they all match.
fn check_nesting(file: FileId, text: &str, tokens: &[Token], problems: &mut Vec<Diagnostic>) -> bool {
    let pairs = |open: u8| match open {
        b'{' => b'}',
        b'(' => b')',
        _ => b']',
    };
    let at = |i: usize| Span::new(file, i, i + 1);
    let (mut open, mut balanced, mut nots): (Vec<(usize, u8)>, bool, usize) = (Vec::new(), true, 0);
    for token in tokens {
        let not = matches!(token, Token::Word { start, end, .. } if &text[*start..*end] == "not");
        nots = if not { nots + 1 } else { 0 };
        match *token {
            Token::Open(i, kind) => open.push((i, kind)),
            Token::Close(i, kind) => match open.last() {
                Some((_, o)) if pairs(*o) == kind => {
                    open.pop();
                }
                Some((o, c)) => {
                    balanced = false;
                    let message = format!("`{}` does not close `{}`", char::from(kind), char::from(*c));
                    problems.push(
                        Diagnostic::error(Code::Unbalanced, at(i), message).also(at(*o), "opened here").help(format!(
                            "write `{}` here, or look for one that is missing before",
                            char::from(pairs(*c))
                        )),
                    );
                    open.pop();
                }
                None => {
                    balanced = false;
                    let message = format!("`{}` closes nothing", char::from(kind));
                    problems.push(Diagnostic::error(Code::Unbalanced, at(i), message).help("take it out"));
                }
            },
            Token::Word { .. } => {}
        }
        if open.len().max(nots) > MAX_NESTING {
            let i = match *token {
                Token::Open(i, _) | Token::Close(i, _) => i,
                Token::Word { start, .. } => start,
            };
            let message = format!("nested deeper than {MAX_NESTING} levels");
            problems.push(
                Diagnostic::error(Code::NestingTooDeep, at(i), message)
                    .help("name inner conditions with `fact NAME: yes/no means …` and use the names"),
            );
            return false;
        }
    }
    for (i, kind) in &open {
        balanced = false;
        let message = format!("`{}` is never closed", char::from(*kind));
        problems.push(
            Diagnostic::error(Code::Unbalanced, at(*i), message)
                .here("opened here")
                .help(format!("add `{}` where it ends", char::from(pairs(*kind)))),
        );
    }
    balanced
}

/// The offsets at which top-level declarations start.
fn declaration_starts(text: &str, tokens: &[Token], balanced: bool) -> Vec<usize> {
    let mut depth = 0usize;
    let mut starts = Vec::new();
    for token in tokens {
        match *token {
            Token::Open(..) => depth += 1,
            Token::Close(..) => depth = depth.saturating_sub(1),
            Token::Word { start, end, first_on_line, first_column } => {
                if !KEYWORDS.contains(&&text[start..end]) {
                    continue;
                }
                if (depth == 0 && first_on_line) || (!balanced && first_column) {
                    depth = 0;
                    starts.push(start);
                }
            }
        }
    }
    starts
}
