//! Figures as SVG, the same bytes for both forms of the report.

pub mod axis;
pub mod canvas;
pub mod curves;
pub mod dots;
pub mod drift;
pub mod forest;
pub mod groups;
pub mod heat;
pub mod lines;
pub mod path;
pub mod ridge;
mod sheet;

use vnicbench_model::{Arm, Backend, Instance, Mix};

/// A drawn figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Stable name: an anchor, a file name.
    pub id: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it says, for those who don't see it.
    pub alt: String,
    /// The drawing, a document of its own that is named and described by its first two
    /// elements.
    pub svg: String,
    /// The same on the other kind of axis, where that shows something; needs the first beside
    /// it.
    pub other: Option<Other>,
}

/// A figure on the other kind of axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Logarithmic where the figure itself is linear, and the other way round.
    pub spacing: Spacing,
    /// The drawing.
    pub svg: String,
}

/// How an axis is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Equal differences are equally long.
    Linear,
    /// Equal ratios are equally long.
    Logarithmic,
}

/// A figure that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot draw the figure {figure}: {message}; this is a fault in the program, please report it"
)]
pub struct FigureError {
    pub(crate) figure: String,
    pub(crate) message: String,
}

/// The shape of a marker. Arms differ by shape as well as by colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Filled circle.
    Circle,
    /// Square on its side.
    Square,
    /// Square on its corner.
    Diamond,
    /// Triangle, point up.
    Up,
    /// Triangle, point down.
    Down,
    /// Two bars.
    Cross,
    /// Two triangles, point to point.
    Hourglass,
    /// Six corners, one up.
    Hexagon,
}

/// How an arm looks everywhere.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Red, green, blue.
    pub colour: (u8, u8, u8),
    /// Its marker.
    pub shape: Shape,
    /// The dashes and gaps of its lines; empty for none.
    pub dashes: &'static str,
    /// What is in the marker's middle, to tell a mix from its first part.
    pub core: Option<Core>,
}

/// The middle of a mix's marker.
#[derive(Debug, Clone, Copy)]
pub enum Core {
    /// NICs of two kinds in one instance: the other's colour.
    Filled((u8, u8, u8)),
    /// Instances of two kinds: nothing.
    Hollow,
}

/// The look of an arm: colours near those of Okabe and Ito (jfly.uni-koeln.de/color, 2008),
/// moved until they stand out 3:1 from white and from each other to the colour-blind. Shape
/// and dashes say the same without colour.
pub fn look(arm: Arm) -> Look {
    let core = arm.mix.map(|mix| match mix {
        Mix::Nic(backend) => Core::Filled(
            look(Arm {
                backend,
                mix: None,
                ..arm
            })
            .colour,
        ),
        Mix::Instance(_) => Core::Hollow,
    });
    let (colour, shape, dashes) = match (arm.backend, arm.instance) {
        (Backend::Virtio, _) => (BLUE, Shape::Circle, ""),
        (Backend::Vhost, _) => (PINK, Shape::Square, "7 2"),
        (Backend::Sriov, Instance::Container) => (BROWN, Shape::Up, "5 2 1 2"),
        (Backend::Sriov, _) => (VERMILION, Shape::Diamond, "3 1.5"),
        (Backend::Veth, _) => (GREEN, Shape::Down, "9 2 2 2"),
        (Backend::Native, _) => (GREY, Shape::Cross, "1.5 1.5"),
        (Backend::VhostUser, _) => (PURPLE, Shape::Hexagon, "12 3"),
        // Whichever has no look of its own; at present that is one.
        _ => (SKY, Shape::Hourglass, "4 4"),
    };
    Look {
        colour,
        shape,
        dashes,
        core,
    }
}

type Colour = (u8, u8, u8);

const BLUE: Colour = (0x00, 0x72, 0xb2);
const PINK: Colour = (0xb8, 0x5c, 0x92);
const VERMILION: Colour = (0xd5, 0x5e, 0x00);
const BROWN: Colour = (0x7a, 0x4a, 0x00);
const GREEN: Colour = (0x00, 0x8a, 0x65);
const GREY: Colour = (0x60, 0x60, 0x60);
const PURPLE: Colour = (0x4b, 0x2e, 0x9b);
const SKY: Colour = (0x4a, 0x97, 0xcc);

/// Every colour of a figure with the one in its place on dark paper, of the same hue: a
/// drawing is made once, for paper.
pub const IN_THE_DARK: [(Colour, Colour); 13] = [
    (canvas::INK, (0xe8, 0xe6, 0xe3)),
    (canvas::FAINT, (0xae, 0xaa, 0xa5)),
    (canvas::PAPER, (0x16, 0x18, 0x1b)),
    (canvas::GRID, (0x3d, 0x41, 0x47)),
    (canvas::BAND, (0x2a, 0x2e, 0x33)),
    (BLUE, (0x4d, 0xa3, 0xe0)),
    (PINK, (0xdd, 0x93, 0xbd)),
    (VERMILION, (0xf0, 0x84, 0x3a)),
    (BROWN, (0xff, 0xd5, 0x66)),
    (GREEN, (0x2f, 0xc4, 0x9a)),
    (GREY, (0xd8, 0xd8, 0xd8)),
    (PURPLE, (0x8f, 0x6b, 0xe8)),
    (SKY, (0x8f, 0xd0, 0xf5)),
];

/// The marker of an arm as a drawing of its own, for a list beside the report.
///
/// # Errors
///
/// [`FigureError`], which a marker gives no reason for.
pub fn swatch(arm: Arm) -> Result<String, FigureError> {
    canvas::small(|canvas| canvas.marker((8.0, 8.0), 5.5, look(arm)))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Matrix = [[f64; 3]; 3];

    fn times(matrix: &Matrix, [a, b, c]: [f64; 3]) -> [f64; 3] {
        matrix.map(|[x, y, z]| x * a + y * b + z * c)
    }

    /// The linear parts of a colour (IEC 61966-2-1).
    fn linear((red, green, blue): Colour) -> [f64; 3] {
        [red, green, blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: Colour) -> f64 {
        let [r, g, b] = linear(colour);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// What is seen without one kind of cone, and with all (Machado, Oliveira and Fernandes,
    /// IEEE TVCG 15(6), 2009, severity 1).
    const EYES: [Matrix; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ];

    /// CIE 1976 L*a*b* of a colour to an eye.
    fn seen(eye: &Matrix, colour: Colour) -> [f64; 3] {
        const XYZ: Matrix = [
            [0.4124, 0.3576, 0.1805],
            [0.2126, 0.7152, 0.0722],
            [0.0193, 0.1192, 0.9505],
        ];
        let light = times(eye, linear(colour)).map(|part| part.clamp(0.0, 1.0));
        let [x, y, z] = times(&XYZ, light);
        let [x, y, z] = [x / 0.9505, y, z / 1.089].map(|t: f64| {
            if t > 0.008856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn arms_differ_to_every_eye() {
        let arms = IN_THE_DARK.get(5..).expect("those of arms");
        for (at, a) in arms.iter().enumerate() {
            for b in arms.iter().skip(at + 1) {
                for (a, b) in [(a.0, b.0), (a.1, b.1)] {
                    for eye in &EYES {
                        let (p, q) = (seen(eye, a), seen(eye, b));
                        let square = |i: usize| (p[i] - q[i]) * (p[i] - q[i]);
                        let distance = (square(0) + square(1) + square(2)).sqrt();
                        assert!(distance > 10.0, "{a:x?} {b:x?}: {distance}");
                    }
                }
            }
        }
    }

    fn contrast(a: Colour, b: Colour) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn marks_stand_out_from_their_paper() {
        let dark = IN_THE_DARK[2].1;
        let is_ground = |c| [canvas::PAPER, canvas::GRID, canvas::BAND].contains(&c);
        for (day, night) in IN_THE_DARK.into_iter().filter(|(day, _)| !is_ground(*day)) {
            assert!(contrast(day, canvas::PAPER) >= 3.0, "{day:?}");
            assert!(contrast(night, dark) >= 3.0, "{night:?}");
        }
        for text in [canvas::INK, canvas::FAINT] {
            assert!(contrast(text, canvas::BAND) >= 4.5);
        }
    }

    #[test]
    fn arms_differ_in_colour_shape_and_dashes() {
        let vm = Backend::ALL.iter().map(|&backend| Arm {
            backend,
            instance: Instance::Vm,
            mix: None,
        });
        let looks: Vec<_> = vm.map(look).collect();
        for (index, a) in looks.iter().enumerate() {
            for b in looks.iter().skip(index + 1) {
                assert!(a.colour != b.colour && a.shape != b.shape && a.dashes != b.dashes);
            }
            assert!(IN_THE_DARK.iter().any(|(day, _)| *day == a.colour), "{a:?}");
        }
    }
}
