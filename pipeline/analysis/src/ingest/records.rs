//! What is read of a log, on its way to the tables.

use vnicbench_logs::throughput::Interval;
use vnicbench_logs::{Document, Sink, counters, ping, throughput};

/// A log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogId {
    /// Its path below the directory, with `/`; a member of an archive behind the archive's.
    pub(crate) file: String,
    /// Its factors' levels, in the order of the layout.
    pub(crate) levels: Vec<Option<String>>,
}

/// A part of what is read.
#[derive(Debug)]
pub(crate) enum Record {
    Samples(Samples),
    Intervals(Intervals),
    Counters(Box<Counters>),
    /// All that is left, at the log's end.
    End(Document),
}

/// Replies of a run of ping.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) run: u32,
    /// Which of the run's the first one is.
    pub(crate) first: u64,
    pub(crate) rtt_ms: Vec<f64>,
    pub(crate) lines: Vec<u32>,
    /// Empty if the dialect prints none.
    pub(crate) sequence: Vec<u32>,
    /// Ascending, within these.
    pub(crate) censored: Vec<u32>,
}

/// Intervals of a run of iperf.
#[derive(Debug)]
pub(crate) struct Intervals {
    pub(crate) run: u32,
    pub(crate) intervals: Vec<Interval>,
}

/// Samples of a run of a host's counters.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) run: u32,
    pub(crate) source: String,
    pub(crate) samples: counters::Samples,
}

/// Sends records on as they are read.
pub(crate) struct Outlet<'a> {
    send: &'a dyn Fn(Record),
    /// Replies of the last run that were sent.
    sent: (u32, u64),
}

impl<'a> Outlet<'a> {
    pub(crate) fn new(send: &'a dyn Fn(Record)) -> Self {
        Self { send, sent: (0, 0) }
    }
}

impl Sink for Outlet<'_> {
    fn ping(&mut self, run: usize, so_far: &mut ping::Run) {
        if so_far.rtt_ms.is_empty() {
            return;
        }
        let run = number(run);
        if self.sent.0 != run {
            self.sent = (run, 0);
        }
        let samples = Samples {
            run,
            first: self.sent.1,
            rtt_ms: std::mem::take(&mut so_far.rtt_ms),
            lines: std::mem::take(&mut so_far.lines),
            sequence: std::mem::take(&mut so_far.sequence),
            censored: std::mem::take(&mut so_far.censored),
        };
        self.sent.1 += samples.rtt_ms.len() as u64;
        (self.send)(Record::Samples(samples));
    }

    fn throughput(&mut self, run: usize, so_far: &mut throughput::Run) {
        let intervals = std::mem::take(&mut so_far.intervals);
        if !intervals.is_empty() {
            let run = number(run);
            (self.send)(Record::Intervals(Intervals { run, intervals }));
        }
    }

    fn counters(&mut self, run: usize, so_far: &mut counters::Run) {
        let samples = std::mem::take(&mut so_far.samples);
        if !samples.is_empty() {
            let counters = Counters {
                run: number(run),
                source: so_far.source.clone(),
                samples,
            };
            (self.send)(Record::Counters(Box::new(counters)));
        }
    }
}

pub(crate) fn number(run: usize) -> u32 {
    u32::try_from(run).unwrap_or(u32::MAX)
}
