//! What the drivers of NICs count, by `ethtool -S`.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::header;
use crate::error::{HostError, io_error};

/// It takes milliseconds, but a driver may ask its card.
const LIMIT: Duration = Duration::from_secs(10);

/// The logs of the NICs that have statistics.
pub(super) struct NicStatistics {
    program: OsString,
    logs: Vec<NicLog>,
}

struct NicLog {
    nic: String,
    name: String,
    path: PathBuf,
    file: File,
}

/// How an asking went.
enum Answer {
    Given,
    /// No statistics, or no such program.
    None,
    Failed(String),
}

impl NicStatistics {
    /// Asks each NIC the first time; one without statistics has no log.
    pub fn start(
        program: OsString,
        directory: &Path,
        nics: &[String],
        warnings: &mut Vec<String>,
    ) -> Result<Self, HostError> {
        let mut logs = Vec::new();
        for nic in nics {
            // No interface is called so, and as an option or a path it would do harm.
            if nic.is_empty() || nic.starts_with(['-', '.']) || nic.contains('/') {
                warnings.push(format!("{nic:?} is no interface's name; it has no log"));
                continue;
            }
            let name = format!("host-ethtool-{nic}.log");
            let path = directory.join(&name);
            let mut file = OpenOptions::new()
                .append(true)
                .create_new(true)
                .open(&path)
                .map_err(io_error("make", &path))?;
            match ask(&program, nic, "start", &mut file).map_err(io_error("write", &path))? {
                Answer::Given => logs.push(NicLog {
                    nic: nic.clone(),
                    name,
                    path,
                    file,
                }),
                refused => {
                    if let Answer::Failed(why) = refused {
                        warnings.push(why);
                    }
                    fs::remove_file(&path).map_err(io_error("remove", &path))?;
                }
            }
        }
        Ok(Self { program, logs })
    }

    /// Asks again those that answered.
    pub fn end(&mut self, warnings: &mut Vec<String>) -> Result<(), HostError> {
        for log in &mut self.logs {
            let answer = ask(&self.program, &log.nic, "end", &mut log.file)
                .map_err(io_error("write", &log.path))?;
            match answer {
                Answer::Given => {}
                Answer::None => warnings.push(format!(
                    "{} has no statistics any more; {} lacks its end",
                    log.nic, log.name
                )),
                Answer::Failed(why) => warnings.push(why),
            }
        }
        Ok(())
    }

    /// The logs' names.
    pub fn files(&self) -> impl Iterator<Item = String> {
        self.logs.iter().map(|log| log.name.clone())
    }
}

/// Appends a header and what the program prints, straight from it to the file; if it
/// fails, the file is as it was.
fn ask(program: &OsStr, nic: &str, phase: &str, file: &mut File) -> io::Result<Answer> {
    let before = file.metadata()?.len();
    let header = header(phase);
    file.write_all(header.as_bytes())?;
    let mut answer = run(program, nic, file.try_clone()?);
    let printed = file.metadata()?.len() > before + header.len() as u64;
    if matches!(answer, Answer::Given) && !printed {
        answer = Answer::None;
    }
    if !matches!(answer, Answer::Given) {
        file.set_len(before)?;
    }
    Ok(answer)
}

fn run(program: &OsStr, nic: &str, output: File) -> Answer {
    let failed = |why: String| Answer::Failed(format!("asking {nic} by ethtool -S: {why}"));
    let spawned = Command::new(program)
        .arg("-S")
        .arg(nic)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::null())
        // A Ctrl-C at the terminal is for the runner, which still wants the last snapshot.
        .process_group(0)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return Answer::None,
        Err(error) => return failed(error.to_string()),
    };
    let until = Instant::now() + LIMIT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Answer::Given,
            Ok(Some(_)) => return Answer::None,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(1)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return failed(format!("no end after {} s", LIMIT.as_secs()));
            }
            Err(error) => return failed(error.to_string()),
        }
    }
}
