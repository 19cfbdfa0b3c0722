//! Figures as SVG: drawn with plotters, the same bytes for both forms of the report.

pub mod axis;
pub mod canvas;
pub mod curves;
pub mod dots;
pub mod forest;

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

/// The look of an arm: colours of Okabe and Ito (jfly.uni-koeln.de/color, 2008), which the
/// colour-blind tell apart; orange and sky blue are darkened until they stand out 3:1 from
/// white.
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
    let (colour, shape) = match (arm.backend, arm.instance) {
        (Backend::Virtio, _) => ((0x00, 0x72, 0xb2), Shape::Circle),
        (Backend::Vhost, _) => ((0xb8, 0x5c, 0x92), Shape::Square),
        (Backend::Sriov, Instance::Container) => ((0xb3, 0x7a, 0x00), Shape::Up),
        (Backend::Sriov, _) => ((0xd5, 0x5e, 0x00), Shape::Diamond),
        (Backend::Veth, _) => ((0x00, 0x8a, 0x65), Shape::Down),
        (Backend::Native, _) => ((0x60, 0x60, 0x60), Shape::Cross),
        (Backend::VhostUser, _) => ((0x6a, 0x51, 0xa3), Shape::Hexagon),
        // Whichever has no look of its own; at present that is one.
        _ => ((0x4a, 0x97, 0xcc), Shape::Hourglass),
    };
    Look {
        colour,
        shape,
        core,
    }
}
