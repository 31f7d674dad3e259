//! `portcullis new`: a folder for a country's law, that passes its own check, format and tests.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Context, Format, Status};
use crate::starter::{self, Start};

/// Make a folder for a country's law, which passes its own check, format and tests
///
/// It is made in the folder that holds `trade.gate`: the one that --root names, this one, or `policies` in this one. Where
/// there is none, `trade.gate` is made here as well. Nothing is overwritten.
///
/// Examples:
///   portcullis new ch
///   portcullis new ch --from un
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The country's code in small letters, perhaps with the name of the instrument: `ch`, `ch.goods`
    name: String,
    /// Start from the model list of the UN Special Rapporteur on torture rather than blank
    #[arg(long, value_enum, value_name = "MODEL")]
    from: Option<Model>,
}

/// Models to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Model {
    /// The list of the UN Special Rapporteur on torture.
    Un,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let start = match a.from {
        None => Start::Blank,
        Some(Model::Un) => Start::Un,
    };
    let mut files = starter::country(&a.name, start).map_err(|message| context.bad(&message))?;
    let root = root(context)?;
    // What is there already is the author's own.
    files.splice(0..0, starter::shared(start).into_iter().filter(|(path, _)| !root.join(path).is_file()));
    let folder = a.name.split('.').next().unwrap_or(&a.name);
    if root.join(folder).symlink_metadata().is_ok() {
        let there = shown(&root.join(folder));
        return Err(context.bad(&format!("`{there}` is there already; nothing was written")));
    }
    let mut written = Vec::new();
    for (path, text) in &files {
        let to = path.split('/').fold(root.clone(), |at, part| at.join(part));
        write(&to, text).map_err(|e| {
            let before =
                if written.is_empty() { String::new() } else { format!("; before it {} written", written.join(", ")) };
            context.bad(&format!("`{}` cannot be written: {e}{before}", shown(&to)))
        })?;
        written.push(shown(&to));
    }
    let law = shown(&root.join(folder));
    if context.format == Format::Json {
        context.json(&serde_json::json!({ "folder": law, "files": written }));
        return Ok(Status::Yes);
    }
    let mut out: String = written.iter().map(|f| format!("{f}\n")).collect();
    out.push_str(&format!("\nA draft, and no law yet: {law}/README.md says what to do next. Try\n"));
    out.push_str(&format!("  portcullis check {law}\n  portcullis test {law}\n"));
    context.screen.out(&out);
    Ok(Status::Yes)
}

/// The folder in which countries' folders stand.
fn root(context: &Context) -> Result<PathBuf, Status> {
    if let Some(root) = &context.root {
        return match root.is_dir() {
            true => Ok(root.clone()),
            false => Err(context.bad(&format!("`{}` is no folder", root.display()))),
        };
    }
    let below = PathBuf::from("policies");
    Ok(if !Path::new("trade.gate").is_file() && below.join("trade.gate").is_file() { below } else { PathBuf::new() })
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Writes a file that must not be there yet.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
