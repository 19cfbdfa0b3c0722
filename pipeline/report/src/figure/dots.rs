//! A panel: a row for each cell with its trials as rings and its estimate as a marker on
//! the bar of its interval.

use vnicbench_analysis::{Metric, Panel, Row};
use vnicbench_stats::Outcome;

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, Drawn, FAINT, GRID, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, Other, Spacing, look};
use crate::number::{self, Scale};
use crate::terms;
use crate::words::{Words, say};

const ROW: f64 = 34.0;
/// Size of a name on two lines.
const LOWER: f64 = 11.0;
const TOP: f64 = 6.0;
const BELOW: f64 = 44.0;
/// The most rows of a figure.
pub const MOST_ROWS: usize = 32;
/// What the rows of a figure may take, so that it fits a page below its headings.
const PAGE: f64 = 820.0;

/// Draws rows of a panel in its scale; `id` is what the figure is called.
pub fn draw(
    id: &str,
    panel: &Panel,
    rows: &[Row],
    scale: Scale,
    title: String,
    words: &Words,
) -> Result<Figure, FigureError> {
    let labels: Vec<_> = rows
        .iter()
        .map(|row| terms::arm_in(words, row.arm, &row.setting))
        .collect();
    let values: Vec<_> = rows
        .iter()
        .map(|row| number::outcome(words, &row.estimate, scale))
        .collect();
    let described: Vec<_> = labels
        .iter()
        .zip(&values)
        .map(|(label, value)| format!("{label}: {value}"))
        .collect();
    let unit = (!scale.unit.is_empty()).then(|| scale.unit(words));
    let alt = say!(
        words,
        "panel-alt",
        title = title,
        unit = terms::or_none(unit),
        values = described.join("; ")
    );
    let row_height = ROW.min(PAGE / rows.len().max(1) as f64);
    let height = TOP + row_height * rows.len() as f64 + BELOW;
    let sheet = Sheet {
        words,
        panel,
        rows,
        scale,
        row_height,
    };
    let spacing = Axis::spacing(sheet.values());
    let mut figure = canvas::figure(words, id, title, alt, height, |canvas| {
        sheet.draw(canvas, spacing, &labels, &values)
    })?;
    let switched = Axis::other_spacing(sheet.values())
        .filter(|_| matches!(panel.metric, Metric::RttMedian | Metric::Goodput));
    if let Some(spacing) = switched {
        let svg = canvas::again(words, id, height, |canvas| {
            sheet.draw(canvas, spacing, &labels, &values)
        })?;
        figure.other = Some(Other { spacing, svg });
    }
    Ok(figure)
}

/// What is drawn, and how high its rows are.
struct Sheet<'a> {
    words: &'a Words,
    panel: &'a Panel,
    rows: &'a [Row],
    scale: Scale,
    row_height: f64,
}

impl Sheet<'_> {
    /// All that the axis holds: one axis for all figures of a panel.
    fn values(&self) -> impl Iterator<Item = f64> + Clone {
        let scale = self.scale;
        self.panel.rows.iter().flat_map(move |row| {
            let interval = row.estimate.estimate().map(|e| e.interval());
            let ends = interval.into_iter().flat_map(|i| [i.low(), i.high()]);
            let trials = row.trials.iter().map(|trial| trial.value);
            trials.chain(ends).map(move |v| scale.apply(v))
        })
    }

    fn draw(
        &self,
        canvas: &Canvas,
        spacing: Spacing,
        labels: &[String],
        values: &[String],
    ) -> Drawn {
        let Self {
            words,
            panel,
            rows,
            scale,
            row_height,
        } = *self;
        let left = canvas::widest(labels.iter().map(String::as_str), TEXT) + 30.0;
        let right = WIDTH - canvas::widest(values.iter().map(String::as_str), SMALL) - 18.0;
        // However long the texts, some room is left for the data.
        let plot = (left.min(WIDTH * 0.45), right.max(WIDTH * 0.55));
        let fit = left <= WIDTH * 0.45;
        let axis = Axis::spaced(spacing, self.values(), plot);
        let bottom = TOP + row_height * rows.len() as f64;
        let title = say!(
            words,
            "metric-by-direction",
            metric = terms::metric(words, panel.metric),
            unit = scale.suffix(words),
            better = terms::better(panel.metric)
        );
        axis.draw(canvas, TOP, bottom, &title)?;

        for (index, ((row, label), value)) in rows.iter().zip(labels).zip(values).enumerate() {
            let middle = TOP + row_height * (index as f64 + 0.5);
            let (top, base) = (middle - row_height / 2.0, middle + row_height / 2.0);
            if index > 0 {
                canvas.line(&[(0.0, top), (WIDTH, top)], 0.5, GRID)?;
            }
            let said = format!(
                "{label}: {value}{}",
                number::basis(words, &row.estimate, scale)
            );
            canvas.mark(row.arm, &said, || {
                canvas.target((0.0, top), (WIDTH, base))?;
                canvas.marker((9.0, middle), 4.0, look(row.arm))?;
                self.label(canvas, row, label, middle, plot.0 - 29.5, fit)?;
                self.row(canvas, &axis, row, value, middle)
            })?;
        }
        Ok(())
    }

    /// A row's trials, estimate and value.
    fn row(&self, canvas: &Canvas, axis: &Axis, row: &Row, value: &str, middle: f64) -> Drawn {
        // Of the spread of a row of usual height.
        let squeeze = self.row_height / ROW;
        let look = look(row.arm);
        let x = |value: f64| axis.x(self.scale.apply(value));
        // Spread over the row by block, so that equal values are seen to be several.
        let lane = |block: u32| [-9.0, -5.0, -11.0, -7.0][block as usize % 4] * squeeze;
        let trials = row.trials.iter();
        let rings: Vec<_> = trials
            .map(|trial| (x(trial.value), middle + lane(trial.block)))
            .collect();
        if !rings.is_empty() {
            canvas.rings(&rings, 2.5, look.colour)?;
        }
        let colour = match &row.estimate {
            Outcome::Estimate(estimate) => {
                let (low, high) = (x(estimate.interval().low()), x(estimate.interval().high()));
                let y = middle + 5.0 * squeeze;
                canvas.interval((low, high), y, look.colour)?;
                canvas.marker((x(estimate.value()), y), 4.5, look)?;
                INK
            }
            Outcome::Insufficient(_) => FAINT,
        };
        canvas.text(value, (WIDTH - 4.0, middle), SMALL, colour, Align::Right)
    }

    /// The name of a row: on one line if all of a figure's `fit` on one, else the conditions
    /// below the arm.
    fn label(
        &self,
        canvas: &Canvas,
        row: &Row,
        label: &str,
        middle: f64,
        room: f64,
        fit: bool,
    ) -> Drawn {
        let conditions = terms::conditions(self.words, row.arm, &row.setting);
        if fit || conditions.is_empty() {
            return canvas.text(label, (20.0, middle), TEXT, INK, Align::Left);
        }
        let lines = [
            (terms::arm(self.words, row.arm), middle - 5.5, INK),
            (conditions.join(", "), middle + 5.5, FAINT),
        ];
        for (line, y, colour) in lines {
            let shown = canvas::elided(&line, LOWER, room);
            canvas.text(&shown, (20.0, y), LOWER, colour, Align::Left)?;
        }
        Ok(())
    }
}
