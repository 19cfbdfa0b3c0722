//! The table as CSV, which is read back to renew rows, and as Markdown.

use std::fmt::Write;

use crate::method::{METHODS, REPLICATES, REPLICATES_OF_AUTO};
use crate::population::POPULATIONS;

/// Coverage that a 95 % interval should have.
const BAND: std::ops::RangeInclusive<f64> = 0.93..=0.97;

const HEAD: &str = "method,population,n,campaigns,given,covered,below,above,mean_width";

/// One method on one population at one n.
#[derive(Clone)]
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
pub fn merge(known: &str, anew: &[Row]) -> Vec<Row> {
    let mut rows = anew.to_vec();
    let old = known.lines().skip(1).filter_map(Row::parse);
    rows.extend(old.filter(|row| !anew.iter().any(|new| new.method == row.method)));
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
    let mut text = format!(
        "# Coverage of 95 % intervals\n\n\
         Made by `cargo run --release -p vnicbench-stats --example coverage`; the figures\n\
         behind the tables are in [coverage.csv](coverage.csv). A cell is the share of simulated\n\
         campaigns whose interval contains the true value, in percent, and the mean width of the\n\
         interval. **Bold**: outside 93 to 97 %. `-`: the method refuses this n, or these values.\n\
         *(12 %)*: it refused in all but 12 % of the campaigns (or found no bound for a ratio).\n\
         The standard error of a coverage of 95 % is 0.2 % in 10,000 campaigns; the headings say\n\
         how many there were.\n\n\
         `auto` draws {REPLICATES_OF_AUTO} resamples, the bootstraps {REPLICATES}. The rules of `auto`\n\
         were made on other seeds than these, and without the populations called fresh, except\n\
         that the gate of the mean was raised when those with outliers were added.\n\n\
         Truths: means and quantiles exactly, from closed forms; geometric, harmonic and trimmed\n\
         means, Cliff's delta and the share lost from 20,000 quantiles; Jain's index and the\n\
         rank-biserial correlation from two million draws. That of a rounded population is that\n\
         of the quantity before it was rounded. Ratios are of a population and its double (2);\n\
         differences of a population and itself moved by its deviation, in deviations (1), and so\n\
         are effect sizes (`far`: moved by two); pairs are multiplied by a lognormal factor of\n\
         the block. A proportion is that of values above the 90 % quantile; events come, and\n\
         packets are lost, in proportion to a trial's value. A trial of levels has four packets\n\
         which differ as trials do; a block of slopes has points at 1, 2, 4 and 8.\n\n\
         Populations:\n\n"
    );
    for population in &POPULATIONS {
        let fresh = if population.fresh { "; fresh" } else { "" };
        let _ = writeln!(text, "- {}: {}{fresh}", population.name, population.is);
    }
    text.push_str("\n## Outside 93 to 97 %\n\n");
    text.push_str(
        "Independent values, rounded finely if at all; for the others see the tables.\n\n",
    );
    text.push_str("| method | least | at | most | at | outside |\n|---|---|---|---|---|---|\n");
    for method in METHODS {
        if let Some(line) = summary(method.name, rows) {
            let _ = writeln!(text, "{line}");
        }
    }
    for method in METHODS {
        let of_method: Vec<&Row> = rows
            .iter()
            .filter(|row| row.method == method.name)
            .collect();
        let Some(first) = of_method.first() else {
            continue;
        };
        let mut sizes: Vec<usize> = of_method.iter().map(|row| row.n).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let _ = writeln!(
            text,
            "\n## {} ({} campaigns)\n",
            method.name, first.campaigns
        );
        let heads: Vec<String> = sizes.iter().map(|n| format!("n = {n}")).collect();
        let rule = "---|".repeat(sizes.len());
        let _ = writeln!(text, "| | {} |\n|---|{rule}", heads.join(" | "));
        for population in &POPULATIONS {
            let of_population = of_method
                .iter()
                .filter(|row| row.population == population.name);
            let of_population: Vec<&&Row> = of_population.collect();
            if of_population.is_empty() {
                continue;
            }
            let cells = sizes.iter().map(|n| {
                let row = of_population.iter().find(|row| row.n == *n);
                row.map_or_else(String::new, |row| cell(row))
            });
            let cells: Vec<String> = cells.collect();
            let _ = writeln!(text, "| {} | {} |", population.name, cells.join(" | "));
        }
    }
    text
}

/// Least and greatest coverage of a method for independent values, and in how many cells it
/// is out of the band.
fn summary(method: &str, rows: &[Row]) -> Option<String> {
    let plain = |name: &str| {
        POPULATIONS.iter().any(|population| {
            population.name == name && !population.dependent && population.name != "coarse"
        })
    };
    let mut rows: Vec<&Row> = rows
        .iter()
        .filter(|row| row.method == method && row.given > 0 && plain(&row.population))
        .collect();
    rows.sort_by(|a, b| a.coverage().total_cmp(&b.coverage()));
    let (least, most) = (rows.first()?, rows.last()?);
    let outside = rows
        .iter()
        .filter(|row| !BAND.contains(&row.coverage()))
        .count();
    let end = |row: &Row| {
        let covered = 100.0 * row.coverage();
        format!("{covered:.1} | {}, n = {}", row.population, row.n)
    };
    let (least, most) = (end(least), end(most));
    Some(format!(
        "| {method} | {least} | {most} | {outside} of {} |",
        rows.len()
    ))
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
