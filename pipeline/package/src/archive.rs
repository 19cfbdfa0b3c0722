//! The archive: tar, compressed with Zstandard. Only names and bytes of its files are in it:
//! owner, mode and time are the same for all.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};

use crate::contents::{Contents, relative};
use crate::error::PackageError;

/// Much of a package is the same few lines again and again; higher levels take several times as
/// long for a few per cent.
const LEVEL: i32 = 12;

/// Longest name of an entry, in bytes.
const LONGEST_NAME: u64 = 4096;

/// How much an archive may hold before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files and headers.
    pub bytes: u64,
    /// Files and directories.
    pub entries: u64,
}

impl Limits {
    /// For an archive of so many bytes: 64 MiB and 1000 times its size, but at most 64 GiB, and a
    /// million entries. Logs compress to a tenth or a fiftieth.
    pub fn of(archive_bytes: u64) -> Self {
        let bytes = archive_bytes.saturating_mul(1000).saturating_add(64 << 20);
        Self {
            bytes: bytes.min(64 << 30),
            entries: 1_000_000,
        }
    }
}

/// Writes `contents` below the directory `top`, with `time` in seconds since 1970. The archive
/// appears whole or not at all.
pub(crate) fn write(
    path: &Path,
    top: &str,
    time: u64,
    contents: &Contents,
) -> Result<(), PackageError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let error = |source| PackageError::io("write", path)(source);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(PackageError::io("make", parent))?;
    }
    let file = File::create(&partial).map_err(error)?;
    let mut encoder = zstd::Encoder::new(BufWriter::new(file), LEVEL).map_err(error)?;
    encoder.include_checksum(true).map_err(error)?;
    let mut builder = Builder::new(encoder);
    for name in &contents.empty {
        let mut header = header(EntryType::Directory, 0o755, time, 0);
        let name = format!("{top}/{name}/");
        let appended = builder.append_data(&mut header, name, io::empty());
        appended.map_err(error)?;
    }
    for (name, item) in &contents.files {
        let mut header = header(EntryType::Regular, 0o644, time, item.bytes);
        // A file that has grown since is cut to what its header says, and its digest tells.
        let data = item.open()?.take(item.bytes);
        let appended = builder.append_data(&mut header, format!("{top}/{name}"), data);
        appended.map_err(error)?;
    }
    let finish = || -> io::Result<()> {
        let buffered = builder.into_inner()?.finish()?;
        let mut file = buffered
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.flush()?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    finish().map_err(error)
}

fn header(kind: EntryType, mode: u32, time: u64, bytes: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(time);
    header.set_size(bytes);
    header
}

/// Unpacks an archive into `directory`, which is empty.
///
/// It is taken for hostile: only plain files and directories with plain relative names are made,
/// each once, and no more than `limits` allow.
pub(crate) fn unpack(path: &Path, directory: &Path, limits: Limits) -> Result<(), PackageError> {
    let file = File::open(path).map_err(PackageError::io("open", path))?;
    let mut file = BufReader::new(file);
    let mut magic = [0; 4];
    if file.read_exact(&mut magic).is_err() || magic != zstd::zstd_safe::MAGICNUMBER.to_le_bytes() {
        return Err(PackageError::NotAnArchive {
            path: path.to_owned(),
        });
    }
    let decoder = zstd::Decoder::new(magic.as_slice().chain(file))
        .map_err(PackageError::io("unpack", path))?;
    let mut input = Limited {
        inner: decoder,
        left: limits.bytes,
        exceeded: false,
    };
    let result = Unpacking {
        path,
        directory,
        limits,
    }
    .run(&mut input);
    match result {
        Err(PackageError::Damaged { .. }) if input.exceeded => Err(PackageError::TooLarge {
            path: path.to_owned(),
            limit: format!("{} bytes", limits.bytes),
        }),
        other => other,
    }
}

/// One archive on its way to the disk.
struct Unpacking<'a> {
    path: &'a Path,
    directory: &'a Path,
    limits: Limits,
}

impl Unpacking<'_> {
    fn run(&self, input: &mut impl Read) -> Result<(), PackageError> {
        let mut archive = tar::Archive::new(&mut *input);
        // Raw: what a long name or an extension may say is read here, within bounds.
        let entries = archive.entries().map_err(|error| self.damaged(error))?;
        let mut long_name = None;
        let mut count = 0;
        for entry in entries.raw(true) {
            let mut entry = entry.map_err(|error| self.damaged(error))?;
            count += 1;
            if count > self.limits.entries {
                return Err(PackageError::TooLarge {
                    path: self.path.to_owned(),
                    limit: format!("{} entries", self.limits.entries),
                });
            }
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() {
                let mut name = Vec::new();
                let mut text = (&mut entry).take(LONGEST_NAME + 1);
                text.read_to_end(&mut name)
                    .map_err(|error| self.damaged(error))?;
                if name.pop() != Some(0) || name.len() as u64 >= LONGEST_NAME {
                    return Err(self.refused(&name, "has a name that is too long"));
                }
                long_name = Some(name);
                continue;
            }
            let name = long_name
                .take()
                .unwrap_or_else(|| entry.header().path_bytes().into_owned());
            self.entry(kind, &name, &mut entry)?;
        }
        // What comes after the end of the archive is read too, since the checksum is last.
        let mut rest = [0; 4096];
        loop {
            match input.read(&mut rest).map_err(|error| self.damaged(error))? {
                0 => return Ok(()),
                n if rest.iter().take(n).all(|byte| *byte == 0) => {}
                _ => return Err(self.damaged(io::Error::other("there is more after its end"))),
            }
        }
    }

    /// Makes one file or directory.
    fn entry(
        &self,
        kind: EntryType,
        name: &[u8],
        data: &mut impl Read,
    ) -> Result<(), PackageError> {
        if !matches!(kind, EntryType::Regular | EntryType::Directory) {
            let why = "is a link, a device or an extension, not a plain file or directory";
            return Err(self.refused(name, why));
        }
        let given = str::from_utf8(name).unwrap_or_default();
        let given = match kind {
            EntryType::Directory => given.strip_suffix('/').unwrap_or(given),
            _ => given,
        };
        // Whatever has to be tidied to be a name is none: "/x", "a//b", "a/../../b", "./a".
        let Some(plain) = relative(Path::new(given)).filter(|plain| plain == given) else {
            return Err(self.refused(name, "is not a plain relative name"));
        };
        let target = self.directory.join(plain);
        if kind == EntryType::Directory {
            return fs::create_dir_all(&target).map_err(|error| self.in_the_way(name, error));
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|error| self.in_the_way(name, error))?;
        }
        let mut file = File::create_new(&target).map_err(|error| self.in_the_way(name, error))?;
        copy(data, &mut file).map_err(|error| match error {
            Copy::Read(error) => self.damaged(error),
            Copy::Write(error) => PackageError::io("unpack to", &target)(error),
        })
    }

    fn in_the_way(&self, name: &[u8], error: io::Error) -> PackageError {
        match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                self.refused(name, "is in it twice, or is both a file and a directory")
            }
            _ => PackageError::io("unpack to", self.directory)(error),
        }
    }

    fn refused(&self, name: &[u8], why: &'static str) -> PackageError {
        let shown = name.get(..200).unwrap_or(name);
        PackageError::Refused {
            path: self.path.to_owned(),
            entry: String::from_utf8_lossy(shown).into_owned(),
            why,
        }
    }

    fn damaged(&self, source: io::Error) -> PackageError {
        PackageError::Damaged {
            path: self.path.to_owned(),
            source,
        }
    }
}

/// Which side of a copy failed.
enum Copy {
    Read(io::Error),
    Write(io::Error),
}

/// `io::copy` that tells a damaged archive from a full disk.
fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<(), Copy> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = from.read(&mut buffer).map_err(Copy::Read)?;
        match buffer.get(..n) {
            None | Some([]) => return Ok(()),
            Some(part) => to.write_all(part).map_err(Copy::Write)?,
        }
    }
}

/// A reader that ends with an error where more is read than is allowed.
struct Limited<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => {
                self.left = left;
                Ok(n)
            }
            None => {
                self.exceeded = true;
                Err(io::Error::other("too large"))
            }
        }
    }
}
