//! Estimates under headings: values beside each other, or ratios beside one.

use vnicbench_model::Arm;
use vnicbench_stats::Outcome;

use super::axis::Axis;
use super::canvas::{self, Align, BAND, Canvas, Drawn, FAINT, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, look};
use crate::number::{self, Scale};
use crate::words::{Words, say};

const ROW: f64 = 19.0;
const TOP: f64 = 6.0;
const BELOW: f64 = 44.0;
/// The most lines of a figure, so that it fits a page.
pub const MOST_LINES: usize = 42;

/// What the estimates are.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Values in a scale.
    Values(Scale),
    /// Ratios; one is marked, with what is equivalent to it by this threshold.
    Ratios(f64),
}

/// Estimates under a heading.
pub struct Group<'a> {
    /// The heading.
    pub heading: String,
    /// The estimates.
    pub rows: Vec<Row<'a>>,
}

/// An estimate with its name.
pub struct Row<'a> {
    /// Whose look it has.
    pub arm: Arm,
    /// Its name.
    pub label: String,
    /// The estimate.
    pub outcome: &'a Outcome,
}

/// Draws groups over the axis `axis`.
pub fn draw(
    id: &str,
    title: String,
    axis: &str,
    kind: Kind,
    groups: &[Group<'_>],
    words: &Words,
) -> Result<Figure, FigureError> {
    let scale = match kind {
        Kind::Values(scale) => scale,
        Kind::Ratios(_) => Scale::PLAIN,
    };
    let described: Vec<_> = groups
        .iter()
        .flat_map(|group| group.rows.iter().map(move |row| (group, row)))
        .map(|(group, row)| {
            let value = number::outcome(words, row.outcome, scale);
            format!("{}, {}: {value}", group.heading, row.label)
        })
        .collect();
    let alt = say!(
        words,
        "figure-alt",
        title = title,
        values = described.join("; ")
    );
    let lines: usize = groups.iter().map(|group| group.rows.len() + 1).sum();
    let height = TOP + ROW * lines as f64 + BELOW;
    canvas::figure(words, id, title, alt, height, |canvas| {
        plot(canvas, axis, kind, scale, groups, lines, words)
    })
}

fn plot(
    canvas: &Canvas,
    title: &str,
    kind: Kind,
    scale: Scale,
    groups: &[Group<'_>],
    lines: usize,
    words: &Words,
) -> Drawn {
    let all = || groups.iter().flat_map(|group| &group.rows);
    let values: Vec<_> = all()
        .map(|row| number::outcome(words, row.outcome, scale))
        .collect();
    let left = canvas::widest(all().map(|row| row.label.as_str()), TEXT) + 42.0;
    let right = WIDTH - canvas::widest(values.iter().map(String::as_str), SMALL) - 18.0;
    let plot = (left.min(WIDTH * 0.45), right.max(WIDTH * 0.55));
    let ends: Vec<f64> = all()
        .filter_map(|row| row.outcome.estimate())
        .flat_map(|e| [e.interval().low(), e.value(), e.interval().high()])
        .map(|value| scale.apply(value))
        .collect();
    let bottom = TOP + ROW * lines as f64;
    let axis = match kind {
        Kind::Values(_) => {
            let spacing = Axis::spacing(ends.iter().copied());
            Axis::spaced(spacing, ends.iter().copied(), plot)
        }
        Kind::Ratios(_) => Axis::ratios(ends.iter().copied(), plot),
    };
    if let Kind::Ratios(threshold) = kind {
        let (low, high) = (1.0 / (1.0 + threshold), 1.0 + threshold);
        canvas.rectangle((axis.x(low), TOP), (axis.x(high), bottom), BAND)?;
    }
    axis.draw(canvas, TOP, bottom, title)?;
    if let Kind::Ratios(_) = kind {
        canvas.line(&[(axis.x(1.0), TOP), (axis.x(1.0), bottom)], 1.5, INK)?;
    }
    let mut y = TOP + ROW / 2.0;
    for group in groups {
        canvas.heading(&group.heading, y, ROW)?;
        y += ROW;
        for row in &group.rows {
            let value = number::outcome(words, row.outcome, scale);
            let told = format!("{}: {value}", row.label);
            canvas.mark(row.arm, &told, || {
                self::row(canvas, &axis, scale, row, &value, y)
            })?;
            y += ROW;
        }
    }
    Ok(())
}

fn row(canvas: &Canvas, axis: &Axis, scale: Scale, row: &Row<'_>, value: &str, y: f64) -> Drawn {
    canvas.target((0.0, y - ROW / 2.0), (WIDTH, y + ROW / 2.0))?;
    let look = look(row.arm);
    canvas.marker((17.0, y), 4.0, look)?;
    let name = canvas::elided(&row.label, TEXT, axis.left() - 40.0);
    canvas.text(&name, (28.0, y), TEXT, INK, Align::Left)?;
    let colour = match row.outcome {
        Outcome::Estimate(estimate) => {
            let (low, high) = (estimate.interval().low(), estimate.interval().high());
            let [low, at, high] = [low, estimate.value(), high].map(|v| axis.x(scale.apply(v)));
            canvas.interval((low, high), y, look.colour)?;
            canvas.marker((at, y), 4.5, look)?;
            INK
        }
        Outcome::Insufficient(_) => FAINT,
    };
    canvas.text(value, (WIDTH - 4.0, y), SMALL, colour, Align::Right)
}
