//! Faults on purpose, for the fault tests only: without `VNICBENCH_FAULT` in the
//! environment nothing here does anything.
//!
//! | `VNICBENCH_FAULT` | what happens |
//! |---|---|
//! | `kill:N` | the process kills itself (SIGKILL) right after its N-th journal record is on disk |
//! | `count:FILE` | a byte is appended to the file for each such record |
//! | `ebusy:N` | the N-th write of a value to the host fails with EBUSY |
//! | `eio:N`, `enospc:N` | the N-th write to the campaign's directory fails so |

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};

#[derive(Debug, PartialEq, Eq)]
enum Fault {
    None,
    Count(PathBuf),
    Kill(u64),
    HostWrite(u64, Errno),
    CampaignWrite(u64, Errno),
}

static FAULT: OnceLock<Fault> = OnceLock::new();
static STEPS: AtomicU64 = AtomicU64::new(0);
static HOST_WRITES: AtomicU64 = AtomicU64::new(0);
static CAMPAIGN_WRITES: AtomicU64 = AtomicU64::new(0);

fn fault() -> &'static Fault {
    FAULT.get_or_init(|| parse(&std::env::var("VNICBENCH_FAULT").unwrap_or_default()))
}

fn parse(text: &str) -> Fault {
    let Some((kind, number)) = text.split_once(':') else {
        return Fault::None;
    };
    if kind == "count" {
        return Fault::Count(number.into());
    }
    let Ok(number) = number.parse() else {
        return Fault::None;
    };
    match kind {
        "kill" => Fault::Kill(number),
        "ebusy" => Fault::HostWrite(number, Errno::BUSY),
        "eio" => Fault::CampaignWrite(number, Errno::IO),
        "enospc" => Fault::CampaignWrite(number, Errno::NOSPC),
        _ => Fault::None,
    }
}

/// To be called after each record of a journal that is on disk.
pub fn step() {
    let number = STEPS.fetch_add(1, Ordering::Relaxed) + 1;
    match fault() {
        Fault::Kill(at) if *at == number => {
            let _ = kill_process(getpid(), Signal::KILL);
        }
        Fault::Count(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let _ = file.and_then(|mut file| file.write_all(b"."));
        }
        _ => {}
    }
}

/// To be called before each write of a value to the host.
///
/// # Errors
///
/// The fault asked for.
pub fn host_write() -> io::Result<()> {
    let number = HOST_WRITES.fetch_add(1, Ordering::Relaxed) + 1;
    match fault() {
        Fault::HostWrite(at, errno) if *at == number => Err((*errno).into()),
        _ => Ok(()),
    }
}

/// To be called before each write to the campaign's directory.
///
/// # Errors
///
/// The fault asked for.
pub fn campaign_write() -> io::Result<()> {
    let number = CAMPAIGN_WRITES.fetch_add(1, Ordering::Relaxed) + 1;
    match fault() {
        Fault::CampaignWrite(at, errno) if *at == number => Err((*errno).into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_asked_for() {
        assert_eq!(parse("kill:3"), Fault::Kill(3));
        assert_eq!(parse("enospc:1"), Fault::CampaignWrite(1, Errno::NOSPC));
        assert_eq!(parse("count:/run/steps"), Fault::Count("/run/steps".into()));
        assert_eq!(parse("ebusy:2"), Fault::HostWrite(2, Errno::BUSY));
        for other in ["", "kill", "kill:x", "count", "burn:1"] {
            assert_eq!(parse(other), Fault::None);
        }
    }
}
