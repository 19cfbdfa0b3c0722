//! Trials in the order of the blocks, each as a ratio to the median of its cell.

use vnicbench_analysis::Panel;
use vnicbench_model::Arm;

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, Drawn, FAINT, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, look};
use crate::terms;
use crate::words::{Words, say};

const TOP: f64 = 26.0;
const PLOT: f64 = 170.0;
const BELOW: f64 = 40.0;
const LEFT: f64 = 56.0;
/// The most trials of an arm that are drawn; of more, as many evenly spaced.
pub const MOST: usize = 400;

/// Draws the trials of the panels of one metric, and says whether there are more than it shows.
pub fn draw(
    id: &str,
    title: String,
    panels: &[&Panel],
    words: &Words,
) -> Result<(Figure, bool), FigureError> {
    let points = points(panels);
    let trials: usize = points.iter().map(|(_, points)| points.len()).sum();
    let alt = say!(words, "drift-alt", title = title, trials = trials);
    let figure = canvas::figure(words, id, title, alt, TOP + PLOT + BELOW, |canvas| {
        plot(canvas, &points, words)
    })?;
    let thinned = points.iter().any(|(_, points)| points.len() > MOST);
    Ok((figure, thinned))
}

/// Blocks and ratios of each arm.
type Points = Vec<(Arm, Vec<(u32, f64)>)>;

fn points(panels: &[&Panel]) -> Points {
    let mut arms: Points = Vec::new();
    for row in panels.iter().flat_map(|panel| &panel.rows) {
        let mut values: Vec<f64> = row.trials.iter().map(|t| t.value).collect();
        values.sort_unstable_by(f64::total_cmp);
        let Some(median) = values.get(values.len() / 2).copied().filter(|m| *m > 0.0) else {
            continue;
        };
        let ratios = row.trials.iter().map(|t| (t.block, t.value / median));
        let ratios = ratios.filter(|(_, ratio)| *ratio > 0.0);
        match arms.iter_mut().find(|(arm, _)| *arm == row.arm) {
            Some((_, points)) => points.extend(ratios),
            None => arms.push((row.arm, ratios.collect())),
        }
    }
    arms
}

fn plot(canvas: &Canvas, points: &Points, words: &Words) -> Drawn {
    let names = points.iter().map(|(arm, _)| terms::arm(words, *arm));
    let names: Vec<String> = names.collect();
    let widest = canvas::widest(names.iter().map(String::as_str), SMALL);
    let legend = WIDTH - widest.min(WIDTH * 0.35) - 18.0;
    let (right, bottom) = (legend - 22.0, TOP + PLOT);
    let all = || points.iter().flat_map(|(_, points)| points);
    let axis = Axis::ratios(all().map(|(_, ratio)| *ratio), (bottom, TOP));
    axis.draw_upright(canvas, LEFT, right, &say!(words, "drift-axis"))?;
    let last = all().map(|(block, _)| *block).max().unwrap_or(0);
    let step = (right - LEFT) / (f64::from(last) + 1.0);
    let one = axis.x(1.0);
    canvas.line(&[(LEFT, one), (right, one)], 1.0, FAINT)?;
    let every = last / 10 + 1;
    for block in (0..=last).step_by(every as usize) {
        let x = LEFT + step * (f64::from(block) + 0.5);
        canvas.text(
            &block.to_string(),
            (x, bottom + 12.0),
            SMALL,
            FAINT,
            Align::Middle,
        )?;
    }
    let middle = (LEFT + right) / 2.0;
    let block = say!(words, "drift-block");
    canvas.text(&block, (middle, bottom + 28.0), TEXT, INK, Align::Middle)?;
    for (index, ((arm, points), name)) in points.iter().zip(&names).enumerate() {
        let look = look(*arm);
        let share = (index as f64 + 0.5) / names.len() as f64;
        let every = points.len().div_ceil(MOST).max(1);
        let places: Vec<_> = points
            .iter()
            .step_by(every)
            .map(|(block, ratio)| {
                let x = LEFT + step * (f64::from(*block) + 0.15 + 0.7 * share);
                (x, axis.x(*ratio))
            })
            .collect();
        let row = TOP + 17.0 * index as f64;
        canvas.mark(*arm, name, || {
            canvas.rings(&places, 2.2, look.colour)?;
            canvas.marker((legend, row), 3.5, look)?;
            let name = canvas::elided(name, SMALL, WIDTH - legend - 12.0);
            canvas.text(&name, (legend + 11.0, row), SMALL, INK, Align::Left)
        })?;
    }
    Ok(())
}
