//! The initramfs archive: cpio in the "newc" format of the kernel's
//! Documentation/driver-api/early-userspace/buffer-format.rst.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What stands under a path in the archive.
#[derive(Debug)]
pub(crate) enum Entry {
    Directory,
    Symlink(String),
    /// Bytes and whether they are executable.
    Bytes(Vec<u8>, bool),
    /// The content of a file and whether it is executable.
    File(PathBuf, bool),
}

/// An archive in the making. Keys are paths without a leading slash; the order of
/// insertion doesn't matter.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    entries: BTreeMap<String, Entry>,
}

impl Archive {
    /// Adds an entry and the directories above it; the first of two under one path stays.
    pub(crate) fn add(&mut self, path: &str, entry: Entry) {
        let path = path.trim_matches('/');
        for (at, _) in path.match_indices('/') {
            self.entries
                .entry(path[..at].to_owned())
                .or_insert(Entry::Directory);
        }
        self.entries.entry(path.to_owned()).or_insert(entry);
    }

    /// Writes the archive: sorted by path, no times, owned by root.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut inode = 0;
        for (path, entry) in &self.entries {
            inode += 1;
            let read;
            let (mode, links, data): (u32, u32, &[u8]) = match entry {
                Entry::Directory => (0o040_755, 2, &[]),
                Entry::Symlink(target) => (0o120_777, 1, target.as_bytes()),
                Entry::Bytes(bytes, executable) => (file_mode(*executable), 1, bytes),
                Entry::File(source, executable) => {
                    read = std::fs::read(source)?;
                    (file_mode(*executable), 1, &read)
                }
            };
            record(out, inode, mode, links, path, data)?;
        }
        record(out, 0, 0, 1, "TRAILER!!!", &[])
    }
}

fn file_mode(executable: bool) -> u32 {
    if executable { 0o100_755 } else { 0o100_644 }
}

fn record(
    out: &mut impl Write,
    inode: u32,
    mode: u32,
    links: u32,
    path: &str,
    data: &[u8],
) -> io::Result<()> {
    let size =
        u32::try_from(data.len()).map_err(|_| io::Error::other("a file of 4 GiB or more"))?;
    let name_size = path.len() as u32 + 1;
    // Magic, then: inode, mode, uid, gid, links, mtime, size, device (2), rdev (2), name size, check.
    write!(
        out,
        "070701{inode:08x}{mode:08x}{0:08x}{0:08x}{links:08x}{0:08x}{size:08x}{0:08x}{0:08x}{0:08x}{0:08x}{name_size:08x}{0:08x}",
        0
    )?;
    out.write_all(path.as_bytes())?;
    out.write_all(&[0; 4][..1 + padding(110 + name_size as usize)])?;
    out.write_all(data)?;
    out.write_all(&[0; 4][..padding(data.len())])
}

fn padding(length: usize) -> usize {
    (4 - length % 4) % 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_insertion_does_not_matter() {
        let bytes = |paths: &[&str]| {
            let mut archive = Archive::default();
            for path in paths {
                archive.add(path, Entry::Bytes(path.as_bytes().to_vec(), false));
            }
            let mut out = Vec::new();
            archive.write(&mut out).unwrap();
            out
        };
        assert_eq!(bytes(&["b/c/d", "a"]), bytes(&["a", "b/c/d"]));
    }

    #[test]
    fn cpio_reads_it() {
        let mut archive = Archive::default();
        archive.add("/usr/bin/tool", Entry::Bytes(b"12345".to_vec(), true));
        archive.add("bin", Entry::Symlink("usr/bin".into()));
        let mut out = Vec::new();
        archive.write(&mut out).unwrap();
        assert_eq!(out.len() % 4, 0);
        let headers = out.windows(6).filter(|window| window == b"070701").count();
        assert_eq!(headers, 5, "bin, usr, usr/bin, usr/bin/tool, trailer");
        // Every header starts on a multiple of four, as the kernel demands.
        let offsets = out
            .windows(6)
            .enumerate()
            .filter(|(_, w)| w == b"070701")
            .map(|(at, _)| at);
        assert!(offsets.into_iter().all(|at| at % 4 == 0));
    }
}
