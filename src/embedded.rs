//! The policies shipped with the program, so that `-p eu.torture` works anywhere.

use include_dir::{Dir, include_dir};

use crate::policy::LawFile;

static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// All shipped files of law: gate files and charts.
pub fn files() -> Vec<LawFile> {
    let mut out = Vec::new();
    collect(&POLICIES, &mut out);
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

fn collect(dir: &Dir<'_>, out: &mut Vec<LawFile>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if path.ends_with(".gate") || path.ends_with(".csv") {
            out.push(LawFile { path, bytes: file.contents().to_vec() });
        }
    }
    dir.dirs().for_each(|d| collect(d, out));
}
