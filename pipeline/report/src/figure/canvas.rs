//! A sheet of given size to draw on, in CSS pixels.
//!
//! The drawing is SVG with few attributes a shape: a report has thousands of shapes, and a
//! reader's browser holds each of them.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::LazyLock;

use ttf_parser::Face;
use vnicbench_model::Arm;

use super::{Core, Figure, FigureError, Look, Shape};

/// Width of every figure.
pub const WIDTH: f64 = 720.0;
/// Size of most text.
pub const TEXT: f64 = 13.0;
/// Size of tick labels and notes.
pub const SMALL: f64 = 11.5;

/// The PDF's font; the HTML's style sheet overrides it with the reader's.
pub const FONT: &str = "Libertinus Serif";
/// The reader's fonts run wider than the one that text is measured in.
const SLACK: f64 = 1.22;
/// From the middle of a line of text to its baseline, in sizes.
const DROP: f64 = 0.35;

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
pub struct Canvas<'a> {
    body: RefCell<&'a mut String>,
}

/// A place that is no number is an error, with a word on what was to be drawn there.
pub type Drawn = Result<(), String>;

/// Draws a figure of `height` pixels.
///
/// # Errors
///
/// [`FigureError`] for a place that is no number.
pub fn figure(
    id: &str,
    title: String,
    alt: String,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<Figure, FigureError> {
    let named = format!(
        "<title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
        escape(&title),
        escape(&alt)
    );
    Ok(Figure {
        svg: document(id, &named, height, draw)?,
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
    id: &str,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, FigureError> {
    document(id, "", height, draw)
}

/// Draws 16 x 16 pixels that stand beside their name.
///
/// # Errors
///
/// [`FigureError`] for a place that is no number.
pub fn small(draw: impl FnOnce(&Canvas<'_>) -> Drawn) -> Result<String, FigureError> {
    let mut svg = "<svg width=\"16\" height=\"16\" aria-hidden=\"true\">".to_owned();
    let canvas = Canvas {
        body: RefCell::new(&mut svg),
    };
    draw(&canvas).map_err(|message| FigureError {
        figure: "swatch".into(),
        message,
    })?;
    svg.push_str("</svg>");
    Ok(svg)
}

fn document(
    id: &str,
    named: &str,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, FigureError> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{FONT}\" font-size=\"{TEXT}\" fill=\"{}\">{named}\n",
        hex(INK)
    );
    let canvas = Canvas {
        body: RefCell::new(&mut svg),
    };
    draw(&canvas).map_err(|message| FigureError {
        figure: id.to_owned(),
        message,
    })?;
    svg.push_str("</svg>");
    Ok(svg)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A colour as SVG and CSS write it.
pub fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// A length to the tenth of a pixel, as short as it can be written.
fn short(length: f64) -> String {
    let text = format!("{length:.1}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| {
    typst_assets::fonts().find_map(|data| {
        let info = typst::text::FontInfo::iter(data).next()?;
        let upright = info.variant.style == typst::text::FontStyle::Normal;
        // The bold one, which is the wider.
        (info.family == FONT && upright && info.variant.weight.to_number() == 700)
            .then(|| Face::parse(data, 0).ok())?
    })
});

/// Width of a text in pixels, whichever font it is shown in.
pub fn width(text: &str, size: f64) -> f64 {
    let advance = |c: char| {
        let face = FACE.as_ref()?;
        let advance = face.glyph_hor_advance(face.glyph_index(c)?)?;
        Some(f64::from(advance) / f64::from(face.units_per_em()))
    };
    // What the font lacks is most often a script with wide characters.
    text.chars().map(|c| advance(c).unwrap_or(1.0)).sum::<f64>() * size * SLACK
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
    /// Writes a shape whose places are all numbers.
    fn put(&self, places: &[(f64, f64)], shape: std::fmt::Arguments<'_>) -> Drawn {
        if let Some(place) = places.iter().find(|(x, y)| !(x + y).is_finite()) {
            return Err(format!("{place:?} is no place for {shape}"));
        }
        let mut body = self.body.borrow_mut();
        body.write_fmt(shape).map_err(|error| error.to_string())?;
        body.push('\n');
        Ok(())
    }

    /// Puts together what shows an arm, so that it can be hidden with the arm, and says its
    /// value to who points at it.
    pub fn mark(&self, arm: Arm, value: &str, draw: impl FnOnce() -> Drawn) -> Drawn {
        let value = escape(value);
        self.put(
            &[],
            format_args!("<g class=\"mark\" data-arm=\"{arm}\"><title>{value}</title>"),
        )?;
        draw()?;
        self.put(&[], format_args!("</g>"))
    }

    /// What can be pointed at though nothing is seen there.
    pub fn target(&self, (x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> Drawn {
        let [x, y, width, height] = [x0, y0, x1 - x0, y1 - y0].map(short);
        self.put(
            &[(x0, y0), (x1, y1)],
            format_args!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" pointer-events=\"all\"/>"
            ),
        )
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
        self.styled(text, at, size, colour, align, "")
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
        self.styled(text, at, size, colour, align, " font-weight=\"700\"")
    }

    fn styled(
        &self,
        text: &str,
        (x, y): (f64, f64),
        size: f64,
        colour: (u8, u8, u8),
        align: Align,
        weight: &str,
    ) -> Drawn {
        let [left, base] = [x, y + DROP * size].map(short);
        let anchor = match align {
            Align::Left => "",
            Align::Middle => " text-anchor=\"middle\"",
            Align::Right => " text-anchor=\"end\"",
        };
        let size = match size {
            TEXT => String::new(),
            other => format!(" font-size=\"{}\"", short(other)),
        };
        let fill = match colour {
            INK => String::new(),
            other => format!(" fill=\"{}\"", hex(other)),
        };
        let text = escape(text);
        self.put(
            &[(x, y)],
            format_args!(
                "<text x=\"{left}\" y=\"{base}\"{anchor}{size}{weight}{fill}>{text}</text>"
            ),
        )
    }

    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], thickness: f64, colour: (u8, u8, u8)) -> Drawn {
        self.stroke(points, thickness, colour, "")
    }

    /// A line through points in the colour and the dashes of an arm.
    pub fn curve(&self, points: &[(f64, f64)], thickness: f64, look: Look) -> Drawn {
        let dashes = match look.dashes {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        self.stroke(points, thickness, look.colour, &dashes)
    }

    fn stroke(
        &self,
        points: &[(f64, f64)],
        thickness: f64,
        colour: (u8, u8, u8),
        dashes: &str,
    ) -> Drawn {
        let (path, colour) = (path(points), hex(colour));
        self.put(
            points,
            format_args!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thickness}\"{dashes}/>"
            ),
        )
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
        let (path, fill) = (path(corners), hex(colour));
        self.put(
            corners,
            format_args!("<path d=\"{path}Z\" fill=\"{fill}\"/>"),
        )
    }

    /// Trials: small rings, so that those on top of each other are seen.
    pub fn rings(&self, centres: &[(f64, f64)], radius: f64, colour: (u8, u8, u8)) -> Drawn {
        let mut path = String::new();
        for (x, y) in centres {
            let [x, y, r] = [x - radius, *y, radius].map(short);
            // All but a hundredth of a circle.
            path.push_str(&format!("M{x} {y}a{r} {r} 0 1 1 0 .01z"));
        }
        let colour = hex(colour);
        self.put(
            centres,
            format_args!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\".75\"/>"
            ),
        )
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
        let disc = |radius: f64, colour| {
            let ([cx, cy, r], fill) = ([x, y, radius].map(short), hex(colour));
            self.put(
                &[(x, y)],
                format_args!("<circle cx=\"{cx}\" cy=\"{cy}\" r=\"{r}\" fill=\"{fill}\"/>"),
            )
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

fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let mut last = None;
    for (x, y) in points {
        let (x, y) = (short(*x), short(*y));
        match &last {
            None => path.push_str(&format!("M{x} {y}")),
            Some((_, known)) if *known == y => path.push_str(&format!("H{x}")),
            Some((known, _)) if *known == x => path.push_str(&format!("V{y}")),
            Some(_) => path.push_str(&format!("L{x} {y}")),
        }
        last = Some((x, y));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [1.0, 0.126, -0.01, 10.5].map(short),
            ["1", "0.1", "0", "10.5"]
        );
        assert_eq!(
            path(&[(0.0, 1.0), (2.0, 1.0), (2.0, 3.0), (4.0, 5.0)]),
            "M0 1H2V3L4 5"
        );
    }

    #[test]
    fn text_is_measured() {
        assert!((60.0..100.0).contains(&width("virtio (VM)", TEXT)));
        assert_eq!(width("한글", 10.0), 20.0 * SLACK);
        assert!(elided("a long name of something", TEXT, 60.0).ends_with('…'));
    }

    #[test]
    fn a_place_that_is_no_number_is_refused() {
        let drawn = figure("x", "t".into(), "a".into(), 10.0, |canvas| {
            canvas.line(&[(0.0, f64::NAN)], 1.0, INK)
        });
        assert!(drawn.expect_err("refused").message.contains("no place"));
    }

    #[test]
    fn text_stays_text() {
        let drawn = figure("x", "<t>".into(), "a & b".into(), 10.0, |canvas| {
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
