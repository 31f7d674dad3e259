//! What the tests share: loading law, reading the fenced blocks of a page, running the program.

use portcullis::{LawFile, Policy, Rejected};

/// A file of law.
pub fn law(path: &str, text: &str) -> LawFile {
    LawFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// Loads files, or the messages.
pub fn load(files: Vec<LawFile>) -> Result<Policy, Box<Rejected>> {
    Policy::load(files)
}

/// A path below the project.
pub fn project(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A text file of the project.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(project(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The fenced blocks of a Markdown page: the last heading above each, its info string, its text.
pub fn blocks(page: &str) -> Vec<(String, String, String)> {
    let (mut heading, mut out, mut open) = (String::new(), Vec::new(), None::<(String, String)>);
    for line in page.lines() {
        if let Some((info, text)) = &mut open {
            if line.trim_end() == "```" {
                out.push((heading.clone(), info.clone(), std::mem::take(text)));
                open = None;
            } else {
                text.push_str(line);
                text.push('\n');
            }
        } else if let Some(info) = line.strip_prefix("```") {
            open = Some((info.trim().to_owned(), String::new()));
        } else if let Some(h) = line.strip_prefix('#') {
            heading = h.trim_start_matches('#').trim().to_owned();
        }
    }
    assert!(open.is_none(), "a block is not closed");
    out
}
