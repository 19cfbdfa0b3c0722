//! A sheet of given size to draw on, in CSS pixels.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::prelude::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};
use vnicbench_model::Arm;

use super::sheet::{Pen, Sheet, UNITS, escape};
use super::{Core, Figure, FigureError, Look, Shape};
use crate::fonts;
use crate::words::Words;

/// Width of every figure.
pub const WIDTH: f64 = 720.0;
/// Size of most text.
pub const TEXT: f64 = 13.0;
/// Size of tick labels and notes.
pub const SMALL: f64 = 11.5;

/// How much wider a bold text is.
const BOLD: f64 = 1.1;

/// Text and axes.
pub const INK: (u8, u8, u8) = (0x22, 0x22, 0x22);
/// Secondary text: 4.5:1 on white.
pub const FAINT: (u8, u8, u8) = (0x66, 0x66, 0x66);
/// What is drawn on.
pub const PAPER: (u8, u8, u8) = (0xff, 0xff, 0xff);
/// Grid.
pub const GRID: (u8, u8, u8) = (0xdd, 0xdd, 0xdd);
/// Bands behind the data.
pub const BAND: (u8, u8, u8) = (0xf0, 0xf0, 0xf0);

/// Where the anchor of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its start.
    Left,
    /// At its middle.
    Middle,
    /// At its end.
    Right,
}

/// What is drawn on.
pub struct Canvas {
    area: DrawingArea<Sheet, Shift>,
    pen: Rc<RefCell<Pen>>,
}

/// A place that is no number is an error, with a word on what was to be drawn there.
pub type Drawn = Result<(), String>;

/// Draws a figure of `height` pixels.
///
/// # Errors
///
/// [`FigureError`] for a place that is no number.
pub fn figure(
    words: &Words,
    id: &str,
    title: String,
    alt: String,
    height: f64,
    draw: impl FnOnce(&Canvas) -> Drawn,
) -> Result<Figure, FigureError> {
    let named = format!(
        "<title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
        escape(&title),
        escape(&alt)
    );
    Ok(Figure {
        svg: document(words, id, &named, height, draw)?,
        id: id.to_owned(),
        title,
        alt,
        other: None,
    })
}

/// Draws a figure again, on another axis. The drawing has the name and the description of
/// the first.
///
/// # Errors
///
/// [`FigureError`] for a place that is no number.
pub fn again(
    words: &Words,
    id: &str,
    height: f64,
    draw: impl FnOnce(&Canvas) -> Drawn,
) -> Result<String, FigureError> {
    document(words, id, "", height, draw)
}

/// Draws 16 x 16 pixels that stand beside their name.
///
/// # Errors
///
/// [`FigureError`] for a place that is no number.
pub fn small(draw: impl FnOnce(&Canvas) -> Drawn) -> Result<String, FigureError> {
    let body = Canvas::body("swatch", (16.0, 16.0), draw)?;
    Ok(format!(
        "<svg width=\"16\" height=\"16\" aria-hidden=\"true\">{body}</svg>"
    ))
}

fn document(
    words: &Words,
    id: &str,
    named: &str,
    height: f64,
    draw: impl FnOnce(&Canvas) -> Drawn,
) -> Result<String, FigureError> {
    let body = Canvas::body(id, (WIDTH, height), draw)?;
    // That of the PDF; the HTML's style sheet overrides it with the reader's.
    let font = fonts::family(words.language());
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{font}\" font-size=\"{TEXT}\" fill=\"{}\">{named}\n{body}</svg>",
        hex(INK)
    ))
}

/// A colour as SVG and CSS write it.
pub fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// Width of a text in pixels, whichever font it is shown in.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(fonts::advance).sum::<f64>() * size
}

/// Width of the widest text.
pub fn widest<'t>(texts: impl IntoIterator<Item = &'t str>, size: f64) -> f64 {
    texts
        .into_iter()
        .map(|text| width(text, size))
        .fold(0.0, f64::max)
}

/// A text, or as much of it as fits, with `…` for the rest.
pub fn elided(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter = format!("{}…", kept.iter().collect::<String>().trim_end());
        if width(&shorter, size) <= room {
            return shorter;
        }
    }
    String::new()
}

/// In units, if it is a place.
fn place((x, y): (f64, f64)) -> Result<(i32, i32), String> {
    if (x + y).is_finite() {
        Ok(((x * UNITS).round() as i32, (y * UNITS).round() as i32))
    } else {
        Err(format!("({x}, {y}) is no place on a figure"))
    }
}

fn places(points: &[(f64, f64)]) -> Result<Vec<(i32, i32)>, String> {
    points.iter().copied().map(place).collect()
}

fn rgb((red, green, blue): (u8, u8, u8)) -> RGBColor {
    RGBColor(red, green, blue)
}

fn drawn(result: Result<(), DrawingAreaErrorKind<std::fmt::Error>>) -> Drawn {
    result.map_err(|error| error.to_string())
}

impl Canvas {
    /// The shapes of a drawing of `width` by `height` pixels.
    fn body(
        id: &str,
        (width, height): (f64, f64),
        draw: impl FnOnce(&Self) -> Drawn,
    ) -> Result<String, FigureError> {
        let pen = Rc::new(RefCell::new(Pen::default()));
        let sheet = Sheet {
            pen: Rc::clone(&pen),
            size: ((width * UNITS) as u32, (height * UNITS) as u32),
        };
        let canvas = Self {
            area: sheet.into_drawing_area(),
            pen,
        };
        draw(&canvas)
            .and_then(|()| drawn(canvas.area.present()))
            .map_err(|message| FigureError {
                figure: id.to_owned(),
                message,
            })?;
        Ok(canvas.pen.take().body)
    }

    /// Writes what plotters has no shape for.
    fn put(&self, markup: &str) {
        let body = &mut self.pen.borrow_mut().body;
        body.push_str(markup);
        body.push('\n');
    }

    /// Puts together what shows an arm, so that it can be hidden with the arm, and says its
    /// value to who points at it.
    pub fn mark(&self, arm: Arm, value: &str, draw: impl FnOnce() -> Drawn) -> Drawn {
        self.put(&format!(
            "<g class=\"mark\" data-arm=\"{arm}\"><title>{}</title>",
            escape(value)
        ));
        draw()?;
        self.put("</g>");
        Ok(())
    }

    /// What can be pointed at though nothing is seen there.
    pub fn target(&self, from: (f64, f64), to: (f64, f64)) -> Drawn {
        let ((x0, y0), (x1, y1)) = (place(from)?, place(to)?);
        let [x, y, width, height] = [x0, y0, x1 - x0, y1 - y0].map(|at| f64::from(at) / UNITS);
        self.put(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" pointer-events=\"all\"/>"
        ));
        Ok(())
    }

    /// Text whose middle is at height `y`.
    pub fn text(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
    ) -> Drawn {
        self.styled(text, at, size, colour, align, FontStyle::Normal)
    }

    /// Bold text.
    pub fn bold(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
    ) -> Drawn {
        self.styled(text, at, size, colour, align, FontStyle::Bold)
    }

    /// The bold heading of the rows below it, on ground of its own: it reaches over the plot.
    pub fn heading(&self, text: &str, y: f64, height: f64) -> Drawn {
        let text = elided(text, SMALL, WIDTH / BOLD);
        let right = width(&text, SMALL) * BOLD;
        self.rectangle((0.0, y - height / 2.0), (right, y + height / 2.0), PAPER)?;
        self.bold(&text, (0.0, y), SMALL, INK, Align::Left)
    }

    fn styled(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
        weight: FontStyle,
    ) -> Drawn {
        let side = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let colour = rgb(colour);
        let font = FontDesc::new(FontFamily::SansSerif, size * UNITS, weight);
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(side, VPos::Center));
        drawn(self.area.draw(&Text::new(text, place(at)?, style)))
    }

    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], thickness: f64, colour: (u8, u8, u8)) -> Drawn {
        self.stroke(points, thickness, colour)
    }

    /// A line through points in the colour and the dashes of an arm.
    pub fn curve(&self, points: &[(f64, f64)], thickness: f64, look: Look) -> Drawn {
        self.pen.borrow_mut().dashes = look.dashes;
        let result = self.stroke(points, thickness, look.colour);
        self.pen.borrow_mut().dashes = "";
        result
    }

    /// An interval as a line at height `y` with its ends, all of it one shape.
    pub fn interval(&self, (low, high): (f64, f64), y: f64, colour: (u8, u8, u8)) -> Drawn {
        self.line(&[(low, y), (high, y)], 2.0, colour)?;
        for end in [low, high] {
            self.line(&[(end, y - 4.0), (end, y + 4.0)], 2.0, colour)?;
        }
        Ok(())
    }

    fn stroke(&self, points: &[(f64, f64)], thickness: f64, colour: (u8, u8, u8)) -> Drawn {
        let style = rgb(colour).stroke_width((thickness * UNITS).round() as u32);
        drawn(self.area.draw(&PathElement::new(places(points)?, style)))
    }

    /// A filled rectangle between two corners.
    pub fn rectangle(
        &self,
        (x0, y0): (f64, f64),
        (x1, y1): (f64, f64),
        colour: (u8, u8, u8),
    ) -> Drawn {
        self.polygon(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)
    }

    /// A filled polygon.
    pub fn polygon(&self, corners: &[(f64, f64)], colour: (u8, u8, u8)) -> Drawn {
        let style = rgb(colour).filled();
        drawn(self.area.draw(&Polygon::new(places(corners)?, style)))
    }

    /// A filled polygon that what lies behind is seen through.
    pub fn veil(&self, corners: &[(f64, f64)], opacity: f64, colour: (u8, u8, u8)) -> Drawn {
        let points: Vec<String> = places(corners)?
            .into_iter()
            // Half a pixel is enough for a ground, and is written in fewer digits.
            .map(|(x, y)| [x, y].map(|at| (f64::from(at) / UNITS * 2.0).round() / 2.0))
            .map(|[x, y]| format!("{x},{y}"))
            .collect();
        self.put(&format!(
            "<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{opacity}\"/>",
            points.join(" "),
            hex(colour)
        ));
        Ok(())
    }

    /// A line that ends in an arrow's head.
    pub fn arrow(&self, points: &[(f64, f64)], thickness: f64, colour: (u8, u8, u8)) -> Drawn {
        let [.., from, (x, y)] = *points else {
            return Ok(());
        };
        self.line(points, thickness, colour)?;
        let (dx, dy) = (x - from.0, y - from.1);
        let length = libm::hypot(dx, dy).max(1e-9);
        let (dx, dy) = (dx / length * 6.0, dy / length * 6.0);
        let wing = |side: f64| (x - dx - side * dy * 0.55, y - dy + side * dx * 0.55);
        self.polygon(&[(x, y), wing(1.0), wing(-1.0)], colour)
    }

    /// Trials: small rings, so that those on top of each other are seen.
    pub fn rings(&self, centres: &[(f64, f64)], radius: f64, colour: (u8, u8, u8)) -> Drawn {
        for centre in centres {
            self.circle(*centre, radius, rgb(colour).into())?;
        }
        let rings = std::mem::take(&mut self.pen.borrow_mut().rings);
        self.put(&format!(
            "<path d=\"{rings}\" fill=\"none\" stroke=\"{}\" stroke-opacity=\".75\"/>",
            hex(colour)
        ));
        Ok(())
    }

    fn circle(&self, centre: (f64, f64), radius: f64, style: ShapeStyle) -> Drawn {
        let radius = (radius * UNITS).round() as u32;
        drawn(self.area.draw(&Circle::new(place(centre)?, radius, style)))
    }

    /// A marker of about twice `radius` across.
    pub fn marker(&self, (x, y): (f64, f64), radius: f64, look: Look) -> Drawn {
        let r = radius;
        let polygon = |corners: &[(f64, f64)]| {
            let corners: Vec<_> = corners
                .iter()
                .map(|(dx, dy)| (x + dx * r, y + dy * r))
                .collect();
            self.polygon(&corners, look.colour)
        };
        let disc = |radius: f64, colour| self.circle((x, y), radius, rgb(colour).filled());
        match look.shape {
            Shape::Circle => disc(r, look.colour),
            Shape::Square => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            Shape::Diamond => polygon(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
            Shape::Up => polygon(&[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)]),
            Shape::Down => polygon(&[(0.0, 1.2), (1.15, -0.85), (-1.15, -0.85)]),
            Shape::Cross => {
                self.line(&[(x - r, y - r), (x + r, y + r)], 2.4, look.colour)?;
                self.line(&[(x - r, y + r), (x + r, y - r)], 2.4, look.colour)
            }
            Shape::Hexagon => polygon(&[
                (0.0, -1.2),
                (1.04, -0.6),
                (1.04, 0.6),
                (0.0, 1.2),
                (-1.04, 0.6),
                (-1.04, -0.6),
            ]),
            Shape::Hourglass => {
                polygon(&[(0.0, 0.0), (1.1, -1.2), (-1.1, -1.2)])?;
                polygon(&[(0.0, 0.0), (1.1, 1.2), (-1.1, 1.2)])
            }
        }?;
        match look.core {
            None => Ok(()),
            Some(Core::Hollow) => disc(0.5 * r, PAPER),
            Some(Core::Filled(colour)) => {
                disc(0.62 * r, PAPER)?;
                disc(0.42 * r, colour)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_measured() {
        assert!((60.0..100.0).contains(&width("virtio (VM)", TEXT)));
        assert_eq!(width("한글", 10.0), 20.0);
        assert!(elided("a long name of something", TEXT, 60.0).ends_with('…'));
    }

    #[test]
    fn a_place_that_is_no_number_is_refused() {
        let words = Words::of(crate::Language::English).expect("words");
        let drawn = figure(&words, "x", "t".into(), "a".into(), 10.0, |canvas| {
            canvas.line(&[(0.0, f64::NAN)], 1.0, INK)
        });
        assert!(drawn.expect_err("refused").message.contains("no place"));
    }

    #[test]
    fn text_stays_text() {
        let words = Words::of(crate::Language::English).expect("words");
        let drawn = figure(&words, "x", "<t>".into(), "a & b".into(), 10.0, |canvas| {
            canvas.mark(Arm::BASELINE, "<script>", || {
                canvas.text("<b>&", (0.0, 0.0), TEXT, INK, Align::Left)
            })
        });
        let svg = drawn.expect("drawn").svg;
        assert!(
            svg.contains("<title>&lt;script&gt;</title>") && svg.contains(">&lt;b&gt;&amp;</text>")
        );
    }
}
