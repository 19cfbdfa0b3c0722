use std::io;
use std::path::{Path, PathBuf};

/// What can keep packages from being fetched or images from being made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A program that is needed is not there.
    #[error(
        "{program} is needed to {purpose} and is not on this machine; on Debian: apt-get install {package}"
    )]
    NoProgram {
        /// The program.
        program: &'static str,
        /// What for.
        purpose: &'static str,
        /// The package that has it.
        package: &'static str,
    },
    /// A program failed.
    #[error("{what} failed: {command} ended with {status}\n{output}")]
    Command {
        /// What was being done.
        what: String,
        /// The argument vector.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it printed.
        output: String,
    },
    /// No mirror is known.
    #[error(
        "no Debian mirror found in apt's configuration (/etc/apt/sources.list, /etc/apt/sources.list.d); \
         set VNICBENCH_DEBIAN_MIRROR to the URL of one, or run on Debian 12 or 13"
    )]
    NoMirror,
    /// A file that a package should have is not there.
    #[error("{what} is not below {root}; {mend}")]
    Missing {
        /// What was looked for.
        what: String,
        /// Where.
        root: PathBuf,
        /// What to do.
        mend: &'static str,
    },
    /// A file isn't what it should be.
    #[error("{path}: {message}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        message: String,
    },
    /// The file system said no.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The lock that this build came with can't be read.
    #[error(transparent)]
    Lock(#[from] crate::debian::LockError),
    /// A digest could not be made.
    #[error(transparent)]
    Store(#[from] vnicbench_model::StoreError),
}

pub(crate) fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> ImageError + 'a {
    move |source| ImageError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
