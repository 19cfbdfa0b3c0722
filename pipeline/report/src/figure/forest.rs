//! Ratios to the baseline with their intervals, under one another.

use vnicbench_analysis::{Comparison, THRESHOLD};
use vnicbench_stats::Outcome;

use super::axis::Axis;
use super::canvas::{self, Align, BAND, Canvas, Drawn, FAINT, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, look};
use crate::number::{self, Scale};
use crate::terms;
use crate::words::{Words, say};

const ROW: f64 = 18.0;
const TOP: f64 = 4.0;
const BELOW: f64 = 44.0;

/// The ratios of one panel under a heading.
pub struct Group<'a> {
    /// Quantity, workload and which way is better.
    pub heading: String,
    /// Its comparisons.
    pub comparisons: Vec<&'a Comparison>,
}

/// Draws the groups.
pub fn draw(id: &str, groups: &[Group<'_>], words: &Words) -> Result<Figure, FigureError> {
    let title = say!(words, "forest-title");
    let described: Vec<_> = groups
        .iter()
        .flat_map(|group| group.comparisons.iter().map(move |c| (group, c)))
        .map(|(group, c)| {
            format!(
                "{}, {}: {}",
                label(c, words),
                group.heading,
                number::outcome(words, &c.ratio, Scale::PLAIN)
            )
        })
        .collect();
    let alt = say!(
        words,
        "figure-alt",
        title = title,
        values = described.join("; ")
    );
    let lines = groups
        .iter()
        .map(|group| group.comparisons.len() + 1)
        .sum::<usize>();
    let height = TOP + ROW * lines as f64 + BELOW;
    canvas::figure(words, id, title, alt, height, |canvas| {
        rows(canvas, groups, lines, words)
    })
}

fn label(comparison: &Comparison, words: &Words) -> String {
    terms::arm_in(words, comparison.arm, &comparison.setting)
}

fn rows(canvas: &Canvas, groups: &[Group<'_>], lines: usize, words: &Words) -> Drawn {
    let all = || {
        groups
            .iter()
            .flat_map(|group| group.comparisons.iter().copied())
    };
    let labels: Vec<_> = all().map(|c| label(c, words)).collect();
    let values: Vec<_> = all()
        .map(|c| number::outcome(words, &c.ratio, Scale::PLAIN))
        .collect();
    let left = canvas::widest(labels.iter().map(String::as_str), TEXT) + 42.0;
    let right = WIDTH - canvas::widest(values.iter().map(String::as_str), SMALL) - 18.0;
    let plot = (left.min(WIDTH * 0.45), right.max(WIDTH * 0.55));
    let ends = all().filter_map(|c| c.ratio.estimate()).flat_map(|e| {
        let interval = e.interval();
        [interval.low(), e.value(), interval.high()]
    });
    let axis = Axis::ratios(ends, plot);
    let bottom = TOP + ROW * lines as f64;

    canvas.rectangle(
        (axis.x(1.0 / (1.0 + THRESHOLD)), TOP),
        (axis.x(1.0 + THRESHOLD), bottom),
        BAND,
    )?;
    axis.draw(canvas, TOP, bottom, &say!(words, "forest-axis"))?;
    let one = axis.x(1.0);
    canvas.line(&[(one, TOP), (one, bottom)], 1.5, INK)?;

    let mut middle = TOP + ROW / 2.0;
    for group in groups {
        canvas.heading(&group.heading, middle, ROW)?;
        middle += ROW;
        for comparison in &group.comparisons {
            row(canvas, &axis, comparison, middle, words)?;
            middle += ROW;
        }
    }
    Ok(())
}

fn row(canvas: &Canvas, axis: &Axis, comparison: &Comparison, y: f64, words: &Words) -> Drawn {
    let label = label(comparison, words);
    let value = number::outcome(words, &comparison.ratio, Scale::PLAIN);
    let basis = number::basis(words, &comparison.ratio, Scale::PLAIN);
    let said = format!("{label}: {value}{basis}");
    canvas.mark(comparison.arm, &said, || {
        canvas.target((0.0, y - ROW / 2.0), (WIDTH, y + ROW / 2.0))?;
        let name = canvas::elided(&label, TEXT, axis.left() - 40.0);
        marks(canvas, axis, comparison, [&name, &value], y)
    })
}

fn marks(
    canvas: &Canvas,
    axis: &Axis,
    comparison: &Comparison,
    [name, value]: [&str; 2],
    y: f64,
) -> Drawn {
    let look = look(comparison.arm);
    canvas.marker((17.0, y), 4.0, look)?;
    canvas.text(name, (28.0, y), TEXT, INK, Align::Left)?;
    let colour = match &comparison.ratio {
        Outcome::Estimate(estimate) => {
            let (low, high) = (estimate.interval().low(), estimate.interval().high());
            canvas.line(&[(axis.x(low), y), (axis.x(high), y)], 2.0, look.colour)?;
            for end in [low, high] {
                canvas.line(
                    &[(axis.x(end), y - 4.0), (axis.x(end), y + 4.0)],
                    1.5,
                    look.colour,
                )?;
            }
            canvas.marker((axis.x(estimate.value()), y), 4.5, look)?;
            INK
        }
        Outcome::Insufficient(_) => FAINT,
    };
    canvas.text(value, (WIDTH - 4.0, y), SMALL, colour, Align::Right)
}
