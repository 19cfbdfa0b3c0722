//! Running ip, ethtool, modprobe and ssh.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::HostError;

/// They take milliseconds; on an emulated host tenths of a second.
const LIMIT: Duration = Duration::from_secs(60);

/// What a program said.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a program to its end, whatever that is.
pub(crate) fn run(argv: &[String]) -> Result<Said, HostError> {
    run_on(argv, Stdio::null())
}

/// The same with an input.
pub(crate) fn run_on(argv: &[String], input: Stdio) -> Result<Said, HostError> {
    let failed = |message: String| failure(argv, message);
    let (program, arguments) = argv
        .split_first()
        .ok_or_else(|| failed("there is no program in an empty command".into()))?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A Ctrl-C at the terminal is not for it: a change is made or undone in whole.
        .process_group(0)
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => failed(format!(
                "{program} is not on this machine; on Debian: apt-get install {}",
                package(program)
            )),
            _ => failed(error.to_string()),
        })?;
    // Read beside waiting: a list of many VFs is more than a pipe holds.
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let until = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(format!("no end after {} s", LIMIT.as_secs())));
            }
            Err(error) => return Err(failed(error.to_string())),
        }
    };
    Ok(Said {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Runs a program that has to succeed; what it printed.
pub(crate) fn succeed(argv: &[String]) -> Result<String, HostError> {
    let said = run(argv)?;
    if said.status.success() {
        Ok(said.stdout)
    } else {
        Err(failure(
            argv,
            format!("{}, {}", said.status, said.stderr.trim()),
        ))
    }
}

/// That a program didn't do what it was to do.
pub(crate) fn failure(argv: &[String], message: String) -> HostError {
    HostError::Change {
        doing: format!("running {}", argv.join(" ")),
        message,
    }
}

/// Words as an argument vector.
pub(crate) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

fn package(program: &str) -> &str {
    match program {
        "ip" => "iproute2",
        "modprobe" => "kmod",
        "kill" => "procps",
        "ssh" => "openssh-client",
        other => other,
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before an error is still the best there is.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
