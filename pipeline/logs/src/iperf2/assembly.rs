//! Runs made of rows that come in one by one, the rows of several runs mixed.
//!
//! Nothing marks a total but its span: it is the row of a stream that starts at 0 after
//! another did. A stream's only row is its total, unless the run went on after it. So only a
//! stream's first row is held back until the second comes.
//!
//! The totals of a run are the tool's own: `[SUM]` where it is printed, else the sum of
//! the streams' totals if every stream has one. Where they differ from the rows they sum
//! up by more than the printed digits allow, they are believed and a warning says so.

use crate::Sink;
use crate::sink::CHUNK;
use crate::throughput::{Direction, Interval, Received, Role, Run, Sent, Stream};
use crate::warning::{WarningKind, Warnings};

/// Runs that may be open at once; beyond it the oldest is ended.
const OPEN: usize = 4096;

/// What a row says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    pub interval: Interval,
    /// The last printed digit of the bytes stands for this many.
    pub step: f64,
    pub jitter_ms: Option<f64>,
    pub lost: Option<i64>,
    pub packets: Option<u64>,
}

/// A stream of a run, or the sum of its streams.
#[derive(Debug)]
pub(super) struct Flow {
    pub stream: Stream,
    /// Of text: whether its label has a star.
    pub starred: bool,
    /// Known at the latest with the first row.
    pub direction: Option<Direction>,
    /// Rows that aren't omitted.
    pub rows: u64,
    /// Another stream has its label now.
    pub gone: bool,
    /// The only row so far, and its place among the run's intervals.
    lone: Option<(usize, Measure)>,
    pub total: Option<Measure>,
    /// The other end's total.
    pub report: Option<Measure>,
    parts: Parts,
}

impl Flow {
    pub(super) fn new(stream: Stream, starred: bool, direction: Option<Direction>) -> Flow {
        Flow {
            stream,
            starred,
            direction,
            rows: 0,
            gone: false,
            lone: None,
            total: None,
            report: None,
            parts: Parts::default(),
        }
    }
}

/// The intervals of a stream, added up.
#[derive(Debug, Default)]
struct Parts {
    rows: u64,
    bytes: f64,
    slack: f64,
    end_s: f64,
    peak: f64,
    /// A row is missing before one of them.
    broken: bool,
}

impl Parts {
    fn add(&mut self, measure: &Measure) {
        let Interval {
            start_s,
            end_s,
            bytes,
            bits_per_second,
            ..
        } = measure.interval;
        self.broken |= (start_s - self.end_s).abs() > 0.051;
        self.rows += 1;
        self.bytes += bytes as f64;
        self.slack += measure.step / 2.0;
        self.end_s = end_s;
        self.peak = self.peak.max(bits_per_second);
    }

    /// Whether `total` can be their sum. What is written last may be counted after the
    /// last interval has ended.
    fn agree(&self, total: &Measure) -> bool {
        if self.broken || self.rows == 0 {
            return true;
        }
        let slack = self.slack + total.step / 2.0 + 1.0;
        let tail = (total.interval.end_s - self.end_s).max(0.0) + 0.1;
        let bytes = total.interval.bytes as f64;
        bytes >= self.bytes - slack && bytes <= self.bytes + slack + self.peak / 8.0 * tail
    }
}

/// A run while its rows come in.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub run: Run,
    pub flows: Vec<Flow>,
    /// Its place in the document, given with its first row.
    index: Option<usize>,
    /// When the latest row ends.
    late_s: f64,
    /// How many streams a sum says it is of.
    pub summed: u64,
    /// Of text the other end's address, of CSV both.
    pub remote: Vec<u8>,
    /// Of CSV: the ports of its first stream.
    pub ports: (u16, u16),
    /// Of CSV: when its latest stream's first row was printed, in s.
    pub printed_s: Option<f64>,
    /// Of CSV: there was jitter.
    pub receives: bool,
}

impl Open {
    pub(super) fn has_rows(&self) -> bool {
        self.index.is_some()
    }

    /// Whether every stream has its total.
    pub(super) fn is_done(&self) -> bool {
        let mut rows = self.flows.iter().filter(|flow| flow.rows > 0).peekable();
        rows.peek().is_some() && rows.all(|flow| flow.total.is_some())
    }

    /// Whether no stream has more than the one row that may be its total.
    pub(super) fn is_lone(&self) -> bool {
        self.has_rows() && self.flows.iter().all(|flow| flow.rows <= 1)
    }

    /// The direction of the rows that a new row of `stream` sums up or lies beside.
    pub(super) fn way(&self, stream: Stream) -> Option<Direction> {
        if stream == Stream::Sum {
            return self.run.intervals.last().map(|row| row.direction);
        }
        None
    }

    /// Whether all its labels are other streams' now.
    pub(super) fn is_gone(&self) -> bool {
        self.streams().all(|flow| flow.gone)
    }

    pub(super) fn streams(&self) -> impl Iterator<Item = &Flow> {
        self.flows.iter().filter(|flow| flow.stream != Stream::Sum)
    }

    /// Adds a row; whether it became an interval.
    fn push(&mut self, at: usize, measure: Measure) -> bool {
        let Some(flow) = self.flows.get_mut(at) else {
            return false;
        };
        let Interval {
            start_s,
            end_s,
            omitted,
            ..
        } = measure.interval;
        if !omitted {
            flow.rows += 1;
            self.late_s = self.late_s.max(end_s);
            if flow.rows > 1 && start_s == 0.0 && flow.total.is_none() {
                flow.total = Some(measure);
                return false;
            }
            flow.lone =
                (flow.rows == 1 && start_s == 0.0).then_some((self.run.intervals.len(), measure));
            flow.parts.add(&measure);
        }
        self.run.intervals.push(measure.interval);
        true
    }

    /// Offers the intervals to the sink, but for rows that may yet turn out to be totals.
    fn offer(&mut self, index: usize, sink: &mut dyn Sink) {
        let mut places: Vec<usize> = self
            .flows
            .iter()
            .filter_map(|flow| flow.lone.map(|(at, _)| at))
            .filter(|&at| at < self.run.intervals.len())
            .collect();
        places.sort_unstable();
        let mut held: Vec<Interval> = places
            .iter()
            .rev()
            .map(|&at| self.run.intervals.remove(at))
            .collect();
        let before = self.run.intervals.len();
        sink.throughput(index, &mut self.run);
        let taken = self.run.intervals.len() != before;
        for (nth, &place) in places.iter().enumerate() {
            let Some(interval) = held.pop() else { break };
            let at = if taken { nth } else { place };
            self.run
                .intervals
                .insert(at.min(self.run.intervals.len()), interval);
            for (lone, _) in self.flows.iter_mut().filter_map(|flow| flow.lone.as_mut()) {
                if taken && *lone == place {
                    *lone = at;
                }
            }
        }
    }

    /// Makes totals of lone rows.
    fn settle(&mut self) {
        let mut places = Vec::new();
        for flow in &mut self.flows {
            if let Some((at, measure)) = flow.lone.take()
                && flow.total.is_none()
                && measure.interval.end_s >= 0.9 * self.late_s
            {
                flow.total = Some(measure);
                flow.parts = Parts::default();
                places.push(at);
            }
        }
        places.sort_unstable();
        for at in places.into_iter().rev() {
            if at < self.run.intervals.len() {
                self.run.intervals.remove(at);
            }
        }
    }

    /// The total of all streams of a direction, if all have one.
    fn total(&self, direction: Direction, sum: Option<Measure>) -> Option<Measure> {
        let streams = || {
            self.streams()
                .filter(|flow| flow.direction == Some(direction))
        };
        if sum.is_some() {
            return sum;
        }
        if self.streams().any(|flow| flow.rows > 0) && !streams().any(|flow| flow.rows > 0) {
            return None;
        }
        add(streams().map(|flow| flow.total))
    }

    fn close(&mut self, line: u64, warnings: &mut Warnings) {
        self.settle();
        let has = |direction| {
            let is = |flow: &Flow| flow.rows > 0 && flow.direction == Some(direction);
            self.streams().any(is)
        };
        let both = has(Direction::Sent) && has(Direction::Received);
        let sum = self.flows.iter().find(|flow| flow.stream == Stream::Sum);
        let sum_total = sum.and_then(|flow| flow.total).filter(|_| !both);
        for flow in &self.flows {
            if let Some(total) = flow.total.filter(|total| !flow.parts.agree(total)) {
                disagree(flow, flow.parts.bytes, &total, warnings);
            }
        }
        let way = match sum {
            Some(sum) if !both && !has(Direction::Sent) && !has(Direction::Received) => {
                sum.direction
            }
            _ if has(Direction::Received) && !both => Some(Direction::Received),
            _ => Some(Direction::Sent),
        };
        let of = |direction| {
            let sum = sum_total.filter(|_| way == Some(direction));
            self.total(direction, sum)
        };
        let (sends, receives) = (of(Direction::Sent), of(Direction::Received));
        let streams = add(self.streams().map(|flow| flow.total));
        if let (Some(flow), Some(total), Some(streams)) = (sum, sum_total, streams)
            && (total.interval.bytes as f64 - streams.interval.bytes as f64).abs()
                > (total.step + streams.step) / 2.0 + 1.0
        {
            disagree(flow, streams.interval.bytes as f64, &total, warnings);
        }
        let count = |direction| {
            let of = |flow: &&Flow| flow.direction == Some(direction) && flow.rows > 0;
            self.streams().filter(of).count() as u64
        };
        let reports = self.streams().any(|flow| flow.report.is_some());
        let reported = add(self
            .streams()
            .filter(|flow| flow.rows > 0 || flow.report.is_some())
            .map(|flow| flow.report));
        let complete = if both {
            sends.is_some() && receives.is_some()
        } else {
            sends.is_some() || receives.is_some()
        };
        let streams = count(Direction::Sent).max(count(Direction::Received));
        let announced = self.streams().count() as u64;
        let run = &mut self.run;
        // `--sum-only` leaves the streams away.
        let known = [streams, announced].into_iter().find(|known| *known > 0);
        run.streams = known.unwrap_or(self.summed);
        run.bidir |= both;
        run.reverse &= !both;
        if both && run.role == Some(Role::Server) {
            run.received = receives.map(received);
            run.sent_reverse = sends.map(sent);
        } else if both {
            run.sent = sends.map(sent);
            run.received_reverse = receives.map(received);
        } else {
            run.sent = sends.map(sent);
            run.received = receives.map(received);
        }
        if reports {
            run.received = reported.map(received);
        }
        if !complete && run.error.is_none() {
            let text = format!(
                "the run that begins on line {} has no total: iperf was killed or the log cut",
                run.line
            );
            warnings.push(WarningKind::CutFile, line, text);
        }
    }
}

fn disagree(flow: &Flow, bytes: f64, total: &Measure, warnings: &mut Warnings) {
    let name = match flow.stream {
        Stream::Id(id) => format!("stream {id}"),
        Stream::Sum => "the sum".to_owned(),
    };
    let text = format!(
        "{name}: its parts add up to {bytes:.0} bytes, the total, which is believed, has {}",
        total.interval.bytes
    );
    warnings.push(WarningKind::SummaryDisagrees, total.interval.line, text);
}

/// The sum of measures; of a single one, itself. `None` if one isn't known, for a sum of
/// some isn't the sum.
fn add(measures: impl Iterator<Item = Option<Measure>>) -> Option<Measure> {
    let mut sum: Option<Measure> = None;
    for measure in measures {
        let measure = measure?;
        let Some(sum) = &mut sum else {
            sum = Some(measure);
            continue;
        };
        let (all, one) = (&mut sum.interval, measure.interval);
        all.bytes = all.bytes.saturating_add(one.bytes);
        all.bits_per_second += one.bits_per_second;
        all.end_s = all.end_s.max(one.end_s);
        all.retransmits = both(all.retransmits, one.retransmits, u64::saturating_add);
        sum.step += measure.step;
        sum.lost = both(sum.lost, measure.lost, i64::saturating_add);
        sum.packets = both(sum.packets, measure.packets, u64::saturating_add);
        // Jitters don't add up.
        sum.jitter_ms = None;
    }
    sum
}

fn both<T>(a: Option<T>, b: Option<T>, add: fn(T, T) -> T) -> Option<T> {
    Some(add(a?, b?))
}

fn sent(total: Measure) -> Sent {
    Sent {
        bytes: total.interval.bytes,
        seconds: total.interval.end_s - total.interval.start_s,
        bits_per_second: total.interval.bits_per_second,
        retransmits: total.interval.retransmits,
    }
}

fn received(total: Measure) -> Received {
    Received {
        bytes: total.interval.bytes,
        seconds: total.interval.end_s - total.interval.start_s,
        bits_per_second: total.interval.bits_per_second,
        jitter_ms: total.jitter_ms,
        lost: total.lost,
        packets: total.packets,
    }
}

/// All runs of a log.
pub(super) struct Assembly<'a> {
    runs: Vec<Run>,
    /// In the order in which they were opened; what is closed is `None`.
    slots: Vec<Option<Box<Open>>>,
    /// All before it are closed.
    oldest: usize,
    open: usize,
    measured: bool,
    sink: &'a mut dyn Sink,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Assembly<'a> {
        Assembly {
            runs: Vec::new(),
            slots: Vec::new(),
            oldest: 0,
            open: 0,
            measured: false,
            sink,
        }
    }

    /// Begins a run; the number by which it is known.
    pub(super) fn open(&mut self, run: Run, line: u64, warnings: &mut Warnings) -> usize {
        if self.open >= OPEN {
            self.close(self.oldest, line, warnings);
        }
        self.open += 1;
        self.slots.push(Some(Box::new(Open {
            run,
            ..Open::default()
        })));
        self.slots.len() - 1
    }

    pub(super) fn get(&mut self, slot: usize) -> Option<&mut Open> {
        self.slots.get_mut(slot)?.as_deref_mut()
    }

    /// The open runs, the latest first.
    pub(super) fn opened(&self) -> impl Iterator<Item = (usize, &Open)> {
        let open = self.slots.iter().enumerate().skip(self.oldest).rev();
        open.filter_map(|(slot, open)| Some((slot, open.as_deref()?)))
    }

    /// Adds a row to a stream of a run.
    pub(super) fn row(&mut self, slot: usize, flow: usize, measure: Measure) {
        let Some(open) = self.slots.get_mut(slot).and_then(Option::as_deref_mut) else {
            return;
        };
        let index = match open.index {
            Some(index) => index,
            None => {
                self.measured = true;
                self.runs.push(Run::default());
                *open.index.insert(self.runs.len() - 1)
            }
        };
        if open.push(flow, measure) && open.run.intervals.len().is_multiple_of(CHUNK) {
            open.offer(index, self.sink);
        }
    }

    /// Ends a run; nothing is left of one that measured nothing and didn't fail.
    pub(super) fn close(&mut self, slot: usize, line: u64, warnings: &mut Warnings) {
        let Some(mut open) = self.slots.get_mut(slot).and_then(Option::take) else {
            return;
        };
        self.open -= 1;
        while self.slots.get(self.oldest).is_some_and(Option::is_none) {
            self.oldest += 1;
        }
        let index = match open.index {
            Some(index) => index,
            None if open.run.error.is_some() => {
                self.runs.push(Run::default());
                self.runs.len() - 1
            }
            None => return,
        };
        open.close(line, warnings);
        let mut run = open.run;
        self.sink.throughput(index, &mut run);
        // A sink may have left nothing but the space.
        run.intervals.shrink_to_fit();
        if let Some(place) = self.runs.get_mut(index) {
            *place = run;
        }
    }

    /// Ends all runs; also whether anything was measured.
    pub(super) fn finish(mut self, line: u64, warnings: &mut Warnings) -> (Vec<Run>, bool) {
        for slot in self.oldest..self.slots.len() {
            self.close(slot, line, warnings);
        }
        (self.runs, self.measured)
    }
}
