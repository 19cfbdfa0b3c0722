//! Virtual CPUs on host CPUs of their own.

use std::fs;
use std::path::Path;

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use vnicbench_agent::Job;

/// The host CPUs that guests may be pinned to: all of this process's but the first, which the
/// host keeps if there are others.
pub(crate) fn host_cpus() -> Vec<usize> {
    let all = allowed_cpus();
    match &all[..] {
        [_, rest @ ..] if !rest.is_empty() => rest.to_vec(),
        _ => all,
    }
}

/// The host CPUs that this process may run on.
pub(crate) fn allowed_cpus() -> Vec<usize> {
    let Ok(set) = sched_getaffinity(None) else {
        return Vec::new();
    };
    (0..CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .collect()
}

/// Puts each thread of a QEMU that runs a virtual CPU, or serves vhost, on one of `cpus`, in
/// turn; what was put where, in words.
///
/// # Errors
///
/// In words, if no such thread is found or one can't be moved.
pub(crate) fn pin(qemu: &Job, cpus: &[usize]) -> Result<String, String> {
    let pid = qemu
        .pid()
        .ok_or("QEMU's process isn't known, so nothing was pinned")?;
    let tasks = Path::new("/proc").join(pid.to_string()).join("task");
    let failed = |error: std::io::Error| format!("the threads of QEMU can't be pinned: {error}");
    let mut threads: Vec<(String, i32)> = Vec::new();
    for entry in fs::read_dir(&tasks).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        let number = path
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok());
        // "CPU 0/KVM", "CPU 0/TCG", "vhost-1234".
        if let Some(number) = number
            && (name.starts_with("CPU ") || name.starts_with("vhost-"))
        {
            threads.push((name.trim().to_owned(), number));
        }
    }
    threads.sort();
    if threads.is_empty() || cpus.is_empty() {
        return Err("QEMU has no threads named after virtual CPUs, so nothing was pinned".into());
    }
    let mut placed = Vec::new();
    for ((name, thread), cpu) in threads.into_iter().zip(cpus.iter().cycle()) {
        let mut set = CpuSet::new();
        set.set(*cpu);
        sched_setaffinity(Pid::from_raw(thread), &set).map_err(|error| failed(error.into()))?;
        placed.push(format!("{name} on CPU {cpu}"));
    }
    Ok(placed.join(", "))
}
