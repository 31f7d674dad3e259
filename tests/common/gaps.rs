//! The places of a gate file where blanks, line breaks and comments may be put without changing what it says.

use std::ops::Range;

use portcullis::syntax::scan::KEYWORDS;

use super::choices::Choices;

/// Such a place: the blanks that stand there, perhaps none.
#[derive(Clone, Debug)]
pub struct Gap {
    pub range: Range<usize>,
    /// Whether a line break may not stand there, or has to.
    pub breaks: Breaks,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Breaks {
    /// Before a name that would begin a declaration if it began a line.
    Never,
    Perhaps,
    /// Before a declaration, and before and after the row of a table.
    Always,
}

/// All gaps of a text that is laid out as the formatter does it: each declaration and each row on lines of its own.
pub fn gaps(text: &str) -> Vec<Gap> {
    let bytes = text.as_bytes();
    let (mut out, mut i, mut depth) = (vec![], 0, 0usize);
    loop {
        let start = i;
        while i < bytes.len() && matches!(bytes[i], b' ' | b'\n') {
            i += 1;
        }
        let before = start.checked_sub(1).map(|b| bytes[b]);
        let Some(&next) = bytes.get(i) else { break };
        let punctuation = |b: u8| b"{}()[],;".contains(&b);
        let word: String = text[i..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_.".contains(*c)).collect();
        let keyword = depth == 0 && KEYWORDS.contains(&word.as_str());
        let breaks = match (keyword, start == 0 || text[start..i].contains('\n')) {
            (true, true) => Breaks::Always,
            (true, false) => Breaks::Never,
            _ if next == b'|' || before == Some(b'|') => Breaks::Always,
            _ => Breaks::Perhaps,
        };
        let in_code = before.is_some_and(|b| b.is_ascii_digit()) && next.is_ascii_digit();
        if (i > start || punctuation(next) || before.is_none_or(punctuation)) && !in_code {
            out.push(Gap { range: start..i, breaks });
        }
        match next {
            b'"' => i = string_end(bytes, i),
            b'|' => i += text[i..].find('\n').unwrap_or(bytes.len() - i),
            b'{' | b'(' | b'[' => (depth, i) = (depth + 1, i + 1),
            b'}' | b')' | b']' => (depth, i) = (depth - 1, i + 1),
            _ if punctuation(next) => i += 1,
            _ => {
                while i < bytes.len() && !matches!(bytes[i], b' ' | b'\n' | b'"') && !punctuation(bytes[i]) {
                    i += 1;
                }
            }
        }
    }
    out
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut i = start + 1;
    while bytes[i] != b'"' {
        i += if bytes[i] == b'\\' { 2 } else { 1 };
    }
    i + 1
}

/// The same file with other blanks, line breaks and comments.
pub fn scatter(text: &str, choices: &mut Choices<'_>) -> String {
    let (mut out, mut done, mut comments) = (String::new(), 0, 0);
    for gap in gaps(text) {
        out.push_str(&text[done..gap.range.start]);
        let old = &text[gap.range.clone()];
        let mut comment = || {
            comments += 1;
            format!("# c{comments}.")
        };
        out.push_str(&match (choices.below(8), gap.breaks) {
            (4, Breaks::Never) => format!("  {old}"),
            (0..=3, _) | (_, Breaks::Never) => old.to_owned(),
            (4, Breaks::Perhaps) => " ".to_owned(),
            (4, Breaks::Always) => "\n\n\n".to_owned(),
            (5, _) => "\r\n".to_owned(),
            (6, _) if !out.is_empty() => format!(" {}\n", comment()),
            _ => format!("\n  {}\n\n{}\n", comment(), comment()),
        });
        done = gap.range.end;
    }
    out.push_str(&text[done..]);
    out
}
