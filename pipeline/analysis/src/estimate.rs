//! One cell's estimate of one metric, with all that its reader must know.

use std::collections::BTreeSet;

use vnicbench_model::{Cell, Workload};
use vnicbench_stats::{Level, Outcome, Warning, proportion, quantile};

use crate::error::AnalysisError;
use crate::result::{Counts, Metric};
use crate::tally::States;
use crate::values::{CellKey, Samples, ValueRow, Values, key};

/// What every estimate of a campaign rests on.
pub(crate) struct Estimator<'a> {
    pub(crate) level: Level,
    /// What to say of the boots of the guests; nothing if each block had one of its own.
    boots: Option<String>,
    values: &'a Values,
    samples: &'a Samples,
    states: &'a States,
}

impl<'a> Estimator<'a> {
    pub(crate) fn new(
        level: Level,
        boots: Option<String>,
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

    /// The cell's trials as one value: shares pooled, anything else the median.
    pub(crate) fn estimate(&self, cell: &Cell, metric: Metric) -> Result<Outcome, AnalysisError> {
        let key = key(cell);
        let rows = self.values(&key, metric);
        let outcome = if metric.is_share() {
            let shares: Vec<(u64, u64)> = rows.iter().filter_map(|row| row.share).collect();
            proportion::clustered(&shares, self.level)
        } else {
            let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
            quantile::median(&values, self.level)
        };
        let outcome = outcome.map_err(|source| AnalysisError::Estimate {
            quantity: metric.label().to_lowercase(),
            experiment: key.0.clone(),
            cell: key.1.clone(),
            source,
        })?;
        let notes = self.notes(cell, &key, metric, rows);
        Ok(self.annotated(outcome, notes))
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
        let outcome = outcome.map_err(|source| AnalysisError::Estimate {
            quantity: "the success".to_owned(),
            experiment: cell.0.clone(),
            cell: cell.1.clone(),
            source,
        })?;
        Ok(self.annotated(outcome, Vec::new()))
    }

    /// Adds `notes` and what holds for every estimate of the campaign.
    pub(crate) fn annotated(&self, outcome: Outcome, mut notes: Vec<String>) -> Outcome {
        notes.extend(self.boots.clone());
        outcome.map(|estimate| {
            estimate.with_warnings(notes.into_iter().map(|text| Warning::Note { text }))
        })
    }

    fn notes(&self, cell: &Cell, key: &CellKey, metric: Metric, rows: &[ValueRow]) -> Vec<String> {
        let mut notes = Vec::new();
        let complete = self
            .states
            .get(key)
            .map_or(0, |counts| counts.complete as usize);
        if rows.len() < complete {
            notes.push(format!(
                "{} of {complete} complete trials gave no value",
                complete - rows.len()
            ));
        }
        if metric == Metric::RttMedian {
            let blocks: BTreeSet<u32> = rows.iter().map(|row| row.block).collect();
            let (censored, all) = self.samples.censored(key, &blocks);
            if censored > 0 {
                notes.push(format!(
                    "{censored} of {all} round-trip times are known only as upper bounds"
                ));
            }
        }
        let by_client = |row: &ValueRow| !row.log.contains("/iperf-server-");
        if metric == Metric::Goodput
            && matches!(cell.workload, Workload::Iperf { .. })
            && rows.iter().any(by_client)
        {
            notes.push(
                "iperf's client counts what it handed to its socket, not what arrived".to_owned(),
            );
        }
        notes
    }
}
