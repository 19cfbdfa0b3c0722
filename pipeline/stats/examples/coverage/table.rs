//! The table as CSV, which is read back to renew rows, and as Markdown.

use std::fmt::Write;

use crate::SIZES;
use crate::method::METHODS;
use crate::population::POPULATIONS;

/// Coverage that a 95 % interval should have.
const BAND: std::ops::RangeInclusive<f64> = 0.93..=0.97;

const HEAD: &str = "method,population,n,campaigns,given,covered,below,above,mean_width";

/// One method on one population at one n.
pub struct Row {
    pub method: String,
    pub population: String,
    pub n: usize,
    pub campaigns: usize,
    /// Campaigns in which there was an interval.
    pub given: usize,
    /// Intervals with the truth in them.
    pub covered: usize,
    /// Intervals with the truth below them.
    pub below: usize,
    /// Intervals with the truth above them.
    pub above: usize,
    /// Mean width of the intervals; NaN for none.
    pub mean_width: f64,
}

impl Row {
    fn coverage(&self) -> f64 {
        self.covered as f64 / self.given as f64
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let (method, population) = (fields.next()?.to_owned(), fields.next()?.to_owned());
        let mut count = || fields.next()?.parse().ok();
        Some(Self {
            method,
            population,
            n: count()?,
            campaigns: count()?,
            given: count()?,
            covered: count()?,
            below: count()?,
            above: count()?,
            mean_width: fields.next()?.parse().unwrap_or(f64::NAN),
        })
    }
}

/// The rows as CSV.
pub fn csv(rows: &[Row]) -> String {
    let mut text = format!("{HEAD}\n");
    for row in rows {
        let width = if row.given == 0 {
            String::new()
        } else {
            format!("{:.6}", row.mean_width)
        };
        let counts = [
            row.n,
            row.campaigns,
            row.given,
            row.covered,
            row.below,
            row.above,
        ]
        .map(|count| count.to_string())
        .join(",");
        let _ = writeln!(text, "{},{},{counts},{width}", row.method, row.population);
    }
    text
}

/// The rows of a CSV with those made anew in the place of the old, in the order of the
/// methods; methods that are no more are left out.
pub fn merge(known: &str, mut rows: Vec<Row>) -> Vec<Row> {
    let anew: Vec<String> = rows.iter().map(|row| row.method.clone()).collect();
    let old = known.lines().skip(1).filter_map(Row::parse);
    rows.extend(old.filter(|row| !anew.contains(&row.method)));
    let place = |row: &Row| {
        Some((
            METHODS
                .iter()
                .position(|method| method.name == row.method)?,
            POPULATIONS
                .iter()
                .position(|population| population.name == row.population)?,
            row.n,
        ))
    };
    rows.retain(|row| place(row).is_some());
    rows.sort_by_key(place);
    rows
}

/// The rows as a page of Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "# Coverage of 95 % intervals\n\n\
         Made by `cargo run --release -p vnicbench-stats --example coverage`; the figures\n\
         behind the table are in [coverage.csv](coverage.csv). A cell is the share of simulated\n\
         campaigns whose interval contains the true value, in percent, and the mean width of the\n\
         interval. **Bold**: outside 93 to 97 %. `-`: the method refuses this n. *(12 %)*: it\n\
         refused in all but 12 % of the campaigns.\n\n\
         True values are exact: means in closed form, quantiles from closed distribution\n\
         functions. Populations:\n\n",
    );
    for population in &POPULATIONS {
        let _ = writeln!(text, "- {}: {}", population.name, population.is);
    }
    text.push_str(
        "\nThe truth of a rounded population is that of the quantity before it was rounded. Ratios\n\
         are of a population and its double (2), differences of a population and itself moved\n\
         by 1, pairs are multiplied by a lognormal factor of the block. Bootstraps draw 999\n\
         resamples. The standard error of a coverage of 95 % is 0.2 % in\n\
         10,000 campaigns, 0.7 % in 1,000 and 1 % in 500: where a heading says that few, a cell\n\
         can be in or out of the band by chance. The gates of `auto` were chosen by looking at\n\
         simulations with these seeds; it has not been tried on others.\n",
    );
    for method in METHODS {
        let of_method: Vec<&Row> = rows
            .iter()
            .filter(|row| row.method == method.name)
            .collect();
        let Some(first) = of_method.first() else {
            continue;
        };
        let _ = writeln!(
            text,
            "\n## {} ({} campaigns)\n",
            method.name, first.campaigns
        );
        let heads = SIZES.map(|n| format!("n = {n}")).join(" | ");
        let _ = writeln!(text, "| | {heads} |\n|---|{}", "---|".repeat(SIZES.len()));
        for population in &POPULATIONS {
            let cells = SIZES.map(|n| {
                let row = of_method
                    .iter()
                    .find(|row| row.n == n && row.population == population.name);
                row.map_or_else(String::new, |row| cell(row))
            });
            let _ = writeln!(text, "| {} | {} |", population.name, cells.join(" | "));
        }
    }
    text
}

fn cell(row: &Row) -> String {
    if row.given == 0 {
        return "-".to_owned();
    }
    let covered = format!("{:.1}", 100.0 * row.coverage());
    let covered = if BAND.contains(&row.coverage()) {
        covered
    } else {
        format!("**{covered}**")
    };
    let share = row.given as f64 / row.campaigns as f64;
    let part = if row.given == row.campaigns {
        String::new()
    } else {
        format!(" *({:.3} %)*", 100.0 * share)
    };
    format!("{covered}{part}; {}", significant(row.mean_width))
}

/// Three significant digits.
fn significant(value: f64) -> String {
    let digits = if value > 0.0 {
        (2.0 - value.log10().floor()).clamp(0.0, 9.0) as usize
    } else {
        0
    };
    format!("{value:.digits$}")
}
