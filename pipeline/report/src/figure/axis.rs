//! A horizontal axis: from values to pixels, with round ticks.

use super::Spacing;
use super::canvas::{Align, Canvas, Drawn, FAINT, GRID, INK, SMALL, TEXT, width};
use crate::number;

/// A horizontal axis. Values that don't fit a logarithm aren't given to a logarithmic one.
#[derive(Debug, Clone)]
pub struct Axis {
    low: f64,
    high: f64,
    log: bool,
    left: f64,
    right: f64,
}

impl Axis {
    /// The division that suits values: logarithmic where they are above zero and span more
    /// than a factor of 20.
    pub fn spacing(values: impl Iterator<Item = f64>) -> Spacing {
        match range(values) {
            Some((low, high)) if low > 0.0 && high / low > 20.0 => Spacing::Logarithmic,
            _ => Spacing::Linear,
        }
    }

    /// The other division, where it shows something that the suitable one doesn't.
    pub fn other_spacing(values: impl Iterator<Item = f64> + Clone) -> Option<Spacing> {
        match (Self::spacing(values.clone()), range(values)?) {
            (Spacing::Logarithmic, _) => Some(Spacing::Linear),
            (Spacing::Linear, (low, high)) => {
                (low > 0.0 && high / low > 2.0).then_some(Spacing::Logarithmic)
            }
        }
    }

    /// An axis from pixel `left` to `right` that holds all of `values`; linear whatever is
    /// wanted if one isn't above zero.
    pub fn spaced(
        spacing: Spacing,
        values: impl Iterator<Item = f64>,
        (left, right): (f64, f64),
    ) -> Self {
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        if spacing == Spacing::Logarithmic && low > 0.0 {
            return Self::logarithmic(low, high, (left, right));
        }
        let span = match high - low {
            // Nothing but zeros, such as no loss at all: from 0 to 1, whatever the unit.
            0.0 if high == 0.0 => 1.0,
            0.0 => high.abs(),
            span => span,
        };
        // Zero is shown where it costs little, since lengths can be read then.
        let from = if low == 0.0 || (low > 0.0 && low < 0.35 * high) {
            0.0
        } else {
            low - 0.06 * span
        };
        Self {
            low: from,
            high: if high == 0.0 {
                span
            } else {
                high + 0.06 * span
            },
            log: false,
            left,
            right,
        }
    }

    /// A logarithmic axis for ratios that has `low`, one and `high` in it.
    pub fn ratios(values: impl Iterator<Item = f64>, (left, right): (f64, f64)) -> Self {
        let (low, high) = range(values.filter(|v| *v > 0.0)).unwrap_or((1.0, 1.0));
        Self::logarithmic(low.min(0.8), high.max(1.25), (left, right))
    }

    fn logarithmic(low: f64, high: f64, (left, right): (f64, f64)) -> Self {
        let margin = libm::pow(high / low, 0.04);
        Self {
            low: low / margin,
            high: high * margin,
            log: true,
            left,
            right,
        }
    }

    /// The pixel that it begins at.
    pub fn left(&self) -> f64 {
        self.left
    }

    /// The pixel of a value, at the nearer end where it lies outside.
    pub fn x(&self, value: f64) -> f64 {
        let share = if self.log {
            libm::log10(value.max(self.low) / self.low) / libm::log10(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// Draws an axis that was made from a lower to an upper height: grid lines between two
    /// places, tick labels before them, the title above.
    pub fn draw_upright(&self, canvas: &Canvas, from: f64, to: f64, title: &str) -> Drawn {
        let mut free_below = f64::INFINITY;
        for (value, label) in self.ticks() {
            let y = self.x(value);
            canvas.line(&[(from, y), (to, y)], 1.0, GRID)?;
            if y + 7.0 < free_below {
                canvas.text(&label, (from - 7.0, y), SMALL, FAINT, Align::Right)?;
                free_below = y - 7.0;
            }
        }
        canvas.text(title, (0.0, self.right - 15.0), SMALL, INK, Align::Left)
    }

    /// Draws grid lines between two heights, tick labels below them, and the title.
    pub fn draw(&self, canvas: &Canvas, top: f64, bottom: f64, title: &str) -> Drawn {
        let mut free_from = f64::NEG_INFINITY;
        for (value, label) in self.ticks() {
            let x = self.x(value);
            canvas.line(&[(x, top), (x, bottom)], 1.0, GRID)?;
            let half = width(&label, SMALL) / 2.0;
            if x - half > free_from {
                canvas.text(&label, (x, bottom + 12.0), SMALL, FAINT, Align::Middle)?;
                free_from = x + half + 4.0;
            }
        }
        canvas.line(&[(self.left, bottom), (self.right, bottom)], 1.0, FAINT)?;
        canvas.text(
            title,
            ((self.left + self.right) / 2.0, bottom + 31.0),
            TEXT,
            INK,
            Align::Middle,
        )
    }

    /// Round values on the axis, ascending, with their labels.
    fn ticks(&self) -> Vec<(f64, String)> {
        let values = if self.log {
            self.log_ticks()
        } else {
            self.linear_ticks()
        };
        values
            .into_iter()
            .filter(|(v, _)| (self.low..=self.high).contains(v))
            .collect()
    }

    fn linear_ticks(&self) -> Vec<(f64, String)> {
        let rough = (self.high - self.low) / 5.0;
        let decade = libm::floor(libm::log10(rough));
        let unit = libm::pow(10.0, decade);
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * unit)
            .into_iter()
            .find(|s| *s >= rough)
            .unwrap_or(unit);
        let decimals = (-libm::floor(libm::log10(step * 1.000_001))).clamp(0.0, 12.0) as usize;
        let first = libm::ceil(self.low / step) as i64;
        let last = libm::floor(self.high / step) as i64;
        let plain = self.low.abs().max(self.high.abs()) < 1e7 && decimals <= 6;
        (first..=last.min(first + 12))
            .map(|i| i as f64 * step)
            .map(|v| {
                (
                    v,
                    if plain {
                        number::fixed(v, decimals)
                    } else {
                        number::significant(v, 4)
                    },
                )
            })
            .collect()
    }

    fn log_ticks(&self) -> Vec<(f64, String)> {
        let decades = libm::log10(self.high / self.low);
        let multiples: &[f64] = match decades {
            d if d < 0.7 => &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            d if d < 3.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let from = libm::floor(libm::log10(self.low)) as i32;
        let to = libm::ceil(libm::log10(self.high)) as i32;
        // A tick every so many decades, for as many as fit.
        let every = ((to - from) / 8 + 1).max(1) as usize;
        (from..=to)
            .step_by(every)
            .flat_map(|decade| {
                multiples
                    .iter()
                    .map(move |m| m * libm::pow(10.0, f64::from(decade)))
            })
            .map(|v| (v, number::significant(v, 3)))
            .collect()
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .filter(|v| v.is_finite())
        .fold(None, |range, v| match range {
            None => Some((v, v)),
            Some((low, high)) => Some((low.min(v), high.max(v))),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64]) -> Vec<String> {
        let values = values.iter().copied();
        Axis::spaced(Axis::spacing(values.clone()), values, (0.0, 100.0))
            .ticks()
            .into_iter()
            .map(|(_, label)| label)
            .collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&[0.0, 1.0]), ["0.0", "0.5", "1.0"]);
        assert_eq!(
            labels(&[1.0, 100.0]),
            ["1", "2", "5", "10", "20", "50", "100"]
        );
        assert!(labels(&[0.37, 0.43]).contains(&"0.40".to_owned()));
    }

    #[test]
    fn degenerate_ranges_have_ticks() {
        for values in [
            &[][..],
            &[0.0],
            &[5.0],
            &[-1.0, 1.0],
            &[1e-12, 1e-11],
            &[1e12, 1e13],
            &[1e-9, 1e9],
            &[f64::NAN],
        ] {
            let ticks = labels(values);
            assert!((2..=16).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(ticks.iter().all(|t| !t.starts_with("-0")));
        }
    }

    #[test]
    fn the_other_division() {
        let other = |values: &[f64]| Axis::other_spacing(values.iter().copied());
        assert_eq!(other(&[1.0, 3.0]), Some(Spacing::Logarithmic));
        assert_eq!(other(&[1.0, 300.0]), Some(Spacing::Linear));
        assert_eq!(other(&[1.0, 1.1]), None);
        assert_eq!(other(&[0.0, 3.0]), None);
        assert_eq!(other(&[]), None);
    }

    #[test]
    fn values_land_inside() {
        let axis = Axis::ratios([0.5, 2.0].into_iter(), (10.0, 110.0));
        assert!((axis.x(1.0) - 60.0).abs() < 1e-9);
        assert_eq!(axis.x(0.0), 10.0);
        assert_eq!(axis.x(1e9), 110.0);
    }
}
