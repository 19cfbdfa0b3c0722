//! What plotters draws on: SVG with few attributes a shape, since a report has thousands of
//! shapes and a reader's browser holds each of them.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::rc::Rc;

use plotters::prelude::DrawingBackend;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontStyle,
    FontTransform,
};

use super::canvas::{INK, TEXT, hex};

/// Drawing units in a pixel: plotters places whole units only.
pub(super) const UNITS: f64 = 10.0;
/// From the middle of a line of text to its baseline, in sizes.
const DROP: f64 = 0.35;

/// A drawing in the making, and what plotters' styles have no room for.
#[derive(Debug, Default)]
pub(super) struct Pen {
    /// The shapes so far.
    pub(super) body: String,
    /// Dashes of the next lines.
    pub(super) dashes: &'static str,
    /// Circles that become one shape.
    pub(super) rings: String,
    /// The line that the drawing ends in, if it does.
    stroke: Option<Stroke>,
}

/// A line in the body, which a next one of the same looks becomes a part of.
#[derive(Debug)]
struct Stroke {
    /// What is written behind its points.
    style: String,
    /// Where these end.
    points: usize,
    /// Where it ends.
    end: usize,
}

/// The backend; it and the canvas hold the same pen.
pub(super) struct Sheet {
    pub(super) pen: Rc<RefCell<Pen>>,
    /// In units.
    pub(super) size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<fmt::Error>>;

impl Sheet {
    fn put(&self, shape: fmt::Arguments<'_>) -> Drawn {
        let mut pen = self.pen.borrow_mut();
        pen.body
            .write_fmt(shape)
            .and_then(|()| pen.body.write_char('\n'))
            .map_err(DrawingErrorKind::DrawingError)
    }
}

impl DrawingBackend for Sheet {
    type ErrorType = fmt::Error;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.fill_polygon([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], &colour)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Drawn {
        let dashes = match self.pen.borrow().dashes {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        let colour = hex(style.color().rgb);
        let width = short(i64::from(style.stroke_width()));
        let style =
            format!("\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}/>\n");
        let points = path(points);
        let mut pen = self.pen.borrow_mut();
        let last = pen.stroke.take();
        let last = last.filter(|last| last.end == pen.body.len() && last.style == style);
        match last {
            Some(last) => pen.body.insert_str(last.points, &points),
            None => {
                pen.body.push_str("<path d=\"");
                pen.body.push_str(&points);
                pen.body.push_str(&style);
            }
        }
        let end = pen.body.len();
        pen.stroke = Some(Stroke {
            points: end - style.len(),
            end,
            style,
        });
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let r = short(i64::from(radius));
        if fill {
            let [cx, cy] = [x, y].map(|at| short(at.into()));
            let fill = hex(style.color().rgb);
            return self.put(format_args!(
                "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"{r}\" fill=\"{fill}\"/>"
            ));
        }
        let [left, y] = [i64::from(x) - i64::from(radius), y.into()].map(short);
        // All but a hundredth of a circle.
        write!(
            self.pen.borrow_mut().rings,
            "M{left} {y}a{r} {r} 0 1 1 0 .01z"
        )
        .map_err(DrawingErrorKind::DrawingError)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let fill = hex(style.color().rgb);
        self.put(format_args!(
            "<path d=\"{}Z\" fill=\"{fill}\"/>",
            path(corners)
        ))
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        if !matches!(style.transform(), FontTransform::None) {
            return Err(DrawingErrorKind::FontError(
                "turned text isn't drawn here".into(),
            ));
        }
        let size = style.size() / UNITS;
        let base = f64::from(y) + DROP * style.size();
        let (left, base) = (short(x.into()), short(base.round() as i64));
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let size = match size {
            TEXT => String::new(),
            other => format!(" font-size=\"{}\"", short((other * UNITS).round() as i64)),
        };
        let weight = match style.style() {
            FontStyle::Bold => " font-weight=\"700\"",
            _ => "",
        };
        let fill = match style.color().rgb {
            INK => String::new(),
            other => format!(" fill=\"{}\"", hex(other)),
        };
        self.put(format_args!(
            "<text x=\"{left}\" y=\"{base}\"{anchor}{size}{weight}{fill}>{}</text>",
            escape(text)
        ))
    }
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Units as pixels, as short as it can be written.
fn short(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, tenth) = (units.unsigned_abs() / 10, units.unsigned_abs() % 10);
    match tenth {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{tenth}"),
    }
}

fn path(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut path = String::new();
    let mut last = None;
    for (x, y) in points {
        let [across, down] = [x, y].map(|at| short(at.into()));
        path.push_str(&match last {
            None => format!("M{across} {down}"),
            Some((_, known)) if known == y => format!("H{across}"),
            Some((known, _)) if known == x => format!("V{down}"),
            Some(_) => format!("L{across} {down}"),
        });
        last = Some((x, y));
    }
    path
}

#[cfg(test)]
mod tests {
    use plotters::style::{BLACK, RED};

    use super::*;

    #[test]
    fn lines_of_the_same_looks_become_one_shape() {
        let pen = Rc::default();
        let mut sheet = Sheet {
            pen: Rc::clone(&pen),
            size: (100, 100),
        };
        sheet.draw_path([(0, 0), (10, 0)], &BLACK).expect("drawn");
        sheet.draw_path([(0, 20), (10, 20)], &BLACK).expect("drawn");
        sheet.draw_path([(0, 0), (10, 0)], &RED).expect("drawn");
        pen.borrow_mut().body.push_str("<g>\n");
        sheet.draw_path([(0, 0), (0, 10)], &RED).expect("drawn");
        let path = |d: &str, colour: &str| {
            format!("<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"0.1\"/>\n")
        };
        assert_eq!(
            pen.borrow().body,
            [
                path("M0 0H1M0 2H1", "#000000"),
                path("M0 0H1", "#FF0000"),
                "<g>\n".to_owned(),
                path("M0 0V1", "#FF0000"),
            ]
            .concat()
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [10, 1, 0, -5, 105].map(short),
            ["1", "0.1", "0", "-0.5", "10.5"]
        );
        assert_eq!(
            path([(0, 10), (20, 10), (20, 30), (40, 50)]),
            "M0 1H2V3L4 5"
        );
    }
}
