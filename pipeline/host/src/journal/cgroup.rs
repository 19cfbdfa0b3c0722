//! Cgroups (version 2), which hold the processes that a run starts, so that none survives it.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::wait_until;
use crate::command::{run, words};
use crate::error::{HostError, io_error};

const LIMIT: Duration = Duration::from_secs(10);

/// Where a cgroup of this name is or would be.
///
/// # Errors
///
/// [`HostError::Change`] if the name isn't one, or the host has no cgroups of version 2.
pub fn cgroup_path(name: &str) -> Result<PathBuf, HostError> {
    let failed = |message: &str| HostError::Change {
        doing: format!("looking for the cgroup {name:?}"),
        message: message.into(),
    };
    let path = Path::new(name);
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    // An empty name would be all processes of the host.
    if name.is_empty() || !plain {
        return Err(failed("that is no name of a cgroup"));
    }
    ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        .map(Path::new)
        .into_iter()
        .find(|root| root.join("cgroup.controllers").exists())
        .map(|root| root.join(path))
        .ok_or_else(|| failed("there are no cgroups of version 2 in /sys/fs/cgroup; mount them: mount -t cgroup2 none /sys/fs/cgroup"))
}

pub(super) fn add(name: &str) -> Result<(), HostError> {
    let path = cgroup_path(name)?;
    fs::create_dir(&path).map_err(io_error("make", &path))
}

/// Ends every process in it and below it.
pub(super) fn kill(path: &Path) -> Result<(), HostError> {
    let failed = |message: String| HostError::Change {
        doing: format!("ending the processes in {}", path.display()),
        message,
    };
    if members(path).contains(&std::process::id().to_string()) {
        return Err(failed(
            "this process is one of them; run this from elsewhere".into(),
        ));
    }
    let all_at_once = path.join("cgroup.kill");
    let ended = if all_at_once.exists() {
        fs::write(&all_at_once, "1").map_err(io_error("write", &all_at_once))?;
        wait_until(LIMIT, || !is_populated(path))
    } else {
        // Before Linux 5.14: one by one, until no new ones come.
        wait_until(LIMIT, || {
            let members = members(path);
            if !members.is_empty() {
                let mut argv = words(["kill", "-KILL"]);
                argv.extend(members);
                // One that has ended meanwhile is no failure; what counts is that none is left.
                let _ = run(&argv);
            }
            !is_populated(path)
        })
    };
    if ended {
        Ok(())
    } else {
        Err(failed(format!(
            "some are left after {} s: {}; they may wait for a device, see: ps -o pid,stat,wchan,cmd -p PID",
            LIMIT.as_secs(),
            members(path).join(", ")
        )))
    }
}

pub(super) fn remove(name: &str) -> Result<(), HostError> {
    let path = cgroup_path(name)?;
    kill(&path)?;
    let mut failure = None;
    // The last process may still be on its way out.
    wait_until(LIMIT, || {
        failure = below(&path)
            .iter()
            .rev()
            .find_map(|each| match fs::remove_dir(each) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Some(io_error("remove", each)(error))
                }
                _ => None,
            });
        failure.is_none()
    });
    failure.map_or(Ok(()), Err)
}

fn is_populated(path: &Path) -> bool {
    fs::read_to_string(path.join("cgroup.events"))
        .unwrap_or_default()
        .contains("populated 1")
}

/// Processes in it and below it.
fn members(path: &Path) -> Vec<String> {
    below(path)
        .iter()
        .flat_map(|each| {
            let text = fs::read_to_string(each.join("cgroup.procs")).unwrap_or_default();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// It and all below it, parents first.
fn below(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![path.to_owned()];
    let mut next = 0;
    while next < found.len() {
        let entries = fs::read_dir(&found[next]).into_iter().flatten().flatten();
        let children: Vec<PathBuf> = entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect();
        found.extend(children);
        next += 1;
    }
    found
}
