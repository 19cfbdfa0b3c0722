//! The agent's static binary: init of guests and test host, or `serve` over stdin and
//! stdout.

use std::process::ExitCode;

const USAGE: &str = "usage: vnicbench-agent serve | --version";

fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    match argument.as_deref() {
        Some("serve") => match vnicbench_agent::serve_stdio() {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => {
                eprintln!("vnicbench-agent: {e}");
                ExitCode::FAILURE
            }
        },
        // The kernel hands what it doesn't know of its command line to init.
        _ if vnicbench_agent::init::is_init() => vnicbench_agent::init::main(),
        Some("--version") => {
            println!(concat!("vnicbench-agent ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
