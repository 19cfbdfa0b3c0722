//! Becoming another program, with files opened for it: QEMU takes a macvtap only as an open
//! descriptor, and an argument vector can't hold one.

use std::ffi::OsString;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::fs::{Mode, OFlags};

/// The first descriptor after the three that every program has.
const FIRST: i32 = 3;

/// Opens each `--open FILE` for reading and writing, in order, as descriptors 3, 4, ..., and
/// becomes the program after `--`. Returns only if that fails, with why.
#[must_use]
pub fn exec(arguments: &[OsString]) -> String {
    let mut arguments = arguments.iter();
    let mut files = Vec::new();
    loop {
        match (
            arguments.next().and_then(|word| word.to_str()),
            arguments.as_slice(),
        ) {
            (Some("--open"), [_, ..]) => files.extend(arguments.next().map(PathBuf::from)),
            (Some("--"), [program, arguments @ ..]) => {
                return become_it(&files, program, arguments);
            }
            _ => return "exec takes [--open FILE]... -- PROGRAM [ARGUMENT]...".into(),
        }
    }
}

fn become_it(files: &[PathBuf], program: &OsString, arguments: &[OsString]) -> String {
    for (file, wanted) in files.iter().zip(FIRST..) {
        // Without CLOEXEC, so that it stays open in the program.
        match rustix::fs::open(file, OFlags::RDWR | OFlags::NONBLOCK, Mode::empty()) {
            Err(error) => return format!("opening {}: {error}", file.display()),
            Ok(descriptor) if descriptor.as_raw_fd() == wanted => {
                // Nobody closes it: the program has it from here on.
                let _ = descriptor.into_raw_fd();
            }
            Ok(descriptor) => {
                let got = descriptor.as_raw_fd();
                return format!(
                    "opening {}: it became descriptor {got}, not {wanted}",
                    file.display()
                );
            }
        }
    }
    let error = Command::new(program).args(arguments).exec();
    format!("starting {}: {error}", program.to_string_lossy())
}
