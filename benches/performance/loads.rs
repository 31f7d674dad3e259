//! Loading a policy: parsing, checking, compiling; again after an edit; and what it holds.

use portcullis::Loader;

use crate::sample::Watch;
use crate::support::SIZES;
use crate::{child, goal, heading, law, line, load, time};

pub fn table(out: &mut String) {
    heading(
        out,
        "Loading",
        &[
            "policy",
            "rules or items",
            "text, KiB",
            "parse and check",
            "make ready to decide",
            "all",
            "goal",
            "again after an edit",
            "goal",
            "memory, KiB",
            "goal",
        ],
    );
    for size in SIZES {
        for name in ["listed", "broad"] {
            let (files, at) = law(name, size);
            let bytes: usize = files.iter().map(|f| f.bytes.len()).sum();
            let mut watch = Watch::new(&format!("load-{name}-{size}"));
            let parse = watch.fresh("parse-and-check", || files.clone(), load);
            let policy = load(files.clone());
            let ready = watch.long("make-ready", || policy.evaluator());
            let mut loader = Loader::default();
            let mut edited = files.clone();
            let _ = loader.load(files.clone());
            let mut round = 0;
            let edit = || {
                round += 1;
                edited[at].bytes.extend_from_slice(format!("# edit {round}\n").as_bytes());
                edited.clone()
            };
            let again = watch.fresh("after-an-edit", edit, |given| loader.load(given).map(drop));
            let held = child::spawn(&["memory", name, &size.to_string()]).and_then(|t| t.trim().parse::<f64>().ok());
            let large = size == 3_600;
            line(
                out,
                &[
                    name.to_owned(),
                    size.to_string(),
                    (bytes / 1024).to_string(),
                    time(parse),
                    time(ready),
                    time(parse + ready),
                    if large { goal(parse + ready, 1e8) } else { "–".to_owned() },
                    time(again),
                    if large { goal(again, 5e7) } else { "–".to_owned() },
                    held.map_or("–".to_owned(), |kb| format!("{kb:.0}")),
                    match held {
                        Some(kb) if large => format!("2048 ({})", if kb <= 2048.0 { "met" } else { "missed" }),
                        _ => "–".to_owned(),
                    },
                ],
            );
        }
    }
    out.push('\n');
}
