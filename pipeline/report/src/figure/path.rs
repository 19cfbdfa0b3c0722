//! The way of a packet from an instance to the wire, drawn over the layers that it passes, with
//! what was counted on it.

use super::canvas::{self, Align, BAND, Canvas, Drawn, FAINT, INK, PAPER, SMALL, WIDTH};
use super::{Figure, FigureError, Look};
use crate::words::{Words, say};

const LANE: f64 = 74.0;
const BOX: f64 = 36.0;
const LEFT: f64 = 74.0;
const GAP: f64 = 14.0;
const NOTE: f64 = 9.5;
const TITLE: f64 = 10.5;
const TOP: f64 = 4.0;

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// In the virtual machine.
    Guest,
    /// In the container's network namespace.
    Container,
    /// In a process of the host.
    User,
    /// In the host's kernel.
    Kernel,
    /// In hardware, or what stands in for it.
    Hardware,
}

impl Lane {
    fn name(self, words: &Words) -> [String; 2] {
        let lane = match self {
            Self::Guest => "guest",
            Self::Container => "container",
            Self::User => "user",
            Self::Kernel => "kernel",
            Self::Hardware => "hardware",
        };
        [
            say!(words, "path-lane", lane = lane),
            say!(words, "path-lane-below", lane = lane),
        ]
    }
}

/// A step of the way.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it is.
    pub lane: Lane,
    /// What it is.
    pub title: String,
    /// What it does.
    pub note: String,
    /// What was counted there, on two lines: the counter, its value with the interval.
    pub counted: Option<[String; 2]>,
}

/// The way that an interrupt takes back.
#[derive(Debug, Clone)]
pub struct Back {
    /// The step of the packet's way that it begins at.
    pub from: usize,
    /// The column of its own step.
    pub column: usize,
    /// That step.
    pub step: Step,
}

/// A whole way.
#[derive(Debug, Clone)]
pub struct Way {
    /// From the instance to the wire; packets come in the other way round.
    pub steps: Vec<Step>,
    /// Of interrupts that go past these steps.
    pub back: Option<Back>,
}

impl Way {
    /// The way as a sentence.
    pub fn sentence(&self, words: &Words) -> String {
        let step = |step: &Step| say!(words, "path-step", title = step.title, note = step.note);
        let steps = self.steps.iter().map(step);
        let steps = steps
            .reduce(|steps, step| say!(words, "path-steps-joined", steps = steps, step = step))
            .unwrap_or_default();
        match &self.back {
            None => say!(words, "path-sentence", steps = steps),
            Some(back) => say!(
                words,
                "path-sentence-interrupts",
                steps = steps,
                from = self.steps.get(back.from).map_or("", |step| &step.title),
                step = back.step.title,
                note = back.step.note
            ),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .chain(self.back.iter().map(|back| &back.step))
    }
}

/// Draws a way in the look of its arm.
pub fn draw(
    id: &str,
    title: String,
    way: &Way,
    look: Look,
    words: &Words,
) -> Result<Figure, FigureError> {
    let counted = way.all().filter_map(|step| {
        let [counter, value] = step.counted.as_ref()?;
        Some(say!(
            words,
            "path-counted",
            counter = counter,
            value = value,
            step = step.title
        ))
    });
    let mut alt = way.sentence(words);
    for counter in counted {
        alt.push(' ');
        alt.push_str(&counter);
    }
    let mut lanes: Vec<Lane> = way.all().map(|step| step.lane).collect();
    lanes.sort_unstable();
    lanes.dedup();
    let height = TOP + LANE * lanes.len() as f64 + 4.0;
    canvas::figure(words, id, title, alt, height, |canvas| {
        plot(canvas, way, &lanes, look, words)
    })
}

/// Where boxes are.
struct Grid<'a> {
    lanes: &'a [Lane],
    width: f64,
}

impl Grid<'_> {
    /// Left, top of the box of a step.
    fn at(&self, column: usize, lane: Lane) -> (f64, f64) {
        let row = self
            .lanes
            .iter()
            .position(|known| *known == lane)
            .unwrap_or(0);
        let x = LEFT + GAP / 2.0 + (self.width + GAP) * column as f64;
        (x, TOP + LANE * row as f64 + 8.0)
    }
}

fn plot(canvas: &Canvas, way: &Way, lanes: &[Lane], look: Look, words: &Words) -> Drawn {
    let columns = way.steps.len().max(1) as f64;
    let grid = Grid {
        lanes,
        width: ((WIDTH - LEFT) / columns - GAP).min(130.0),
    };
    for (row, lane) in lanes.iter().enumerate() {
        let top = TOP + LANE * row as f64;
        canvas.rectangle((0.0, top), (WIDTH, top + LANE - 3.0), BAND)?;
        let [first, second] = lane.name(words);
        let middle = top + LANE / 2.0 - 1.5;
        let lift = if second.is_empty() { 0.0 } else { 7.0 };
        canvas.bold(&first, (8.0, middle - lift), SMALL, INK, Align::Left)?;
        canvas.bold(&second, (8.0, middle + 7.0), SMALL, INK, Align::Left)?;
    }
    for (column, pair) in way.steps.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let (x, y) = grid.at(column, from.lane);
        let (to_x, to_y) = grid.at(column + 1, to.lane);
        let (y, to_y) = (y + BOX / 2.0, to_y + BOX / 2.0);
        let start = (x + grid.width, y);
        let middle = start.0 + GAP * 0.35;
        let points = [start, (middle, y), (middle, to_y), (to_x, to_y)];
        canvas.arrow(&points, 1.75, look.colour)?;
    }
    for (column, step) in way.steps.iter().enumerate() {
        self::step(canvas, &grid, column, step, look.colour)?;
    }
    match &way.back {
        Some(back) => self::back(canvas, &grid, way, back),
        None => Ok(()),
    }
}

fn step(
    canvas: &Canvas,
    grid: &Grid<'_>,
    column: usize,
    step: &Step,
    colour: (u8, u8, u8),
) -> Drawn {
    let (x, y) = grid.at(column, step.lane);
    let (right, bottom) = (x + grid.width, y + BOX);
    canvas.rectangle((x, y), (right, bottom), colour)?;
    canvas.rectangle((x + 1.5, y + 1.5), (right - 1.5, bottom - 1.5), PAPER)?;
    let middle = x + grid.width / 2.0;
    // The reader's font is narrower than the measure allows for at its widest.
    let room = grid.width + 8.0;
    let title = canvas::elided(&step.title, TITLE, room);
    canvas.bold(&title, (middle, y + 12.0), TITLE, INK, Align::Middle)?;
    let note = canvas::elided(&step.note, NOTE, room);
    canvas.text(&note, (middle, y + 26.0), NOTE, FAINT, Align::Middle)?;
    let Some([counter, value]) = &step.counted else {
        return Ok(());
    };
    canvas.text(value, (middle, bottom + 8.0), NOTE, INK, Align::Middle)?;
    canvas.text(counter, (middle, bottom + 19.0), NOTE, FAINT, Align::Middle)
}

/// The interrupt's way: from below its first step to its own, and on to the instance.
fn back(canvas: &Canvas, grid: &Grid<'_>, way: &Way, back: &Back) -> Drawn {
    let (Some(from), Some(first)) = (way.steps.get(back.from), way.steps.first()) else {
        return Ok(());
    };
    let (x, y) = grid.at(back.column, back.step.lane);
    let (from_x, from_y) = grid.at(back.from, from.lane);
    let middle = y + BOX / 2.0;
    if back.column == back.from {
        let x = from_x + grid.width * 0.75;
        canvas.arrow(&[(x, from_y + BOX), (x, y)], 1.25, FAINT)?;
    } else {
        let start = (from_x + grid.width * 0.75, from_y);
        let turn = (start.0, middle);
        canvas.arrow(&[start, turn, (x + grid.width, middle)], 1.25, FAINT)?;
    }
    let (first_x, first_y) = grid.at(0, first.lane);
    let end = (first_x + grid.width * 0.3, first_y + BOX);
    canvas.arrow(&[(x, middle), (end.0, middle), end], 1.25, FAINT)?;
    step(canvas, grid, back.column, &back.step, FAINT)
}
