//! `portcullis explain`: the page of a diagnostic.

use super::{Context, Format, Status};
use crate::diagnostic::Code;
use crate::spelling::nearest;

/// Print the page of a diagnostic code
///
/// Example: portcullis explain ex-without-condition
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The code; all codes are listed if none is named
    code: Option<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let Some(name) = &a.code else {
        let list: String = Code::ALL.iter().map(|c| format!("{c}\n")).collect();
        context.screen.out(&list);
        return Ok(Status::Yes);
    };
    match name.parse::<Code>() {
        Ok(code) => {
            match context.format {
                Format::Text | Format::Junit | Format::Markdown => context.screen.out(code.page()),
                Format::Json => context.json(&serde_json::json!({ "code": code.as_str(), "page": code.page() })),
            }
            Ok(Status::Yes)
        }
        Err(()) => {
            let near = nearest(name, Code::ALL.iter().map(|c| c.as_str()));
            let help =
                near.map_or_else(|| "`portcullis explain` lists them".to_owned(), |n| format!("did you mean `{n}`?"));
            Err(context.bad(&format!("there is no diagnostic `{name}`; {help}")))
        }
    }
}
