//! The agent's static binary: init of guests and test host, or `serve` over stdin and
//! stdout.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: vnicbench-agent serve [--cgroup DIR] | exec [--open FILE]... -- PROGRAM [ARGUMENT]... | --version";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<Option<&str>> = arguments.iter().map(|a| a.to_str()).collect();
    match (words.as_slice(), arguments.as_slice()) {
        ([Some("serve")], _) => serve(None),
        ([Some("serve"), Some("--cgroup"), _], [_, _, dir]) => serve(Some(Path::new(dir))),
        ([Some("exec"), ..], [_, rest @ ..]) => {
            eprintln!("vnicbench-agent: {}", vnicbench_agent::exec(rest));
            ExitCode::from(127)
        }
        // The kernel hands what it doesn't know of its command line to init.
        _ if vnicbench_agent::init::is_init() => vnicbench_agent::init::main(),
        ([Some("--version")], _) => {
            println!(concat!("vnicbench-agent ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn serve(cgroup: Option<&Path>) -> ExitCode {
    match vnicbench_agent::serve_stdio(cgroup) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("vnicbench-agent: {e}");
            ExitCode::FAILURE
        }
    }
}
