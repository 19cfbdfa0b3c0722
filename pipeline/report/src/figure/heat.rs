//! A matrix of ratios: each in its cell with its interval and its verdict, on a colour that
//! says which side of one it is on.

use vnicbench_model::Arm;

use super::canvas::{self, Align, Canvas, Drawn, FAINT, GRID, INK, SMALL, TEXT, WIDTH};
use super::{Figure, FigureError, look};
use crate::words::{Words, say};

const ROW: f64 = 54.0;
const TOP: f64 = 44.0;
const KEY: f64 = 40.0;
/// The most columns of a figure: texts must fit their cells.
pub const MOST_COLUMNS: usize = 6;
/// On light grounds and dark; not among the colours that the dark swaps, since the grounds
/// aren't either.
const ON_LIGHT: (u8, u8, u8) = (0x00, 0x00, 0x00);
const ON_DARK: (u8, u8, u8) = (0xfe, 0xfe, 0xfe);
/// A ratio of one, and the ends of the scale: blue and orange, which all eyes tell apart.
const EVEN: (u8, u8, u8) = (0xf5, 0xf5, 0xf2);
const GOOD: (u8, u8, u8) = (0x1f, 0x5f, 0x9e);
const BAD: (u8, u8, u8) = (0xb3, 0x4a, 0x00);
/// Where the scale ends: a factor of four.
const FULL: f64 = 4.0;

/// A matrix.
pub struct Matrix {
    /// Headings of the columns, on up to two lines.
    pub columns: Vec<[String; 2]>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether ratios below one are good.
    pub lower_is_better: bool,
}

/// The ratios of an arm.
pub struct Row {
    /// The arm.
    pub arm: Arm,
    /// Its name.
    pub label: String,
    /// One for each column; none where there is no such pair.
    pub cells: Vec<Option<Cell>>,
}

/// A ratio.
pub struct Cell {
    /// The ratio; none if there is no estimate.
    pub ratio: Option<f64>,
    /// The ratio, its interval, its verdict, as they are shown.
    pub lines: [String; 3],
}

/// Draws a matrix.
pub fn draw(
    id: &str,
    title: String,
    matrix: &Matrix,
    words: &Words,
) -> Result<Figure, FigureError> {
    let described = matrix.rows.iter().flat_map(|row| {
        let named = row.cells.iter().zip(&matrix.columns);
        named.filter_map(|(cell, column)| {
            let lines = cell.as_ref()?.lines.join(" ");
            Some(format!(
                "{}, {}: {lines}",
                row.label,
                column.join(" ").trim()
            ))
        })
    });
    let values = described.collect::<Vec<_>>().join("; ");
    let alt = say!(words, "figure-alt", title = title, values = values);
    let height = TOP + ROW * matrix.rows.len() as f64 + KEY;
    canvas::figure(words, id, title, alt, height, |canvas| {
        plot(canvas, matrix, words)
    })
}

fn plot(canvas: &Canvas, matrix: &Matrix, words: &Words) -> Drawn {
    let labels = matrix.rows.iter().map(|row| row.label.as_str());
    let left = (canvas::widest(labels, TEXT) + 30.0).min(WIDTH * 0.35);
    let width = (WIDTH - left) / matrix.columns.len().max(1) as f64;
    let width = width.min(140.0);
    for (index, lines) in matrix.columns.iter().enumerate() {
        let middle = left + width * (index as f64 + 0.5);
        for (line, y) in lines.iter().zip([12.0, 28.0]) {
            let line = canvas::elided(line, SMALL, width - 4.0);
            canvas.text(&line, (middle, y), SMALL, INK, Align::Middle)?;
        }
    }
    for (index, row) in matrix.rows.iter().enumerate() {
        let top = TOP + ROW * index as f64;
        let middle = top + ROW / 2.0;
        canvas.marker((9.0, middle), 4.0, look(row.arm))?;
        let label = canvas::elided(&row.label, TEXT, left - 26.0);
        canvas.text(&label, (20.0, middle), TEXT, INK, Align::Left)?;
        for (column, cell) in row.cells.iter().enumerate() {
            let x = left + width * column as f64;
            let Some(cell) = cell else {
                canvas.text("–", (x + width / 2.0, middle), SMALL, FAINT, Align::Middle)?;
                continue;
            };
            canvas.mark(row.arm, &cell.lines.join(" "), || {
                self::cell(canvas, cell, (x, top), width, matrix.lower_is_better)
            })?;
        }
    }
    key(canvas, matrix, left, words)
}

fn cell(canvas: &Canvas, cell: &Cell, (x, top): (f64, f64), width: f64, lower: bool) -> Drawn {
    let ground = cell.ratio.map_or(EVEN, |ratio| colour(ratio, lower));
    canvas.rectangle(
        (x + 1.5, top + 1.5),
        (x + width - 1.5, top + ROW - 1.5),
        ground,
    )?;
    let ink = ink(ground);
    let middle = x + width / 2.0;
    let [ratio, interval, verdict] = &cell.lines;
    let fit = |text: &str, size| canvas::elided(text, size, width - 6.0);
    canvas.bold(
        &fit(ratio, TEXT),
        (middle, top + 13.0),
        TEXT,
        ink,
        Align::Middle,
    )?;
    canvas.text(
        &fit(interval, 11.0),
        (middle, top + 28.0),
        11.0,
        ink,
        Align::Middle,
    )?;
    canvas.text(
        &fit(verdict, 10.5),
        (middle, top + 42.0),
        10.5,
        ink,
        Align::Middle,
    )
}

fn key(canvas: &Canvas, matrix: &Matrix, left: f64, words: &Words) -> Drawn {
    let y = TOP + ROW * matrix.rows.len() as f64 + 10.0;
    let ratios = [0.25, 0.35, 0.5, 0.71, 1.0, 1.41, 2.0, 2.83, 4.0];
    for (index, ratio) in ratios.into_iter().enumerate() {
        let x = left + 34.0 * index as f64;
        let ground = colour(ratio, matrix.lower_is_better);
        canvas.rectangle((x, y), (x + 34.0, y + 9.0), ground)?;
        if index % 2 == 0 {
            let label = crate::number::significant(ratio, 2);
            canvas.text(&label, (x + 17.0, y + 18.0), 10.5, FAINT, Align::Middle)?;
        }
    }
    let end = left + 34.0 * ratios.len() as f64;
    canvas.line(&[(left, y), (end, y)], 0.5, GRID)?;
    let ratio = say!(words, "heat-key");
    canvas.text(&ratio, (left - 8.0, y + 5.0), SMALL, FAINT, Align::Right)
}

/// The colour of a ratio: from one to the ends of the scale by its logarithm.
fn colour(ratio: f64, lower_is_better: bool) -> (u8, u8, u8) {
    let far = libm::log(ratio.max(1e-9)) / libm::log(FULL);
    let far = far.clamp(-1.0, 1.0);
    let end = if (far < 0.0) == lower_is_better {
        GOOD
    } else {
        BAD
    };
    let mix = |from: u8, to: u8| {
        let value = f64::from(from) + (f64::from(to) - f64::from(from)) * far.abs();
        value.round() as u8
    };
    (mix(EVEN.0, end.0), mix(EVEN.1, end.1), mix(EVEN.2, end.2))
}

/// Whichever text stands out more.
fn ink(ground: (u8, u8, u8)) -> (u8, u8, u8) {
    if contrast(ON_LIGHT, ground) >= contrast(ON_DARK, ground) {
        ON_LIGHT
    } else {
        ON_DARK
    }
}

/// Contrast of two colours by WCAG 2.2.
fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
    let luminance = |(red, green, blue): (u8, u8, u8)| {
        let [r, g, b] = [red, green, blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                libm::pow((part + 0.055) / 1.055, 2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_out_from_every_colour() {
        for step in -40..=40 {
            let ground = colour(libm::pow(FULL, f64::from(step) / 30.0), true);
            let contrast = contrast(ink(ground), ground);
            assert!(contrast >= 4.5, "{ground:?}: {contrast}");
        }
    }

    #[test]
    fn one_is_even_and_sides_differ() {
        assert_eq!(colour(1.0, true), EVEN);
        assert_eq!(colour(9.0, true), BAD);
        assert_eq!(colour(9.0, false), GOOD);
        assert_eq!(colour(0.0, true), GOOD);
    }
}
