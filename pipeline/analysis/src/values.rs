//! The tables `values` and `samples`, grouped by cell.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, GroupsIndicator, PolarsResult};
use vnicbench_model::Cell;

use crate::error::AnalysisError;
use crate::result::{Metric, Source};

/// A cell's experiment and id.
pub(crate) type CellKey = (String, String);

pub(crate) fn key(cell: &Cell) -> CellKey {
    (cell.experiment.clone(), cell.id())
}

/// A trial's row of the table `values`.
#[derive(Debug, Clone)]
pub(crate) struct ValueRow {
    pub(crate) block: u32,
    pub(crate) value: f64,
    /// Of a share: events and attempts.
    pub(crate) share: Option<(u64, u64)>,
    /// The logs that it comes from.
    pub(crate) sources: Vec<Source>,
}

/// A measured NIC's row of that table.
#[derive(Debug, Clone)]
pub(crate) struct NodeRow {
    pub(crate) node: String,
    pub(crate) block: u32,
    pub(crate) value: f64,
    source: Option<Source>,
}

type Key = (CellKey, String);

/// The values of each cell's metrics, by block.
pub(crate) struct Values {
    trials: BTreeMap<Key, Vec<ValueRow>>,
    nodes: BTreeMap<Key, Vec<NodeRow>>,
}

impl Values {
    pub(crate) fn from_table(table: &DataFrame) -> Result<Self, AnalysisError> {
        let mut values = read_values(table).map_err(AnalysisError::table("read", "values"))?;
        values.trace();
        Ok(values)
    }

    /// Of the trials.
    pub(crate) fn of(&self, cell: &CellKey, metric: Metric) -> &[ValueRow] {
        self.trials
            .get(&(cell.clone(), metric.name().to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// Of each measured NIC, where there are several, in the order in which they were started.
    pub(crate) fn of_nodes(&self, cell: &CellKey, metric: Metric) -> &[NodeRow] {
        self.nodes
            .get(&(cell.clone(), metric.name().to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// What was made from several logs comes from those of the NICs.
    fn trace(&mut self) {
        for ((cell, metric), rows) in &mut self.trials {
            let made_from = match metric.as_str() {
                of if of == Metric::Fairness.name() => Metric::Goodput.name(),
                of => of,
            };
            let Some(parts) = self.nodes.get(&(cell.clone(), made_from.to_owned())) else {
                continue;
            };
            for row in rows.iter_mut().filter(|row| row.sources.is_empty()) {
                let parts = parts.iter().filter(|part| part.block == row.block);
                row.sources = parts.filter_map(|part| part.source.clone()).collect();
            }
        }
    }
}

fn read_values(table: &DataFrame) -> PolarsResult<Values> {
    let (experiments, cells, metrics) = (
        table.column("experiment")?.str()?,
        table.column("cell")?.str()?,
        table.column("metric")?.str()?,
    );
    let nodes = table.column("node")?.str()?;
    let (blocks, values) = (table.column("block")?.u32()?, table.column("value")?.f64()?);
    let (events, attempts) = (
        table.column("events")?.u64()?,
        table.column("attempts")?.u64()?,
    );
    let logs = table.column("log")?.str()?;
    let (first, last) = (
        table.column("first_line")?.u64()?,
        table.column("last_line")?.u64()?,
    );
    let source = |at: usize| {
        Some(Source {
            log: logs.get(at)?.to_owned(),
            lines: (first.get(at)?, last.get(at)?),
        })
    };
    let trial = |at: usize| {
        Some(ValueRow {
            block: blocks.get(at)?,
            value: values.get(at)?,
            share: events.get(at).zip(attempts.get(at)),
            sources: source(at).into_iter().collect(),
        })
    };
    let node = |at: usize| {
        Some(NodeRow {
            node: nodes.get(at)?.to_owned(),
            block: blocks.get(at)?,
            value: values.get(at)?,
            source: source(at),
        })
    };
    let mut read = Values {
        trials: BTreeMap::new(),
        nodes: BTreeMap::new(),
    };
    for group in groups(table, &["experiment", "cell", "metric"])? {
        let Some(key) = group.first().and_then(|&at| {
            Some((
                (experiments.get(at)?.to_owned(), cells.get(at)?.to_owned()),
                metrics.get(at)?.to_owned(),
            ))
        }) else {
            continue;
        };
        let (of_nodes, of_trials): (Vec<usize>, Vec<usize>) =
            group.into_iter().partition(|&at| nodes.get(at).is_some());
        let mut rows: Vec<ValueRow> = of_trials.into_iter().filter_map(trial).collect();
        rows.sort_by_key(|row| row.block);
        let mut parts: Vec<NodeRow> = of_nodes.into_iter().filter_map(node).collect();
        parts.sort_by_key(|row| row.block);
        read.trials.insert(key.clone(), rows);
        if !parts.is_empty() {
            read.nodes.insert(key, parts);
        }
    }
    Ok(read)
}

/// The round-trip times of each cell, in the order of plan and log.
pub(crate) struct Samples {
    cells: BTreeMap<CellKey, Vec<RttRow>>,
}

/// A row of the table `samples`.
#[derive(Clone, Copy)]
struct RttRow {
    block: u32,
    rtt_ms: f64,
    censored: bool,
}

impl Samples {
    pub(crate) fn from_table(table: &DataFrame) -> Result<Self, AnalysisError> {
        rtt_rows(table)
            .map(|cells| Self { cells })
            .map_err(AnalysisError::table("read", "samples"))
    }

    /// The cell's RTTs in ms by block, in the order of the log.
    pub(crate) fn by_block(&self, cell: &CellKey) -> BTreeMap<u32, Vec<f64>> {
        let mut blocks: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for row in self.cells.get(cell).map_or(&[][..], Vec::as_slice) {
            blocks.entry(row.block).or_default().push(row.rtt_ms);
        }
        blocks
    }

    /// How many RTTs of those blocks are only upper bounds, and how many there are.
    pub(crate) fn censored(&self, cell: &CellKey, blocks: &BTreeSet<u32>) -> (usize, usize) {
        let censored = self.rows(cell, blocks).filter(|row| row.censored).count();
        (censored, self.rows(cell, blocks).count())
    }

    fn rows(&self, cell: &CellKey, blocks: &BTreeSet<u32>) -> impl Iterator<Item = &RttRow> {
        let rows = self.cells.get(cell).map_or(&[][..], Vec::as_slice);
        rows.iter().filter(|row| blocks.contains(&row.block))
    }
}

fn rtt_rows(table: &DataFrame) -> PolarsResult<BTreeMap<CellKey, Vec<RttRow>>> {
    let (experiments, cells) = (
        table.column("experiment")?.str()?,
        table.column("cell")?.str()?,
    );
    let (blocks, rtts) = (
        table.column("block")?.u32()?,
        table.column("rtt_ms")?.f64()?,
    );
    let censored = table.column("censored")?.bool()?;
    let row = |at: usize| {
        Some(RttRow {
            block: blocks.get(at)?,
            rtt_ms: rtts.get(at)?,
            censored: censored.get(at)?,
        })
    };
    let mut grouped = BTreeMap::new();
    for group in groups(table, &["experiment", "cell"])? {
        let key = group
            .first()
            .and_then(|&at| Some((experiments.get(at)?.to_owned(), cells.get(at)?.to_owned())));
        if let Some(key) = key {
            grouped.insert(key, group.into_iter().filter_map(row).collect());
        }
    }
    Ok(grouped)
}

/// The row numbers of each group with equal values in the columns `by`, ascending within
/// a group, groups by their first row.
pub(crate) fn groups(table: &DataFrame, by: &[&str]) -> PolarsResult<Vec<Vec<usize>>> {
    if table.height() == 0 {
        return Ok(Vec::new());
    }
    let grouped = table.group_by_stable(by.iter().copied())?;
    let mut groups: Vec<Vec<usize>> = grouped
        .get_groups()
        .iter()
        .map(|group| match group {
            GroupsIndicator::Idx((_, rows)) => rows.iter().map(|&row| row as usize).collect(),
            GroupsIndicator::Slice([first, length]) => {
                (first..first + length).map(|row| row as usize).collect()
            }
        })
        .collect();
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort_unstable_by_key(|group| group.first().copied());
    Ok(groups)
}
