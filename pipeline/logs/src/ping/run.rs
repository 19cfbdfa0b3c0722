//! A run while its lines come in, and what is checked when it ends.

use super::event::{Counts, Mark, Number, PLACES, Reply, Rtt};
use super::{Run, Summary};
use crate::lines::Line;
use crate::sink::CHUNK;
use crate::warning::{WarningKind, Warnings};

/// Nanoseconds in the unit of a time with so many decimals.
const NANOSECONDS: [u64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// A run while its lines come in.
#[derive(Default)]
pub(super) struct Open {
    pub run: Run,
    /// Its place among the document's runs.
    pub index: usize,
    /// The line on which it begins.
    pub line: u64,
    /// Its header was there.
    pub headed: bool,
    /// Its summary's first line was there.
    pub summing: bool,
    pub counts: Option<Counts>,
    /// It is all there is though its tool prints no summary, or one without times.
    pub whole: bool,
    /// Requests that had a line each, answered or not.
    requests: u64,
    /// The decimals of its summary's times.
    pub places: u8,
    pub errors: u64,
    /// Replies that aren't marked as duplicates, and those of them that are ones.
    replies: u64,
    repeats: u64,
    duplicates: u64,
    times: Tally,
    order: Order,
}

impl Open {
    pub(super) fn at(line: u64, index: usize) -> Open {
        Open {
            line,
            index,
            ..Open::default()
        }
    }

    /// Whether nothing was read of it but its header.
    pub(super) fn is_bare(&self) -> bool {
        self.replies + self.duplicates + self.errors == 0 && self.counts.is_none()
    }

    /// The times read so far are offered to whoever wants to take them.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        let length = self.run.rtt_ms.len();
        length > 0 && length.is_multiple_of(CHUNK)
    }

    /// Notes a request all of which is on one line.
    pub(super) fn requested(&mut self) {
        self.requests += 1;
        self.whole = true;
    }

    /// Takes a reply.
    pub(super) fn reply(&mut self, reply: Reply, line: Line, warnings: &mut Warnings) {
        let Reply {
            from,
            sequence,
            rtt,
            mark,
            ..
        } = reply;
        if self.run.destination.is_none() && !self.headed && !from.is_empty() {
            self.run.destination = Some(String::from_utf8_lossy(from).into_owned());
        }
        if mark == Mark::Corrupted {
            warnings.push(WarningKind::Corrupted, line.number, line.bytes);
            return;
        }
        // Of a line without its end the mark may be cut.
        let unsure = mark == Mark::Other || !line.ended;
        let again = unsure && sequence.is_some_and(|sequence| self.order.has(sequence));
        if mark == Mark::Duplicate || again {
            self.duplicates += 1;
            if let Some(rtt) = rtt {
                self.times.add(rtt);
            }
            return;
        }
        self.answered(sequence, line.number, line.bytes, warnings);
        match (rtt, sequence) {
            (Some(rtt), Some(sequence)) => self.time(rtt, Some(sequence), line.number),
            (Some(rtt), None) => self.time(rtt, None, line.number),
            (None, _) => {}
        }
    }

    /// A reply of the form that most have: the fast way.
    #[inline]
    pub(super) fn plain(
        &mut self,
        (sequence, printed): (u64, Number),
        line: Line,
        warnings: &mut Warnings,
    ) {
        self.answered(Some(sequence), line.number, line.bytes, warnings);
        let rtt = Rtt {
            printed,
            bound: false,
        };
        self.time(rtt, Some(sequence), line.number);
    }

    #[inline]
    fn answered(
        &mut self,
        sequence: Option<u64>,
        number: u64,
        text: &[u8],
        warnings: &mut Warnings,
    ) {
        self.replies += 1;
        let Some(sequence) = sequence else { return };
        let kind = match self.order.note(sequence) {
            Place::Next => return,
            Place::Again => {
                self.repeats += 1;
                WarningKind::Duplicate
            }
            Place::Late => WarningKind::Reordered,
            Place::Wrapped => WarningKind::WrappedSequence,
        };
        warnings.push(kind, number, text);
    }

    #[inline]
    fn time(&mut self, rtt: Rtt, sequence: Option<u64>, line: u64) {
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        self.times.add(rtt);
        if rtt.bound {
            self.run.censored.push(narrow(self.run.rtt_ms.len() as u64));
        }
        self.run.rtt_ms.push(rtt.printed.value());
        self.run.lines.push(narrow(line));
        if let Some(sequence) = sequence {
            self.run.sequence.push(narrow(sequence));
        }
    }

    /// Ends the run: its counts are set, and what is odd is said. `line` is the last.
    pub(super) fn close(&mut self, line: u64, dialect: &str, warnings: &mut Warnings) {
        let lines = format!("lines {} to {line}: ", self.line);
        let mut warn = |kind, text: String| warnings.push(kind, line, lines.clone() + &text);
        let run = &mut self.run;
        let times = &self.times;
        run.step_ms = times.coarsest().map_or(0.0, Number::step);
        if times.bounds > 0 {
            let text = format!(
                "{} of {} times are only upper bounds",
                times.bounds, times.count
            );
            warn(WarningKind::Censored, text);
        }
        if run.step_ms >= 1.0 && times.bounds < times.count {
            let text = format!("times printed in steps of {} ms", run.step_ms);
            warn(WarningKind::Quantised, text);
        }
        let Some(counts) = self.counts else {
            if !self.whole {
                let text = "no summary: ping was killed or the log cut".to_owned();
                warn(WarningKind::CutFile, text);
            }
            run.transmitted = (self.requests > 0).then_some(self.requests);
            run.received = self.replies - self.repeats;
            run.duplicates = self.duplicates + self.repeats;
            run.errors = self.errors;
            return;
        };
        if run.summary.is_none() && times.count > 0 && !self.whole {
            let text = "the summary has no times: the log is cut".to_owned();
            warn(WarningKind::CutFile, text);
        }
        run.transmitted = Some(counts.transmitted);
        run.received = counts.received;
        run.duplicates = counts.duplicates.unwrap_or(self.duplicates);
        run.errors = counts.errors.unwrap_or(self.errors);
        if self.replies + self.errors == 0 {
            // Quiet and flood runs print no replies.
            return;
        }
        let mut expected = vec![self.replies, self.replies - self.repeats];
        if dialect == "windows" {
            // It counts the answers of routers too.
            expected.push(self.replies + self.errors);
        }
        if !expected.contains(&counts.received) {
            let text = format!(
                "summary has {} received, {} replies are in the log",
                counts.received, self.replies
            );
            warn(WarningKind::SummaryDisagrees, text);
            return;
        }
        // Of a run with replies that show no time not all is known that was summed up.
        let all = times.count == self.replies + self.duplicates;
        if let Some(summary) = run.summary.filter(|_| all)
            && let Some(text) = times.disagree(summary, self.places, dialect)
        {
            warn(WarningKind::SummaryDisagrees, text);
        }
    }
}

/// All times of a run, duplicates among them, in integers: sums don't depend on the
/// order, and don't need the times to be kept.
#[derive(Debug, Default)]
struct Tally {
    count: u64,
    bounds: u64,
    sum: u128,
    squares: u128,
    least: Option<u64>,
    greatest: u64,
    /// How many times were printed with so many decimals.
    places: [u64; PLACES + 4],
}

impl Tally {
    #[inline]
    fn add(&mut self, rtt: Rtt) {
        let Number { digits, places } = rtt.printed;
        self.count += 1;
        self.bounds += u64::from(rtt.bound);
        if let Some(count) = self.places.get_mut(usize::from(places)) {
            *count += 1;
        }
        let Some(unit) = NANOSECONDS.get(usize::from(places)) else {
            return;
        };
        // Two years are enough for an answer.
        let time = digits.saturating_mul(*unit).min(1 << 56);
        self.sum += u128::from(time);
        self.squares = self
            .squares
            .saturating_add(u128::from(time) * u128::from(time));
        self.least = Some(self.least.map_or(time, |least| least.min(time)));
        self.greatest = self.greatest.max(time);
    }

    fn coarsest(&self) -> Option<Number> {
        let places = self.places.iter().position(|&count| count > 0)?;
        Some(Number {
            digits: 1,
            places: u8::try_from(places).ok()?,
        })
    }

    /// Where the tool's summary differs from its lines by more than what both are
    /// rounded by.
    ///
    /// A time is printed rounded or cut to a step, so that it is off by less than that;
    /// then the mean is off by less than the mean step and, the standard deviation being
    /// a seminorm, that by less than the root of the steps' mean square. One step of
    /// the summary itself comes on top. A mere bound may stand for anything down to 0.
    fn disagree(&self, summary: Summary, places: u8, dialect: &str) -> Option<String> {
        let finer = |places: usize| NANOSECONDS.get(places).is_none();
        if self.count == 0
            || self
                .places
                .iter()
                .enumerate()
                .any(|(p, &c)| c > 0 && finer(p))
        {
            return None;
        }
        let nanoseconds = 1e-6;
        let count = self.count as f64;
        let step = |index: usize| {
            Number {
                digits: 1,
                places: index as u8,
            }
            .value()
        };
        let printed = || {
            self.places
                .iter()
                .enumerate()
                .filter(|(_, count)| **count > 0)
        };
        let coarsest = printed().map(|(index, _)| step(index)).fold(0.0, f64::max);
        let mean_step = printed().map(|(i, &c)| step(i) * c as f64).sum::<f64>() / count;
        let mean_square = printed()
            .map(|(i, &c)| step(i).powi(2) * c as f64)
            .sum::<f64>()
            / count;
        let own = Number { digits: 1, places }.value() * 1.001;
        let bounded = if self.bounds > 0 { coarsest } else { 0.0 };

        let mean = self.sum as f64 / count * nanoseconds;
        let least = self.least.unwrap_or(0) as f64 * nanoseconds;
        let greatest = self.greatest as f64 * nanoseconds;
        let off = |said: f64, found: f64, step: f64| (said - found).abs() > step + own;
        let mut wrong = Vec::new();
        if off(summary.min_ms, least, coarsest + bounded) {
            wrong.push(("min", summary.min_ms, least));
        }
        if off(summary.avg_ms, mean, mean_step + bounded) {
            wrong.push(("avg", summary.avg_ms, mean));
        }
        if off(summary.max_ms, greatest, coarsest + bounded) {
            wrong.push(("max", summary.max_ms, greatest));
        }
        if let Some(said) = summary.mdev_ms {
            let spread = self.deviation() * nanoseconds;
            let rounding = mean_square.sqrt() + bounded;
            // iputils takes the mean in whole us before it squares it, so that its
            // variance is too large by up to twice the mean, in us.
            let bias = if dialect == "iputils" {
                (2.0 * mean + 0.002) * 1e-3
            } else {
                0.0
            };
            let most = ((spread + rounding).powi(2) + bias).sqrt() + own;
            // inetutils takes what is below the step of its root for 0.
            let vanished = dialect == "bsd" && said == 0.0 && spread * spread < 0.0005;
            if said > most || said < spread - rounding - own && !vanished {
                wrong.push(("deviation", said, spread));
            }
        }
        if wrong.is_empty() {
            return None;
        }
        let parts: Vec<String> = wrong
            .iter()
            .map(|(name, said, found)| format!("{name} {said} ms, the replies {found:.3} ms"))
            .collect();
        Some(format!("summary has {}", parts.join("; ")))
    }

    /// The standard deviation, in ns: exact but for the last division and root.
    fn deviation(&self) -> f64 {
        let count = u128::from(self.count);
        let variance = match (
            self.squares.checked_mul(count),
            self.sum.checked_mul(self.sum),
        ) {
            (Some(squares), Some(sum)) => {
                squares.saturating_sub(sum) as f64 / (count as f64 * count as f64)
            }
            _ => {
                let mean = self.sum as f64 / count as f64;
                self.squares as f64 / count as f64 - mean * mean
            }
        };
        variance.max(0.0).sqrt()
    }
}

/// Where a sequence number stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Next,
    Again,
    Late,
    /// The counter of 16 bits began anew.
    Wrapped,
}

/// The sequence numbers of late: the highest and which of the 64 up to it were there.
#[derive(Debug, Default)]
struct Order {
    highest: Option<u64>,
    seen: u64,
    wrapped: bool,
}

impl Order {
    /// A step back over most of the counter's range is its wrap.
    const HALF: u64 = 1 << 15;

    #[inline]
    fn note(&mut self, sequence: u64) -> Place {
        let Some(highest) = self.highest else {
            (self.highest, self.seen) = (Some(sequence), 1);
            return Place::Next;
        };
        if sequence > highest {
            let ahead = sequence - highest;
            if self.wrapped && ahead > Self::HALF {
                return Place::Late;
            }
            self.seen = if ahead < 64 {
                self.seen << ahead | 1
            } else {
                1
            };
            self.highest = Some(sequence);
            return Place::Next;
        }
        let behind = highest - sequence;
        if behind > Self::HALF {
            (self.highest, self.seen, self.wrapped) = (Some(sequence), 1, true);
            return Place::Wrapped;
        }
        let bit = if behind < 64 { 1 << behind } else { 0 };
        if self.seen & bit != 0 {
            return Place::Again;
        }
        self.seen |= bit;
        Place::Late
    }

    fn has(&self, sequence: u64) -> bool {
        let behind = self
            .highest
            .and_then(|highest| highest.checked_sub(sequence));
        behind.is_some_and(|behind| behind < 64 && self.seen >> behind & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_sequence_numbers() {
        let mut order = Order::default();
        let places = [65534, 65535, 0, 65533, 1, 3, 2, 2, 3, 200, 150, 4]
            .map(|sequence| order.note(sequence));
        use Place::{Again, Late, Next, Wrapped};
        assert_eq!(
            places,
            [
                Next, Next, Wrapped, Late, Next, Next, Late, Again, Again, Next, Late, Late
            ]
        );
    }
}
