//! Estimates against a factor: a line for each arm, with the interval at each level.

use vnicbench_model::Arm;
use vnicbench_stats::Outcome;

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, Drawn, FAINT, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, look};
use crate::number::{self, Scale};
use crate::words::{Words, say};

const TOP: f64 = 26.0;
const PLOT: f64 = 230.0;
const BELOW: f64 = 44.0;
const LEGEND_ROW: f64 = 32.0;
const LEFT: f64 = 56.0;

/// A line.
pub struct Series<'a> {
    /// Whose look it has.
    pub arm: Arm,
    /// Its name.
    pub label: String,
    /// What stands below the name: a slope; nothing if empty.
    pub note: String,
    /// Places among the levels, with the estimates there.
    pub points: Vec<(usize, &'a Outcome)>,
}

/// What the lines are against.
pub struct Levels {
    /// The factor's name.
    pub factor: String,
    /// Its levels, ascending.
    pub names: Vec<String>,
}

/// Draws lines of `quantity` in a scale.
pub fn draw(
    id: &str,
    title: String,
    quantity: &str,
    scale: Scale,
    levels: &Levels,
    series: &[Series<'_>],
    words: &Words,
) -> Result<Figure, FigureError> {
    let described: Vec<_> = series
        .iter()
        .map(|line| describe(line, levels, scale, words))
        .collect();
    let alt = say!(
        words,
        "figure-alt",
        title = title,
        values = described.join("; ")
    );
    let height = (TOP + PLOT + BELOW).max(TOP + LEGEND_ROW * series.len() as f64 + 8.0);
    canvas::figure(words, id, title, alt, height, |canvas| {
        plot(canvas, quantity, scale, levels, series, words)
    })
}

fn describe(line: &Series<'_>, levels: &Levels, scale: Scale, words: &Words) -> String {
    let points = line.points.iter().map(|(level, outcome)| {
        let level = levels.names.get(*level).map_or("", String::as_str);
        let value = number::outcome(words, outcome, scale);
        say!(words, "point-at-level", value = value, level = level)
    });
    format!("{}: {}", line.label, points.collect::<Vec<_>>().join(", "))
}

fn plot(
    canvas: &Canvas,
    quantity: &str,
    scale: Scale,
    levels: &Levels,
    series: &[Series<'_>],
    words: &Words,
) -> Drawn {
    let names = series
        .iter()
        .flat_map(|line| [line.label.as_str(), line.note.as_str()]);
    let legend = (WIDTH - canvas::widest(names, SMALL) - 18.0).max(WIDTH * 0.55);
    let (right, bottom) = (legend - 22.0, TOP + PLOT);
    let ends: Vec<f64> = series
        .iter()
        .flat_map(|line| &line.points)
        .filter_map(|(_, outcome)| outcome.estimate())
        .flat_map(|e| [e.interval().low(), e.interval().high()])
        .map(|value| scale.apply(value))
        .collect();
    let spacing = Axis::spacing(ends.iter().copied());
    let axis = Axis::spaced(spacing, ends.into_iter(), (bottom, TOP));
    axis.draw_upright(
        canvas,
        LEFT,
        right,
        &format!("{quantity}{}", scale.suffix(words)),
    )?;
    let step = (right - LEFT) / levels.names.len().max(1) as f64;
    let place = |level: usize| LEFT + step * (level as f64 + 0.5);
    canvas.line(&[(LEFT, bottom), (right, bottom)], 1.0, FAINT)?;
    for (level, name) in levels.names.iter().enumerate() {
        let name = canvas::elided(name, SMALL, step);
        canvas.text(
            &name,
            (place(level), bottom + 12.0),
            SMALL,
            FAINT,
            Align::Middle,
        )?;
    }
    let middle = (LEFT + right) / 2.0;
    canvas.text(
        &levels.factor,
        (middle, bottom + 31.0),
        TEXT,
        INK,
        Align::Middle,
    )?;
    // Side by side, so that intervals at one level don't hide each other.
    let spread = (step * 0.5).min(7.0 * series.len() as f64);
    for (index, line) in series.iter().enumerate() {
        let look = look(line.arm);
        let aside = spread * ((index as f64 + 0.5) / series.len() as f64 - 0.5);
        let row = TOP + LEGEND_ROW * (index as f64 + 0.5);
        canvas.mark(line.arm, &describe(line, levels, scale, words), || {
            let estimates: Vec<_> = line
                .points
                .iter()
                .filter_map(|(level, o)| Some((place(*level) + aside, o.estimate()?)))
                .collect();
            let at = |value: f64| axis.x(scale.apply(value));
            let points: Vec<_> = estimates.iter().map(|(x, e)| (*x, at(e.value()))).collect();
            if points.len() > 1 {
                canvas.curve(&points, 1.25, look)?;
            }
            for (x, estimate) in &estimates {
                let (low, high) = (
                    at(estimate.interval().low()),
                    at(estimate.interval().high()),
                );
                canvas.line(&[(*x, low), (*x, high)], 1.5, look.colour)?;
                for end in [low, high] {
                    canvas.line(&[(x - 3.5, end), (x + 3.5, end)], 1.5, look.colour)?;
                }
                canvas.marker((*x, at(estimate.value())), 4.0, look)?;
            }
            canvas.marker((legend, row), 4.0, look)?;
            let room = WIDTH - legend - 12.0;
            let lift = if line.note.is_empty() { 0.0 } else { 7.0 };
            let label = canvas::elided(&line.label, SMALL, room);
            canvas.text(&label, (legend + 11.0, row - lift), SMALL, INK, Align::Left)?;
            let note = canvas::elided(&line.note, SMALL, room);
            canvas.text(&note, (legend + 11.0, row + 7.0), SMALL, FAINT, Align::Left)
        })?;
    }
    Ok(())
}
