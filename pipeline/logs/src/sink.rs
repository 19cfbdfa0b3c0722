//! Records on their way out of a log.

use crate::{counters, ping, throughput};

/// Records that a run holds back before it offers them to a [`Sink`].
pub(crate) const CHUNK: usize = 1 << 16;

/// Takes records away while a log is read, so that memory doesn't grow with the log.
///
/// A run offers what it has when it has gathered some ten thousand records, and again when it
/// ends. What is taken (by [`std::mem::take`] or `drain` of the run's lists) is gone from
/// the [`Document`](crate::Document); what is left stays there. `run` counts from 0 in the
/// order of the document's runs.
pub trait Sink {
    /// Replies, with all that is known of their run so far.
    fn ping(&mut self, _run: usize, _so_far: &mut ping::Run) {}

    /// Intervals, with all that is known of their run so far.
    fn throughput(&mut self, _run: usize, _so_far: &mut throughput::Run) {}

    /// Samples of counters, with all that is known of their run so far.
    fn counters(&mut self, _run: usize, _so_far: &mut counters::Run) {}
}

/// Takes nothing: everything stays in the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keep;

impl Sink for Keep {}
