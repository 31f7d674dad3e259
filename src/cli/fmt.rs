//! `portcullis fmt`: gate files in their one layout.

use super::{Context, Format, Status};
use crate::format::format;
use crate::source::{SourceFile, Sources};
use crate::syntax::parse_file;

/// Lay out gate files in the one canonical way; comments stay
///
/// Example: portcullis fmt --check policies
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Change nothing; say which files differ, with exit status 1
    #[arg(long)]
    check: bool,
    /// Gate files or folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let loaded = context.files(&a.paths)?;
    let (mut status, mut changed) = (Status::Yes, Vec::new());
    for (name, disk) in &loaded.named {
        let Some(disk) = disk else {
            return Err(context.bad(&format!("`{name}` is a shipped policy; give a path to files")));
        };
        let Some(file) = loaded.files.iter().find(|f| f.path == *name) else { continue };
        let shown = disk.display().to_string();
        let source = match SourceFile::new(shown.clone(), file.bytes.clone()) {
            Ok(s) => s,
            Err(e) => {
                context.bad(&e.to_string());
                status = status.max(Status::Bad);
                continue;
            }
        };
        let text = source.text.clone();
        let mut sources = Sources::new();
        let id = sources.add(source);
        let (tree, problems) = parse_file(id, &text);
        if !problems.is_empty() {
            context.screen.diagnostics(&sources, &problems);
            status = status.max(Status::Bad);
            continue;
        }
        let formatted = format(&tree);
        if formatted.as_bytes() == file.bytes.as_slice() {
            continue;
        }
        changed.push(shown.clone());
        if a.check {
            if context.format == Format::Text {
                context.screen.out(&format!("{shown} is not laid out\n"));
            }
            status = status.max(Status::No);
        } else if let Err(e) = std::fs::write(disk, &formatted) {
            context.bad(&format!("`{shown}`: {e}"));
            status = status.max(Status::Bad);
        } else if context.format == Format::Text {
            context.screen.out(&format!("{shown}\n"));
        }
    }
    if context.format == Format::Json {
        context.json(&serde_json::json!({ "changed": changed }));
    }
    Ok(status)
}
