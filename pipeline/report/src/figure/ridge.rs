//! Round-trip times of each arm as a ridge, with the quantiles of its trials below it and the
//! loss beside it.

use vnicbench_analysis::Curve;
use vnicbench_stats::Outcome;

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, Drawn, FAINT, GRID, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, Spacing, look};
use crate::number::{self, Scale};
use crate::terms;
use crate::words::{Words, say};

const ROW: f64 = 52.0;
/// What a ridge may rise.
const RISE: f64 = 32.0;
const TOP: f64 = 24.0;
const BELOW: f64 = 44.0;

/// A curve with the loss of its cell.
pub struct Ridge<'a> {
    /// The times.
    pub curve: &'a Curve,
    /// The loss, where it is known.
    pub loss: Option<&'a Outcome>,
}

/// Draws ridges.
pub fn draw(
    id: &str,
    title: String,
    scale: Scale,
    ridges: &[Ridge<'_>],
    words: &Words,
) -> Result<Figure, FigureError> {
    let described: Vec<_> = ridges
        .iter()
        .map(|ridge| describe(ridge, scale, words))
        .collect();
    let alt = say!(
        words,
        "figure-alt",
        title = title,
        values = described.join("; ")
    );
    let height = TOP + ROW * ridges.len() as f64 + BELOW;
    canvas::figure(words, id, title, alt, height, |canvas| {
        plot(canvas, scale, ridges, words)
    })
}

fn describe(ridge: &Ridge<'_>, scale: Scale, words: &Words) -> String {
    let curve = ridge.curve;
    let quantiles = curve.quantiles.iter().map(|quantile| {
        let value = number::outcome(words, &quantile.estimate, scale);
        let name = number::quantile(words, quantile.p);
        format!("{name} {value} {}", scale.unit(words))
    });
    let name = terms::arm_in(words, curve.arm, &curve.setting);
    let all: Vec<_> = quantiles.chain([loss(ridge, words)]).collect();
    format!("{name}: {}", all.join(", "))
}

fn loss(ridge: &Ridge<'_>, words: &Words) -> String {
    match ridge.loss {
        None => say!(words, "ridges-loss-unknown"),
        Some(loss) => {
            let loss = number::outcome(words, loss, Scale::PERCENT);
            say!(words, "ridges-loss", loss = loss)
        }
    }
}

fn plot(canvas: &Canvas, scale: Scale, ridges: &[Ridge<'_>], words: &Words) -> Drawn {
    let labels: Vec<_> = ridges
        .iter()
        .map(|ridge| terms::arm_in(words, ridge.curve.arm, &ridge.curve.setting))
        .collect();
    let losses: Vec<_> = ridges.iter().map(|ridge| loss(ridge, words)).collect();
    let left = canvas::widest(labels.iter().map(String::as_str), TEXT) + 30.0;
    let right = WIDTH - canvas::widest(losses.iter().map(String::as_str), SMALL) - 16.0;
    let plot = (left.min(WIDTH * 0.4), right.max(WIDTH * 0.6));
    let ends = ridges
        .iter()
        .flat_map(|r| [r.curve.rtt_ms.first(), r.curve.rtt_ms.last()])
        .flatten()
        .map(|rtt| scale.apply(*rtt));
    let axis = Axis::spaced(Spacing::Logarithmic, ends, plot);
    let bottom = TOP + ROW * ridges.len() as f64;
    axis.draw(
        canvas,
        TOP,
        bottom,
        &say!(words, "ridges-axis", unit = scale.suffix(words)),
    )?;
    for (index, (ridge, label)) in ridges.iter().zip(&labels).enumerate() {
        let foot = TOP + ROW * (index as f64 + 1.0) - 13.0;
        let curve = ridge.curve;
        let look = look(curve.arm);
        canvas.line(&[(plot.0, foot), (plot.1, foot)], 0.75, GRID)?;
        canvas.mark(curve.arm, &describe(ridge, scale, words), || {
            canvas.target((0.0, foot - RISE), (WIDTH, foot + 12.0))?;
            let outline = density(curve, scale, &axis, plot);
            let outline: Vec<_> = outline
                .into_iter()
                .map(|(x, share)| (x, foot - RISE * share))
                .collect();
            if let (Some(first), Some(last)) = (outline.first(), outline.last()) {
                let mut filled = outline.clone();
                filled.extend([(last.0, foot), (first.0, foot)]);
                canvas.veil(&filled, 0.3, look.colour)?;
                canvas.line(&outline, 1.25, look.colour)?;
            }
            for quantile in &curve.quantiles {
                let Some(estimate) = quantile.estimate.estimate() else {
                    continue;
                };
                let interval = estimate.interval();
                let [low, at, high] = [interval.low(), estimate.value(), interval.high()]
                    .map(|value| axis.x(scale.apply(value)));
                let y = foot + 5.0;
                canvas.line(&[(low, y), (high, y)], 1.75, look.colour)?;
                canvas.marker((at, y), 3.2, look)?;
            }
            canvas.marker((9.0, foot - 6.0), 4.0, look)?;
            let name = canvas::elided(label, TEXT, plot.0 - 26.0);
            canvas.text(&name, (20.0, foot - 6.0), TEXT, INK, Align::Left)?;
            let colour = if ridge.loss.is_some() { INK } else { FAINT };
            canvas.text(
                &loss(ridge, words),
                (WIDTH - 4.0, foot - 6.0),
                SMALL,
                colour,
                Align::Right,
            )
        })?;
    }
    Ok(())
}

/// The density along the axis, as (pixel, share of its highest): a Gaussian kernel of
/// Silverman's width (Density Estimation, 1986, eq. 3.31) over the axis as it is divided.
fn density(curve: &Curve, scale: Scale, axis: &Axis, (left, right): (f64, f64)) -> Vec<(f64, f64)> {
    let places: Vec<f64> = curve
        .rtt_ms
        .iter()
        .map(|v| axis.x(scale.apply(*v)))
        .collect();
    let n = places.len() as f64;
    let at = |share: f64| places.get((share * (n - 1.0)) as usize).copied();
    let (Some(low), Some(high)) = (at(0.25), at(0.75)) else {
        return Vec::new();
    };
    let mean = places.iter().sum::<f64>() / n;
    let deviation = (places.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
    let spread = deviation.min((high - low) / 1.34);
    let width = (0.9 * spread * libm::pow(n, -0.2)).max(1.5);
    // Counts by pixel: a kernel for each of a million replies would draw the same.
    let pixels = (right - left) as usize + 1;
    let mut counts = vec![0.0_f64; pixels];
    for place in &places {
        if let Some(count) = counts.get_mut((place - left).round().max(0.0) as usize) {
            *count += 1.0;
        }
    }
    let reach = (4.0 * width).ceil() as i64;
    let smooth = |pixel: i64| -> f64 {
        (-reach..=reach)
            .filter_map(|offset| {
                let count = counts.get(usize::try_from(pixel + offset).ok()?)?;
                let far = offset as f64 / width;
                Some(count * libm::exp(-0.5 * far * far))
            })
            .sum()
    };
    let heights: Vec<f64> = (0..pixels as i64).step_by(3).map(smooth).collect();
    let highest = heights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let outline = heights.into_iter().enumerate();
    outline
        .map(|(index, height)| (left + 3.0 * index as f64, height / highest))
        // What is less than half a pixel high isn't seen.
        .filter(|(_, share)| share * RISE > 0.4)
        .collect()
}
