//! What the trials yielded, grouped by cell.

use std::collections::{BTreeMap, BTreeSet};

use vnicbench_model::Cell;

use crate::measurement::Value;
use crate::result::{Metric, Source};
use crate::trials::TrialEntry;

/// A cell's experiment and id.
pub(crate) type CellKey = (String, String);

pub(crate) fn key(cell: &Cell) -> CellKey {
    (cell.experiment.clone(), cell.id())
}

/// What a trial yielded.
#[derive(Debug, Clone)]
pub(crate) struct ValueRow {
    pub(crate) block: u32,
    pub(crate) value: f64,
    /// Of a share: events and attempts.
    pub(crate) share: Option<(u64, u64)>,
    /// The logs that it comes from.
    pub(crate) sources: Vec<Source>,
}

/// What a measured NIC yielded.
#[derive(Debug, Clone)]
pub(crate) struct NodeRow {
    pub(crate) node: String,
    pub(crate) block: u32,
    pub(crate) value: f64,
    source: Option<Source>,
}

type Key = (CellKey, Metric);

/// The values of each cell's metrics, by block.
pub(crate) struct Values {
    trials: BTreeMap<Key, Vec<ValueRow>>,
    nodes: BTreeMap<Key, Vec<NodeRow>>,
}

impl Values {
    /// Of all trials.
    pub(crate) fn of_trials(entries: &[TrialEntry]) -> Self {
        let mut values = Self {
            trials: BTreeMap::new(),
            nodes: BTreeMap::new(),
        };
        for entry in entries {
            let cell = key(&entry.dir.planned.cell);
            let block = entry.dir.planned.block;
            let measurement = &entry.measurement;
            for Value {
                metric,
                value,
                share,
                source,
            } in &measurement.values
            {
                let rows = values.trials.entry((cell.clone(), *metric)).or_default();
                rows.push(ValueRow {
                    block,
                    value: *value,
                    share: *share,
                    sources: source.iter().cloned().collect(),
                });
            }
            // The values of an only NIC are those of its trial.
            for path in measurement
                .paths
                .iter()
                .filter(|_| measurement.paths.len() > 1)
            {
                for value in &path.values {
                    let key = (cell.clone(), value.metric);
                    values.nodes.entry(key).or_default().push(NodeRow {
                        node: path.node.clone(),
                        block,
                        value: value.value,
                        source: value.source.clone(),
                    });
                }
            }
        }
        values
            .trials
            .values_mut()
            .for_each(|rows| rows.sort_by_key(|row| row.block));
        values
            .nodes
            .values_mut()
            .for_each(|rows| rows.sort_by_key(|row| row.block));
        values.trace();
        values
    }

    /// Of the trials.
    pub(crate) fn of(&self, cell: &CellKey, metric: Metric) -> &[ValueRow] {
        self.trials
            .get(&(cell.clone(), metric))
            .map_or(&[], Vec::as_slice)
    }

    /// Of each measured NIC, where there are several, in the order in which they were started.
    pub(crate) fn of_nodes(&self, cell: &CellKey, metric: Metric) -> &[NodeRow] {
        self.nodes
            .get(&(cell.clone(), metric))
            .map_or(&[], Vec::as_slice)
    }

    /// What was made from several logs comes from those of the NICs.
    fn trace(&mut self) {
        for ((cell, metric), rows) in &mut self.trials {
            let made_from = match metric {
                Metric::Fairness => Metric::Goodput,
                of => *of,
            };
            let Some(parts) = self.nodes.get(&(cell.clone(), made_from)) else {
                continue;
            };
            for row in rows.iter_mut().filter(|row| row.sources.is_empty()) {
                let parts = parts.iter().filter(|part| part.block == row.block);
                row.sources = parts.filter_map(|part| part.source.clone()).collect();
            }
        }
    }
}

/// The round-trip times of each cell.
#[derive(Default)]
pub(crate) struct Samples {
    cells: BTreeMap<CellKey, BTreeMap<u32, Replies>>,
}

/// Of a trial, of all its measured NICs, in the order of plan and log.
#[derive(Default)]
struct Replies {
    rtt_ms: Vec<f64>,
    /// How many of them are only upper bounds.
    censored: usize,
}

impl Samples {
    /// Takes them out of all trials.
    pub(crate) fn take(entries: &mut [TrialEntry]) -> Self {
        let mut samples = Self::default();
        for entry in entries {
            let planned = &entry.dir.planned;
            for path in &mut entry.measurement.paths {
                let mut of_nic = std::mem::take(&mut path.samples);
                if of_nic.rtt_ms.is_empty() {
                    continue;
                }
                let cell = samples.cells.entry(key(&planned.cell)).or_default();
                let of_trial = cell.entry(planned.block).or_default();
                of_trial.censored += of_nic.censored.len();
                of_trial.rtt_ms.append(&mut of_nic.rtt_ms);
            }
        }
        samples
    }

    /// The cell's RTTs in ms by block, in the order of the log; they are no longer here then.
    pub(crate) fn remove(&mut self, cell: &CellKey) -> BTreeMap<u32, Vec<f64>> {
        let blocks = self.cells.remove(cell).unwrap_or_default();
        let rtts = |(block, replies): (u32, Replies)| (block, replies.rtt_ms);
        blocks.into_iter().map(rtts).collect()
    }

    /// How many RTTs of those blocks are only upper bounds, and how many there are.
    pub(crate) fn censored(&self, cell: &CellKey, blocks: &BTreeSet<u32>) -> (usize, usize) {
        let all = self.cells.get(cell).into_iter().flatten();
        all.filter(|(block, _)| blocks.contains(block)).fold(
            (0, 0),
            |(censored, all), (_, replies)| {
                (censored + replies.censored, all + replies.rtt_ms.len())
            },
        )
    }
}
