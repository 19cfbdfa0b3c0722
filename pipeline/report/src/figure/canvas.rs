//! A sheet of given size to draw on, in CSS pixels.

use std::sync::LazyLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Core, Figure, FigureError, Look, Shape};

/// Width of every figure.
pub const WIDTH: f64 = 720.0;
/// Size of most text.
pub const TEXT: f64 = 13.0;
/// Size of tick labels and notes.
pub const SMALL: f64 = 11.5;

/// Drawing units in a pixel: plotters places whole units only.
const UNITS: f64 = 4.0;
/// plotters takes a font's size to be its height in the mean font, 1.24 em.
const HEIGHT: f64 = 1.24;
/// The PDF's font; the HTML's style sheet overrides it with the reader's.
const FONT: &str = "Libertinus Serif";
/// The reader's fonts run wider than the one that text is measured in.
const SLACK: f64 = 1.22;

/// Text and axes. The HTML's style sheet knows the three by their values and swaps them in
/// the dark.
pub const INK: (u8, u8, u8) = (0x22, 0x22, 0x22);
/// Secondary text: 4.5:1 on white.
pub const FAINT: (u8, u8, u8) = (0x66, 0x66, 0x66);
/// What is drawn on.
const PAPER: (u8, u8, u8) = (0xff, 0xff, 0xff);
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
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Any failure of plotters, by its text.
pub type Drawn = Result<(), String>;

/// Draws a figure of `height` pixels.
///
/// # Errors
///
/// [`FigureError`] if plotters refuses.
pub fn figure(
    id: &str,
    title: String,
    alt: String,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<Figure, FigureError> {
    let failed = |message: String| FigureError {
        figure: id.to_owned(),
        message,
    };
    if !*FONTS {
        return Err(failed("the built-in font can't be read".into()));
    }
    let mut drawing = String::new();
    let size = (units(WIDTH) as u32, units(height) as u32);
    {
        let area = SVGBackend::with_string(&mut drawing, size).into_drawing_area();
        let canvas = Canvas { area };
        draw(&canvas).map_err(failed)?;
        canvas
            .area
            .present()
            .map_err(|error| failed(error.to_string()))?;
    }
    // plotters' own first tag has neither name nor description.
    let body = drawing.split_once('>').map_or("", |(_, body)| body);
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {} {}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
         <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>{body}",
        size.0,
        size.1,
        escape(&title),
        escape(&alt),
    );
    Ok(Figure {
        id: id.to_owned(),
        title,
        alt,
        svg,
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

static FONTS: LazyLock<bool> = LazyLock::new(|| {
    let mut found = false;
    for data in typst_assets::fonts() {
        let Some(info) = typst::text::FontInfo::iter(data).next() else {
            continue;
        };
        if info.family != FONT || info.variant.style != typst::text::FontStyle::Normal {
            continue;
        }
        let style = match info.variant.weight.to_number() {
            400 => FontStyle::Normal,
            700 => FontStyle::Bold,
            _ => continue,
        };
        found |= register_font(FONT, style, data).is_ok();
    }
    found
});

/// Width of a text in pixels, whichever font it is shown in.
pub fn width(text: &str, size: f64) -> f64 {
    // Without a measure a generous guess; `figure` has refused by then if there's no font.
    let font = FontDesc::new(
        FontFamily::Name(FONT),
        size * HEIGHT * UNITS,
        FontStyle::Normal,
    );
    let measured = font
        .layout_box(text)
        .map(|((from, _), (to, _))| f64::from(to - from) / UNITS);
    measured.unwrap_or(text.chars().count() as f64 * size * 0.6) * SLACK
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

impl Canvas<'_> {
    fn put(&self, result: Result<(), DrawingAreaErrorKind<std::io::Error>>) -> Drawn {
        result.map_err(|error| error.to_string())
    }

    /// Text whose middle is at height `y`.
    pub fn text(
        &self,
        text: &str,
        (x, y): (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
    ) -> Drawn {
        self.styled(text, (x, y), size, colour, align, FontStyle::Normal)
    }

    /// Bold text.
    pub fn bold(
        &self,
        text: &str,
        (x, y): (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
    ) -> Drawn {
        self.styled(text, (x, y), size, colour, align, FontStyle::Bold)
    }

    fn styled(
        &self,
        text: &str,
        (x, y): (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
        style: FontStyle,
    ) -> Drawn {
        let h = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = FontDesc::new(FontFamily::Name(FONT), size * HEIGHT * UNITS, style);
        let colour = rgb(colour);
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(h, VPos::Center));
        self.put(
            self.area
                .draw(&Text::new(text, (units(x), units(y)), style)),
        )
    }

    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], thickness: f64, colour: (u8, u8, u8)) -> Drawn {
        let points: Vec<_> = points.iter().map(|(x, y)| (units(*x), units(*y))).collect();
        let style = rgb(colour).stroke_width(units(thickness).max(1) as u32);
        self.put(self.area.draw(&PathElement::new(points, style)))
    }

    /// A filled rectangle between two corners.
    pub fn rectangle(
        &self,
        (x0, y0): (f64, f64),
        (x1, y1): (f64, f64),
        colour: (u8, u8, u8),
    ) -> Drawn {
        let corners = [(units(x0), units(y0)), (units(x1), units(y1))];
        self.put(
            self.area
                .draw(&Rectangle::new(corners, rgb(colour).filled())),
        )
    }

    /// A trial: a small ring, so that those on top of each other are seen.
    pub fn ring(&self, (x, y): (f64, f64), radius: f64, colour: (u8, u8, u8)) -> Drawn {
        let style = rgb(colour).mix(0.75).stroke_width(units(1.0) as u32);
        self.put(
            self.area
                .draw(&Circle::new((units(x), units(y)), units(radius), style)),
        )
    }

    /// A marker of about twice `radius` across.
    pub fn marker(&self, (x, y): (f64, f64), radius: f64, look: Look) -> Drawn {
        let r = radius;
        let polygon = |corners: &[(f64, f64)]| {
            let corners: Vec<_> = corners
                .iter()
                .map(|(dx, dy)| (units(x + dx * r), units(y + dy * r)))
                .collect();
            self.put(
                self.area
                    .draw(&Polygon::new(corners, rgb(look.colour).filled())),
            )
        };
        let disc = |radius: f64, colour| {
            let circle = Circle::new((units(x), units(y)), units(radius), rgb(colour).filled());
            self.put(self.area.draw(&circle))
        };
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

fn rgb((red, green, blue): (u8, u8, u8)) -> RGBColor {
    RGBColor(red, green, blue)
}
