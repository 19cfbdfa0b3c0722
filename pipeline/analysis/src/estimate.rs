//! One cell's estimate of one metric, with all that its reader must know.

use std::collections::BTreeSet;

use vnicbench_model::{Cell, Workload};
use vnicbench_stats::{Level, Outcome, StatsError, Warning, proportion, quantile};

use crate::error::AnalysisError;
use crate::result::{Counts, Metric, Source};
use crate::tally::States;
use crate::values::{CellKey, NodeRow, Samples, ValueRow, Values, key};

/// What to say of the boots of the guests: nothing where each block had one of its own.
pub(crate) struct Boots {
    /// Of cells whose guests were booted once.
    pub(crate) note: Warning,
    /// Those cells.
    pub(crate) cells: BTreeSet<CellKey>,
}

/// What every estimate of a campaign rests on.
pub(crate) struct Estimator<'a> {
    pub(crate) level: Level,
    boots: Boots,
    values: &'a Values,
    samples: &'a Samples,
    states: &'a States,
}

impl<'a> Estimator<'a> {
    pub(crate) fn new(
        level: Level,
        boots: Boots,
        values: &'a Values,
        samples: &'a Samples,
        states: &'a States,
    ) -> Self {
        Self {
            level,
            boots,
            values,
            samples,
            states,
        }
    }

    /// What the trials of a cell yielded, by block.
    pub(crate) fn values(&self, cell: &CellKey, metric: Metric) -> &'a [ValueRow] {
        self.values.of(cell, metric)
    }

    /// What each measured NIC of a cell yielded.
    pub(crate) fn of_nodes(&self, cell: &CellKey, metric: Metric) -> &'a [NodeRow] {
        self.values.of_nodes(cell, metric)
    }

    /// The cell's trials as one value: shares pooled, anything else the median.
    pub(crate) fn estimate(&self, cell: &Cell, metric: Metric) -> Result<Outcome, AnalysisError> {
        let key = key(cell);
        let rows = self.values(&key, metric);
        let values = rows.iter().map(|row| (row.value, row.share));
        let outcome = of_trials(metric, values, self.level);
        let outcome = outcome.map_err(failed(&metric.label().to_lowercase(), &key))?;
        let notes = self.notes(cell, &key, metric, rows);
        Ok(self.annotated(&key, outcome, notes))
    }

    /// The median of something made from a cell's trials, with its notes.
    pub(crate) fn median(
        &self,
        cell: &CellKey,
        quantity: &str,
        values: &[f64],
        notes: Vec<Warning>,
    ) -> Result<Outcome, AnalysisError> {
        let outcome = quantile::median(values, self.level).map_err(failed(quantity, cell))?;
        Ok(self.annotated(cell, outcome, notes))
    }

    /// Share of complete trials among those begun. Trials succeed or fail as a whole, and
    /// few cells have many: hence the interval that never covers less than its level.
    pub(crate) fn success(
        &self,
        cell: &CellKey,
        counts: &Counts,
    ) -> Result<Outcome, AnalysisError> {
        let begun = counts.complete + counts.failed + counts.interrupted;
        let outcome =
            proportion::clopper_pearson(u64::from(counts.complete), u64::from(begun), self.level);
        let outcome = outcome.map_err(failed("the success", cell))?;
        Ok(self.annotated(cell, outcome, Vec::new()))
    }

    /// Adds `notes` and what holds for every estimate of the cell.
    pub(crate) fn annotated(
        &self,
        cell: &CellKey,
        outcome: Outcome,
        mut notes: Vec<Warning>,
    ) -> Outcome {
        if self.boots.cells.contains(cell) {
            notes.push(self.boots.note.clone());
        }
        outcome.map(|estimate| estimate.with_warnings(notes))
    }

    fn notes(&self, cell: &Cell, key: &CellKey, metric: Metric, rows: &[ValueRow]) -> Vec<Warning> {
        let mut notes = Vec::new();
        let complete = self
            .states
            .get(key)
            .map_or(0, |counts| counts.complete as usize);
        if rows.len() < complete {
            let without = complete - rows.len();
            let text = format!("{without} of {complete} complete trials gave no value");
            notes.push(Warning::fact(text, "no-value", &[&without, &complete]));
        }
        if metric == Metric::RttMedian {
            let blocks: BTreeSet<u32> = rows.iter().map(|row| row.block).collect();
            let (censored, all) = self.samples.censored(key, &blocks);
            if censored > 0 {
                let text =
                    format!("{censored} of {all} round-trip times are known only as upper bounds");
                notes.push(Warning::fact(text, "upper-bounds", &[&censored, &all]));
            }
        }
        let of_client = |source: &Source| !source.log.contains("/iperf-server-");
        let by_client = |row: &ValueRow| row.sources.iter().any(of_client);
        if metric == Metric::Goodput
            && matches!(cell.workload, Workload::Iperf { .. })
            && rows.iter().any(by_client)
        {
            let text = "iperf's client counts what it handed to its socket, not what arrived";
            notes.push(Warning::fact(text.to_owned(), "iperf-client", &[]));
        }
        notes
    }
}

/// Values of independent trials, each with its events and attempts if it is a share, as one.
pub(crate) fn of_trials(
    metric: Metric,
    trials: impl Iterator<Item = (f64, Option<(u64, u64)>)>,
    level: Level,
) -> Result<Outcome, StatsError> {
    if metric.is_share() {
        let shares: Vec<(u64, u64)> = trials.filter_map(|(_, share)| share).collect();
        proportion::clustered(&shares, level)
    } else {
        let values: Vec<f64> = trials.map(|(value, _)| value).collect();
        quantile::median(&values, level)
    }
}

/// For `map_err` where a statistic is made.
pub(crate) fn failed<'a>(
    quantity: &'a str,
    cell: &'a CellKey,
) -> impl FnOnce(StatsError) -> AnalysisError + 'a {
    move |source| AnalysisError::Estimate {
        quantity: quantity.to_owned(),
        experiment: cell.0.clone(),
        cell: cell.1.clone(),
        source: Box::new(source),
    }
}
