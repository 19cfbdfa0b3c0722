//! Kernel, guest image and test-host image, made from a distribution's packages or from a
//! tree of links into a store.
//!
//! The same packages give the same bytes: archives are sorted and hold no time, owner or
//! path of the machine that made them. Nothing is installed and no root is needed: a
//! distribution's packages are unpacked into a cache directory and programs run from there
//! through their own loader; those of a store run from where they are.

mod copy;
mod cpio;
mod debian;
mod elf;
mod error;
mod image;
mod kernel;
mod modules;
mod parts;
mod root;
mod runner;
mod versions;

pub use copy::copy;
pub use debian::{Lock, LockError, Selection, fetch, fetched};
pub use error::ImageError;
pub use image::{Images, Sources, build};
pub use parts::{DESCRIPTION, Parts};
pub use root::{Layout, Root};
