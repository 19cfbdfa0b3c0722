//! Kernel, guest image and test-host image, made from a distribution's packages.
//!
//! The same packages give the same bytes: archives are sorted and hold no time, owner or
//! path of the machine that made them. Nothing is installed and no root is needed: the
//! packages are unpacked into a cache directory and programs run from there through their
//! own loader.

mod cpio;
mod debian;
mod elf;
mod error;
mod image;
mod kernel;
mod modules;
mod root;

pub use debian::{Fetched, Lock, LockError, fetch, fetched};
pub use error::ImageError;
pub use image::{Images, Sources, build};
pub use root::Root;
