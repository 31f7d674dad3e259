//! A tree as text without its spans, for comparing two trees that were written differently.
//!
//! It is the derived debugging text of the declarations, one a line, with every span taken out: so nothing that a node
//! holds can be forgotten here. Comments and the lines of the text are no part of it.

use super::tree::File;

/// The tree of a file without spans and comments.
pub fn shape(file: &File) -> String {
    file.decls.iter().map(|decl| without_spans(&format!("{decl:?}")) + "\n").collect()
}

/// Takes `Span { … }` out of a debugging text, except in quotes.
fn without_spans(text: &str) -> String {
    const SPAN: &str = "Span { file: FileId(";
    let mut out = String::with_capacity(text.len() / 2);
    let (mut rest, mut quoted) = (text, false);
    while let Some(c) = rest.chars().next() {
        if !quoted && rest.starts_with(SPAN) {
            rest = rest.find('}').map_or("", |end| &rest[end + 1..]);
            out.push('_');
            continue;
        }
        let taken =
            if quoted && c == '\\' { 1 + rest[1..].chars().next().map_or(0, char::len_utf8) } else { c.len_utf8() };
        quoted ^= c == '"';
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::parse_file;

    #[test]
    fn the_shape_is_free_of_blanks_and_comments_and_keeps_the_rest() {
        let of = |text: &str| shape(&parse_file(FileId(0), text).0);
        let one = of("fact a: yes/no  ask \"Span { file: FileId(0), start: 1 } \\\" ?\"\n");
        assert_eq!(one, of("# x\nfact a:\n  yes/no\n  ask # y\n    \"Span { file: FileId(0), start: 1 } \\\" ?\"\n"));
        assert_ne!(one, of("fact a: yes/no  ask \"Span { file: FileId(0), start: 2 } \\\" ?\"\n"));
        assert_ne!(one, of("fact b: yes/no  ask \"Span { file: FileId(0), start: 1 } \\\" ?\"\n"));
        assert!(one.contains("Span { file: FileId(0), start: 1 }") && !one.contains("end:"), "{one}");
    }
}
