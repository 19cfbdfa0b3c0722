//! The plan: every trial of a campaign, in the order in which they are to run.

use serde::{Deserialize, Serialize};

use crate::cell::Cell;
use crate::matrix::{BootPolicy, Matrix};
use crate::roster::{Member, Roster};

/// A trial that is to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTrial {
    /// Place in the order, from 0.
    pub sequence: u32,
    /// Randomised pass over the cells, from 0; the pairing key of comparisons.
    pub block: u32,
    /// Which boot of the guests it runs in, from 0; where it needs none, the latest.
    pub boot: u32,
    /// What is run.
    pub cell: Cell,
}

impl PlannedTrial {
    /// Where its directory is, below the campaign: `trials/<experiment>/<cell>/<nnn>`.
    pub fn directory(&self) -> String {
        format!(
            "trials/{}/{}/{:03}",
            self.cell.experiment,
            self.cell.id(),
            self.block
        )
    }
}

/// All trials in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The trials, by sequence.
    pub trials: Vec<PlannedTrial>,
    boots: u32,
}

impl Plan {
    /// Complete blocks, each a random permutation of all cells by the matrix's seed.
    ///
    /// The permutation of a block depends on seed and block alone, so that adding blocks
    /// to a matrix leaves the earlier ones as they were. Where some cells share guests that
    /// stay up and others boot their own for each trial, a block's permutation keeps the two
    /// kinds apart, in turns (AB BA AB ...), or each trial of the second would cost a boot of
    /// all guests of the first; cells of one experiment are always of one kind, but for the
    /// tuned ones.
    pub fn new(matrix: &Matrix) -> Self {
        let roster = Roster::new(matrix);
        let cells = &roster.cells;
        let policies: Vec<BootPolicy> =
            cells.iter().map(|(cell, _)| matrix.boot_of(cell)).collect();
        let own_boot = |index: &usize| policies[*index] == BootPolicy::PerTrial;
        let mut trials: Vec<PlannedTrial> = Vec::new();
        let mut boots = Boots::default();
        for block in 0..matrix.blocks {
            let mut order: Vec<usize> = (0..cells.len()).collect();
            shuffle(&mut order, matrix.seed, block);
            let (own, kept): (Vec<usize>, Vec<usize>) = order.into_iter().partition(own_boot);
            let order = if block.is_multiple_of(2) {
                [kept, own]
            } else {
                [own, kept]
            };
            for index in order.concat() {
                let (cell, members) = &cells[index];
                let policy = policies[index];
                let has_guests = match policy {
                    BootPolicy::PerTrial => members.iter().any(Member::is_guest),
                    _ => !roster.kept.is_empty(),
                };
                trials.push(PlannedTrial {
                    sequence: trials.len() as u32,
                    block,
                    boot: boots.next(policy, block, has_guests),
                    cell: cell.clone(),
                });
            }
        }
        Self {
            trials,
            boots: boots.count,
        }
    }

    /// How many times guests are booted, one or several at once.
    pub fn boots(&self) -> u32 {
        self.boots
    }
}

/// Counts the boots of a plan.
#[derive(Default)]
struct Boots {
    count: u32,
    /// The block in which the guests that are kept were booted, while they are up.
    kept: Option<u32>,
}

impl Boots {
    /// The boot that the next trial runs in, from 0.
    fn next(&mut self, policy: BootPolicy, block: u32, has_guests: bool) -> u32 {
        let goes_on = match policy {
            BootPolicy::PerTrial => false,
            BootPolicy::PerBlock => self.kept == Some(block),
            BootPolicy::PerCampaign => self.kept.is_some(),
        };
        if !goes_on {
            // Trials with guests of their own end those that were kept.
            self.kept = (policy != BootPolicy::PerTrial).then_some(block);
            self.count += u32::from(has_guests);
        }
        self.count.saturating_sub(1)
    }
}

/// Fisher-Yates by SplitMix64 (Steele, Lea & Flood 2014), the whole state of which is one
/// word: a published order can be remade from the seed by anyone in a few lines.
fn shuffle(order: &mut [usize], seed: u64, block: u32) {
    let mut state = seed ^ u64::from(block).wrapping_mul(0xd134_2543_de82_ef95);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for i in (1..order.len()).rev() {
        // The high half of a 128-bit product: unbiased to 2^-64 times the number of cells.
        let j = ((u128::from(next()) * (i as u128 + 1)) >> 64) as usize;
        order.swap(i, j);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn smoke(replace: (&str, &str)) -> Matrix {
        let text = include_str!("../../matrices/smoke.toml").replace(replace.0, replace.1);
        Matrix::parse(&text, Path::new("smoke.toml")).unwrap()
    }

    #[test]
    fn each_block_has_every_cell_once_in_an_order_of_its_own() {
        let matrix = smoke(("", ""));
        let cells = matrix.cells().len();
        let plan = Plan::new(&matrix);
        assert_eq!(plan.trials.len(), cells * 8);
        let orders: BTreeSet<Vec<String>> = plan
            .trials
            .chunks(cells)
            .map(|block| {
                let order: Vec<String> = block.iter().map(PlannedTrial::directory).collect();
                assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), cells);
                order
                    .iter()
                    .map(|directory| directory[..directory.len() - 3].to_owned())
                    .collect()
            })
            .collect();
        assert_eq!(orders.len(), 8, "two blocks have the same order");
    }

    #[test]
    fn the_order_is_that_of_the_seed() {
        let plan = Plan::new(&smoke(("", "")));
        assert_eq!(plan, Plan::new(&smoke(("", ""))));
        assert_ne!(plan, Plan::new(&smoke(("seed = 20240213", "seed = 1"))));
        let shorter = Plan::new(&smoke(("blocks = 8", "blocks = 2")));
        assert_eq!(
            plan.trials[..shorter.trials.len()],
            shorter.trials,
            "more blocks change the earlier ones"
        );
        // Published orders must be remade by every later version.
        assert_eq!(
            plan.trials[0].directory(),
            FIRST,
            "the order of a seed has changed"
        );
    }

    const FIRST: &str = "trials/throughput-iperf/vhost-vm-iperf-tcp-rx-p1/000";

    #[test]
    fn boots_follow_the_policy() {
        assert_eq!(Plan::new(&smoke(("", ""))).boots(), 1);
        assert_eq!(Plan::new(&smoke(("per-campaign", "per-block"))).boots(), 8);
    }

    #[test]
    fn cells_have_readable_ids_that_are_safe_directory_names() {
        for cell in smoke(("", "")).cells() {
            let id = cell.id();
            assert!(
                id.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'),
                "{id}"
            );
        }
        let ids: Vec<String> = smoke(("", "")).cells().iter().map(Cell::id).collect();
        assert_eq!(ids[0], "native-host-ping-56B-20ms");
        assert!(ids.contains(&"sriov-vm-ping-56B-20ms-cpu-neighbour".to_owned()));
        assert!(ids.contains(&"veth-container-iperf3-udp-rx-p1-10Mbps".to_owned()));
    }

    #[test]
    fn a_matrix_survives_being_written() {
        let matrix = smoke(("", ""));
        assert_eq!(
            Matrix::parse(&matrix.to_toml(), Path::new("again.toml")).unwrap(),
            matrix
        );
    }
}
