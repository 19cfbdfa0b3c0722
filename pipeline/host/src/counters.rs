//! The kernel's counters around and during a trial, as raw logs.
//!
//! Each source is one log of snapshots, each exactly what the kernel printed, behind a
//! header line `# vnicbench <start|during|end> <RFC 3339 time> monotonic <seconds>`. What
//! this host doesn't have makes no log.

mod ethtool;
mod source;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rustix::time::{ClockId, clock_gettime};

use crate::error::HostError;
use ethtool::NicStatistics;
use source::{Growth, Source};

/// More often costs more than it tells.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What came of a [`Sampler`].
#[derive(Debug, Clone, PartialEq)]
pub struct CounterReport {
    /// The logs' names, sorted.
    pub files: Vec<String>,
    /// What marks the trial (swapping, throttling), and what could not be read, in words.
    pub warnings: Vec<String>,
    /// Processor time that sampling took, in ms; without ethtool's own, which runs before
    /// the first and after the last snapshot of the rest.
    pub cpu_ms: f64,
}

/// Takes snapshots until it is told to finish; dropping it stops it too.
#[derive(Debug)]
pub struct Sampler {
    finish: Option<Sender<()>>,
    thread: Option<JoinHandle<Result<CounterReport, HostError>>>,
}

impl Sampler {
    /// Takes the first snapshot of every source into `directory`, then one of the cheap
    /// ones each `period` (from 10 ms to a day). `nics` are asked for their drivers'
    /// statistics at start and end.
    ///
    /// # Errors
    ///
    /// [`HostError::Io`] if a log can't be written; one that exists isn't overwritten. A
    /// source that can't be read is a warning of the report.
    pub fn start(directory: &Path, period: Duration, nics: &[String]) -> Result<Self, HostError> {
        Self::of(&Roots::default(), directory, period, nics)
    }

    fn of(
        roots: &Roots,
        directory: &Path,
        period: Duration,
        nics: &[String],
    ) -> Result<Self, HostError> {
        let before = cpu_time();
        let mut logs = Logs::start(roots, directory, nics)?;
        logs.cpu = cpu_time().saturating_sub(before);
        let period = period.clamp(SHORTEST, LONGEST);
        let (finish, asked) = channel();
        let thread = std::thread::Builder::new()
            .name("counters".to_owned())
            .spawn(move || logs.run(period, &asked))
            .map_err(|error| HostError::Change {
                doing: "starting the thread that reads the host's counters".to_owned(),
                message: error.to_string(),
            })?;
        Ok(Self {
            finish: Some(finish),
            thread: Some(thread),
        })
    }

    /// Takes the last snapshot of every source and stops.
    ///
    /// # Errors
    ///
    /// [`HostError::Io`] if a log could not be written, now or while measuring.
    pub fn finish(mut self) -> Result<CounterReport, HostError> {
        if let Some(finish) = self.finish.take() {
            // Nobody hears it if the thread ended over an error, which joining gives.
            let _ = finish.send(());
        }
        let ended = self.thread.take().map(JoinHandle::join);
        match ended {
            Some(Ok(result)) => result,
            _ => Err(HostError::Change {
                doing: "reading the host's counters".to_owned(),
                message: "the thread that did it is gone".to_owned(),
            }),
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.finish = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Where the kernel shows itself, and the program that asks drivers.
struct Roots {
    proc: PathBuf,
    sys: PathBuf,
    ethtool: OsString,
}

impl Default for Roots {
    fn default() -> Self {
        Self {
            proc: "/proc".into(),
            sys: "/sys".into(),
            ethtool: "ethtool".into(),
        }
    }
}

/// Every log of a trial.
struct Logs {
    /// From the dearest to read to the cheapest.
    sources: Vec<Source>,
    nics: NicStatistics,
    warnings: Vec<String>,
    cpu: Duration,
}

impl Logs {
    /// What is dear comes first here and last in [`Logs::end`], so that its own cost is
    /// the least between the two snapshots of the rest.
    fn start(roots: &Roots, directory: &Path, nics: &[String]) -> Result<Self, HostError> {
        let mut warnings = Vec::new();
        let nics = NicStatistics::start(roots.ethtool.clone(), directory, nics, &mut warnings)?;
        let (proc, sys) = (&roots.proc, &roots.sys);
        let pressure = ["cpu", "memory", "io"].map(|name| proc.join("pressure").join(name));
        let mut sources = vec![
            Source::of_cpus(sys, "host-frequency.log", |name, file| {
                name == "cpufreq" && file == "scaling_cur_freq"
            }),
            Source::of_cpus(sys, "host-throttle.log", |name, file| {
                name == "thermal_throttle" && file.ends_with("_count")
            }),
            Source::whole("host-interrupts.log", proc.join("interrupts")),
            Source::of_numbers("host-kvm.log", &sys.join("kernel/debug/kvm"), &mut warnings),
            Source::titled("host-pressure.log", &pressure).sampled(),
            Source::whole("host-vmstat.log", proc.join("vmstat")).sampled(),
            Source::whole("host-softirqs.log", proc.join("softirqs")).sampled(),
            Source::whole("host-softnet.log", proc.join("net/softnet_stat")).sampled(),
            Source::whole("host-netdev.log", proc.join("net/dev")).sampled(),
            Source::whole("host-stat.log", proc.join("stat")).sampled(),
        ];
        for source in &mut sources {
            source.start(directory, &mut warnings)?;
        }
        Ok(Self {
            sources,
            nics,
            warnings,
            cpu: Duration::ZERO,
        })
    }

    fn run(mut self, period: Duration, asked: &Receiver<()>) -> Result<CounterReport, HostError> {
        let before = cpu_time();
        let mut next = Instant::now() + period;
        loop {
            match asked.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Err(RecvTimeoutError::Timeout) => {
                    for source in self.sources.iter_mut().filter(|source| source.is_sampled()) {
                        source.snapshot("during", &mut self.warnings)?;
                    }
                    // Beats that a busy host made us miss are not made up for.
                    next = (next + period).max(Instant::now());
                }
                Ok(()) => break,
                // Dropped: nobody wants the rest.
                Err(RecvTimeoutError::Disconnected) => return Ok(self.report()),
            }
        }
        self.end()?;
        self.cpu += cpu_time().saturating_sub(before);
        Ok(self.report())
    }

    fn end(&mut self) -> Result<(), HostError> {
        for source in self.sources.iter_mut().rev() {
            source.snapshot("end", &mut self.warnings)?;
        }
        self.nics.end(&mut self.warnings)
    }

    fn report(mut self) -> CounterReport {
        for source in &self.sources {
            match source.log {
                "host-vmstat.log" => self.warnings.extend(swapping(&source.growth())),
                "host-throttle.log" => self.warnings.extend(throttling(&source.growth())),
                _ => {}
            }
        }
        let written = self.sources.iter().filter(|source| source.is_written());
        let mut files: Vec<String> = written.map(|source| source.log.to_owned()).collect();
        files.extend(self.nics.files());
        files.sort();
        CounterReport {
            files,
            warnings: self.warnings,
            cpu_ms: self.cpu.as_secs_f64() * 1e3,
        }
    }
}

fn swapping(growth: &Growth) -> Option<String> {
    let pages = |name: &str| growth.get(name).copied().unwrap_or(0);
    let (from, to) = (pages("pswpin"), pages("pswpout"));
    (from > 0 || to > 0)
        .then(|| format!("the host swapped during the trial: {from} pages in, {to} out"))
}

fn throttling(growth: &Growth) -> Option<String> {
    let mut named: Vec<String> = growth
        .iter()
        .filter(|(_, by)| **by > 0)
        .map(|(name, by)| format!("{} by {by}", name.replace("/thermal_throttle/", " ")))
        .collect();
    if named.is_empty() {
        return None;
    }
    // All processors of a package show the package's count.
    let more = named.len().saturating_sub(4);
    named.truncate(4);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    Some(format!(
        "the host's processors throttled for heat during the trial: {}",
        named.join(", ")
    ))
}

/// The line above a snapshot.
fn header(phase: &str) -> String {
    let now = clock_gettime(ClockId::Monotonic);
    format!(
        "# vnicbench {phase} {} monotonic {}.{:06}\n",
        humantime::format_rfc3339_millis(SystemTime::now()),
        now.tv_sec,
        now.tv_nsec / 1000
    )
}

/// Processor time of this thread.
fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A host of files, and a place for logs.
    fn host() -> (tempfile::TempDir, Roots, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let roots = Roots {
            proc: at("proc"),
            sys: at("sys"),
            ethtool: at("ethtool").into(),
        };
        for folder in [
            "logs",
            "proc/pressure",
            "sys/kernel/debug/kvm/1234-10",
            "sys/devices/system/cpu/cpu0/thermal_throttle",
            "sys/devices/system/cpu/cpufreq",
        ] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        for (name, text) in [
            ("proc/stat", "cpu  1 2 3 4 5 6 7\n"),
            ("proc/vmstat", "nr_free_pages 9\npswpin 3\npswpout 4\n"),
            (
                "proc/pressure/cpu",
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n",
            ),
            ("sys/kernel/debug/kvm/exits", "10\n"),
            ("sys/kernel/debug/kvm/words", "no number\n"),
            (
                "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count",
                "7\n",
            ),
            (
                "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_max_time_ms",
                "7\n",
            ),
        ] {
            fs::write(at(name), text).unwrap();
        }
        let logs = at("logs");
        (directory, roots, logs)
    }

    fn snapshots(log: &Path) -> Vec<(String, String)> {
        let text = fs::read_to_string(log).unwrap();
        text.split("# vnicbench ")
            .skip(1)
            .map(|snapshot| {
                let (header, body) = snapshot.split_once('\n').unwrap();
                let phase = header.split(' ').next().unwrap();
                (phase.to_owned(), body.to_owned())
            })
            .collect()
    }

    #[test]
    fn logs_what_there_is_and_marks_swapping_and_throttling() {
        let (directory, roots, logs) = host();
        let sampler = Sampler::of(&roots, &logs, Duration::from_secs(3600), &[]).unwrap();
        let sys = directory.path().join("sys");
        fs::write(
            roots.proc.join("vmstat"),
            "nr_free_pages 1\npswpin 15\npswpout 4\n",
        )
        .unwrap();
        fs::write(sys.join("kernel/debug/kvm/exits"), "25\n").unwrap();
        let throttle = "devices/system/cpu/cpu0/thermal_throttle/core_throttle_count";
        fs::write(sys.join(throttle), "9\n").unwrap();
        let report = sampler.finish().unwrap();
        assert_eq!(
            report.warnings,
            [
                "the host's processors throttled for heat during the trial: cpu0 core_throttle_count by 2",
                "the host swapped during the trial: 12 pages in, 0 out",
            ]
        );
        assert_eq!(
            report.files,
            [
                "host-kvm.log",
                "host-pressure.log",
                "host-stat.log",
                "host-throttle.log",
                "host-vmstat.log"
            ]
        );
        let pair = |first: &str, last: &str| {
            [("start", first), ("end", last)]
                .map(|(phase, body)| (phase.to_owned(), body.to_owned()))
        };
        assert_eq!(
            snapshots(&logs.join("host-kvm.log")),
            pair("exits 10\n", "exits 25\n")
        );
        let stall = "cpu\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=1\n";
        assert_eq!(
            snapshots(&logs.join("host-pressure.log")),
            pair(stall, stall)
        );
        assert_eq!(
            snapshots(&logs.join("host-throttle.log")),
            ["7", "9"]
                .map(|count| format!("cpu0/thermal_throttle/core_throttle_count {count}\n"))
                .into_iter()
                .zip(["start", "end"])
                .map(|(body, phase)| (phase.to_owned(), body))
                .collect::<Vec<_>>()
        );
        // Nothing is ever written over.
        let error = Sampler::of(&roots, &logs, SHORTEST, &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("host-throttle.log"), "{error}");
    }

    #[test]
    fn a_source_that_goes_away_is_told_once() {
        let (_directory, roots, logs) = host();
        let sampler = Sampler::of(&roots, &logs, SHORTEST, &[]).unwrap();
        // The open file stays; it is read again from its front.
        fs::remove_file(roots.proc.join("stat")).unwrap();
        // This one is opened at start and end only.
        fs::remove_dir_all(roots.sys.join("devices/system/cpu/cpu0")).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let report = sampler.finish().unwrap();
        assert_eq!(report.warnings.len(), 1, "{report:?}");
        assert!(
            report.warnings[0].contains("core_throttle_count"),
            "{report:?}"
        );
        let stat = snapshots(&logs.join("host-stat.log"));
        assert!(stat.len() > 3 && stat.iter().all(|(_, body)| *body == stat[0].1));
        assert_eq!(stat[1].0, "during");
    }

    #[test]
    fn a_dropped_sampler_stops() {
        let (_directory, roots, logs) = host();
        drop(Sampler::of(&roots, &logs, SHORTEST, &[]).unwrap());
        assert_eq!(snapshots(&logs.join("host-throttle.log")).len(), 1);
    }

    #[test]
    fn drivers_are_asked_and_may_refuse() {
        let (_directory, roots, logs) = host();
        let script = "#!/bin/sh\n[ \"$1 $2\" = '-S eth0' ] || { echo 'no stats available' >&2; exit 94; }\n\
                      printf 'NIC statistics:\\n     rx_packets: 5\\n'\n";
        fs::write(&roots.ethtool, script).unwrap();
        fs::set_permissions(&roots.ethtool, fs::Permissions::from_mode(0o755)).unwrap();
        let nics = ["eth0", "none", "../x", "-i"].map(str::to_owned);
        let report = Sampler::of(&roots, &logs, LONGEST, &nics)
            .unwrap()
            .finish()
            .unwrap();
        let log = snapshots(&logs.join("host-ethtool-eth0.log"));
        assert_eq!(log.len(), 2);
        assert_eq!(log[1].1, "NIC statistics:\n     rx_packets: 5\n");
        assert!(report.files.contains(&"host-ethtool-eth0.log".to_owned()));
        assert!(!logs.join("host-ethtool-none.log").exists());
        assert_eq!(report.warnings.len(), 2, "{report:?}");
    }
}
