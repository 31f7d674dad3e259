//! The `portcullis` program: its arguments go to [`portcullis::cli`], its exit status comes back.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis::cli::run(std::env::args_os())
}
