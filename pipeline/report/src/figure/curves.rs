//! Round-trip times as distributions: the share of requests answered within a time.

use vnicbench_analysis::{BandPoint, Curve, Distribution, Metric};

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, Drawn, FAINT, GRID, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, Other, Spacing, look};
use crate::number::{self, Scale};
use crate::terms;
use crate::words::{Words, say};

const TOP: f64 = 10.0;
const PLOT: f64 = 250.0;
const BELOW: f64 = 44.0;
const LEGEND_ROW: f64 = 21.0;

/// The scale that a distribution is shown in.
pub fn scale(distribution: &Distribution) -> Scale {
    let medians = distribution
        .curves
        .iter()
        .filter_map(|curve| curve.rtt_ms.get(curve.rtt_ms.len() / 2).copied());
    Scale::of(Metric::RttMedian, medians)
}

/// The most curves that can be told apart in one figure.
const MOST: usize = 8;

/// The curves of a distribution, a group a figure: all, or if these are too many those of
/// one setting each, so that each arm is there once.
pub fn groups(distribution: &Distribution) -> Vec<&[Curve]> {
    if distribution.curves.len() <= MOST {
        return vec![&distribution.curves];
    }
    distribution
        .curves
        .chunk_by(|a, b| a.setting == b.setting)
        .flat_map(|group| group.chunks(MOST))
        .collect()
}

/// Draws curves of a distribution; `id` is what the figure is called.
pub fn draw(
    id: &str,
    distribution: &Distribution,
    curves: &[Curve],
    title: String,
    words: &Words,
) -> Result<Figure, FigureError> {
    let scale = scale(distribution);
    let described: Vec<_> = curves
        .iter()
        .map(|curve| describe(curve, scale, words))
        .collect();
    let alt = say!(
        words,
        "distribution-alt",
        title = title,
        curves = described.join("; ")
    );
    let height = (TOP + PLOT + BELOW).max(TOP + LEGEND_ROW * curves.len() as f64 + 10.0);
    let ends = || ends(distribution, scale);
    let spacing = Axis::spacing(ends());
    let mut figure = canvas::figure(words, id, title, alt, height, |canvas| {
        plot(canvas, distribution, curves, scale, spacing, words)
    })?;
    if let Some(spacing) = Axis::other_spacing(ends()) {
        let svg = canvas::again(words, id, height, |canvas| {
            plot(canvas, distribution, curves, scale, spacing, words)
        })?;
        figure.other = Some(Other { spacing, svg });
    }
    Ok(figure)
}

/// What the axis holds: one axis for all figures of a distribution.
fn ends(distribution: &Distribution, scale: Scale) -> impl Iterator<Item = f64> + Clone {
    let curves = distribution.curves.iter();
    let ends = curves.flat_map(|c| [c.rtt_ms.first(), c.rtt_ms.last()]);
    ends.flatten().map(move |v| scale.apply(*v))
}

fn describe(curve: &Curve, scale: Scale, words: &Words) -> String {
    let arm = terms::arm_in(words, curve.arm, &curve.setting);
    match (curve.rtt_ms.first(), curve.rtt_ms.last()) {
        (Some(least), Some(most)) => {
            let [least, most] = [least, most].map(|v| number::significant(scale.apply(*v), 3));
            say!(
                words,
                "distribution-curve",
                arm = arm,
                got = curve.rtt_ms.len(),
                sent = curve.transmitted,
                least = least,
                most = most,
                unit = scale.unit(words)
            )
        }
        _ => say!(
            words,
            "distribution-curve-none",
            arm = arm,
            sent = curve.transmitted
        ),
    }
}

fn plot(
    canvas: &Canvas,
    distribution: &Distribution,
    curves: &[Curve],
    scale: Scale,
    spacing: Spacing,
    words: &Words,
) -> Drawn {
    let names = |curves: &[Curve]| -> Vec<String> {
        let name = |curve: &Curve| terms::arm_in(words, curve.arm, &curve.setting);
        curves.iter().map(name).collect()
    };
    let labels = names(curves);
    // One width for all figures of a distribution.
    let all = names(&distribution.curves);
    let widest = canvas::widest(all.iter().map(String::as_str), TEXT);
    let legend = (WIDTH - widest - 24.0).max(WIDTH * 0.5);
    let (left, right, bottom) = (52.0, legend - 18.0, TOP + PLOT);
    let axis = Axis::spaced(spacing, ends(distribution, scale), (left, right));
    let y = |share: f64| bottom - share * PLOT;

    for percent in [0_u32, 25, 50, 75, 100] {
        let height = y(f64::from(percent) / 100.0);
        canvas.line(&[(left, height), (right, height)], 1.0, GRID)?;
        canvas.text(
            &format!("{percent} %"),
            (left - 7.0, height),
            SMALL,
            FAINT,
            Align::Right,
        )?;
    }
    axis.draw(
        canvas,
        TOP,
        bottom,
        &say!(words, "distribution-axis", unit = scale.suffix(words)),
    )?;

    for (index, (curve, label)) in curves.iter().zip(&labels).enumerate() {
        let look = look(curve.arm);
        let points: Vec<_> = steps(curve, scale, &axis)
            .into_iter()
            .map(|(x, share)| (x, y(share)))
            .collect();
        let count = curve.rtt_ms.len();
        let row = TOP + LEGEND_ROW * (index as f64 + 0.5);
        let veil = veil(curve, scale, &axis);
        canvas.mark(curve.arm, &describe(curve, scale, words), || {
            if veil.len() > 2 {
                let veil: Vec<_> = veil.iter().map(|(x, share)| (*x, y(*share))).collect();
                canvas.veil(&veil, 0.13, look.colour)?;
            }
            if points.len() > 1 {
                canvas.curve(&points, 1.75, look)?;
            }
            // Markers tell curves apart without colour; each curve has its own, so that they
            // don't lie on each other where the curves do.
            for mark in [0.2, 0.5, 0.8] {
                let at = ((mark + 0.02 * index as f64) * count as f64) as usize;
                if let Some(value) = curve.rtt_ms.get(at) {
                    let share = (at + 1) as f64 / requests(curve);
                    canvas.marker((axis.x(scale.apply(*value)), y(share)), 4.0, look)?;
                }
            }
            canvas.target(
                (legend - 8.0, row - LEGEND_ROW / 2.0),
                (WIDTH, row + LEGEND_ROW / 2.0),
            )?;
            canvas.marker((legend, row), 4.0, look)?;
            let label = canvas::elided(label, TEXT, WIDTH - legend - 11.0);
            canvas.text(&label, (legend + 11.0, row), TEXT, INK, Align::Left)
        })?;
    }
    Ok(())
}

/// Requests that a curve's shares are of; logs that say less than they hold don't make
/// shares above one.
fn requests(curve: &Curve) -> f64 {
    curve.transmitted.max(curve.rtt_ms.len() as u64) as f64
}

/// The outline of a curve's band, as (pixel, share): its upper ends, and back along the lower.
fn veil(curve: &Curve, scale: Scale, axis: &Axis) -> Vec<(f64, f64)> {
    let x = |point: &BandPoint| axis.x(scale.apply(point.rtt_ms));
    let upper = curve.band.iter().map(|p| (x(p), p.interval.high()));
    let lower = curve.band.iter().rev().map(|p| (x(p), p.interval.low()));
    upper.chain(lower).collect()
}

/// The steps of an empirical distribution, as (pixel, share). Steps within half a pixel
/// are one: a million replies draw no more than a screen's width of them.
fn steps(curve: &Curve, scale: Scale, axis: &Axis) -> Vec<(f64, f64)> {
    let requests = requests(curve);
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut share = 0.0;
    let mut answered = 0;
    // Tools print few digits, so that many replies took the same time.
    for same in curve.rtt_ms.chunk_by(|a, b| a == b) {
        let Some(value) = same.first() else { continue };
        answered += same.len();
        let x = (axis.x(scale.apply(*value)) * 2.0).round() / 2.0;
        let next = answered as f64 / requests;
        match points.last_mut() {
            Some(last) if last.0 == x => last.1 = next,
            _ => points.extend([(x, share), (x, next)]),
        }
        share = next;
    }
    points
}
