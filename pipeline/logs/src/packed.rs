//! Logs in compressed files and in archives.
//!
//! What a file is, its first bytes say, never its name: gzip, Zstandard, xz, tar, or the log
//! itself; one may be within another (`logs.tar.gz`, `a.log.gz` in it).

use std::cell::RefCell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use crate::{Document, ReadError, Sink, Tool, parse_into};

/// Where tar writes "ustar", and what is looked at to find it.
const TAR: (usize, usize) = (257, 262);
/// Packings within one another; a file that goes deeper is no one's log.
const DEPTH: u32 = 8;

/// A log on its way out of a file.
pub struct Log<'a> {
    name: &'a str,
    input: &'a mut dyn Read,
    damage: &'a Damage,
}

impl Log<'_> {
    /// The file's name, for a member of an archive followed by `/` and its name there.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Reads it as [`parse_into`] does. Of a log whose compression or archive is damaged or cut
    /// what came before is read, with a warning.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the file can't be read.
    pub fn parse(self, tool: Option<Tool>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
        let document = parse_into(self.input, tool, sink)?;
        Ok(match self.damage.borrow_mut().take() {
            Some(text) => document.cut(text),
            None => document,
        })
    }
}

/// Its bytes, as they are unpacked; where the packing is damaged or cut they end.
impl Read for Log<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.input.read(space)
    }
}

/// Hands each log that is in `input` to `each`, in the order of an archive. `name` is the file's.
/// What isn't a regular file in an archive isn't looked at.
///
/// # Errors
///
/// [`ReadError`] if the file can't be read; whatever `each` says.
pub fn logs<E: From<ReadError>>(
    name: &str,
    input: &mut dyn Read,
    each: &mut dyn FnMut(Log<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let (damage, failure) = (Damage::default(), Failure::default());
    let mut file = File {
        input,
        read: 0,
        failure: Rc::clone(&failure),
    };
    let read = unpack(name, &mut file, &damage, DEPTH, each);
    // A failing disk looks like a damaged file from within.
    match failure.take() {
        Some(error) => Err(error.into()),
        None => read,
    }
}

/// What is wrong with the packing that is being read.
type Damage = Rc<RefCell<Option<String>>>;
type Failure = Rc<RefCell<Option<ReadError>>>;

/// The file itself, whose failures aren't the packing's.
struct File<'a> {
    input: &'a mut dyn Read,
    read: u64,
    failure: Failure,
}

impl Read for File<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self.input.read(space) {
            Ok(n) => {
                self.read += n as u64;
                Ok(n)
            }
            Err(source) if source.kind() == io::ErrorKind::Interrupted => Err(source),
            Err(source) => {
                let copy = io::Error::new(source.kind(), source.to_string());
                let after = self.read;
                *self.failure.borrow_mut() = Some(ReadError { after, source });
                Err(copy)
            }
        }
    }
}

/// Ends where the packing is damaged, and notes why.
struct Unpacked<R> {
    input: R,
    what: &'static str,
    read: u64,
    damage: Damage,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self.input.read(space) {
            Ok(n) => {
                self.read += n as u64;
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let text = format!(
                    "the {} is cut or damaged after {} bytes of what it holds: {error}",
                    self.what, self.read
                );
                self.damage.borrow_mut().get_or_insert(text);
                Ok(0)
            }
        }
    }
}

fn unpack<E: From<ReadError>>(
    name: &str,
    input: &mut dyn Read,
    damage: &Damage,
    depth: u32,
    each: &mut dyn FnMut(Log<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut head = Vec::new();
    let wanted = TAR.1 as u64;
    // What can't be read here can't be read below either, and is noted there.
    let _ = (&mut *input).take(wanted).read_to_end(&mut head);
    let kind = Kind::of(&head);
    let mut input = Cursor::new(head).chain(input);
    let unpacked = |what, input| Unpacked {
        input,
        what,
        read: 0,
        damage: Rc::clone(damage),
    };
    let mut inner: Unpacked<Box<dyn Read + '_>> = match kind {
        Some(_) if depth == 0 => {
            let input: Box<dyn Read> = Box::new(io::empty());
            let _ = damage
                .borrow_mut()
                .insert("packed in itself too often".to_owned());
            unpacked("file", input)
        }
        Some(Kind::Gzip) => unpacked("gzip", Box::new(flate2::read::MultiGzDecoder::new(input))),
        Some(Kind::Xz) => unpacked(
            "xz",
            Box::new(liblzma::read::XzDecoder::new_multi_decoder(input)),
        ),
        Some(Kind::Zstd) => match zstd::Decoder::new(input) {
            Ok(decoder) => unpacked("Zstandard", Box::new(decoder)),
            Err(source) => return Err(ReadError { after: 0, source }.into()),
        },
        Some(Kind::Tar) => {
            let mut input = unpacked("archive", Box::new(input));
            return members(name, &mut input, damage, depth - 1, each);
        }
        None => {
            let log = Log {
                name,
                input: &mut input,
                damage,
            };
            return each(log);
        }
    };
    unpack(name, &mut inner, damage, depth.saturating_sub(1), each)
}

/// What a file's first bytes say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gzip,
    Xz,
    Zstd,
    Tar,
}

impl Kind {
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ if head.get(TAR.0..TAR.1) == Some(b"ustar") => Some(Self::Tar),
            _ => None,
        }
    }
}

fn members<E: From<ReadError>>(
    name: &str,
    input: &mut dyn Read,
    damage: &Damage,
    depth: u32,
    each: &mut dyn FnMut(Log<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut archive = tar::Archive::new(input);
    let entries = archive
        .entries()
        .map_err(|source| ReadError { after: 0, source })?;
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                // The archive's end is in no member: it gets a document of its own.
                let text = format!("the archive is cut or damaged: {error}");
                damage.borrow_mut().get_or_insert(text);
                let log = Log {
                    name,
                    input: &mut io::empty(),
                    damage,
                };
                return each(log);
            }
        };
        if entry.header().entry_type().is_file() {
            let path = entry.path_bytes().into_owned();
            let member = format!("{name}/{}", String::from_utf8_lossy(&path));
            unpack(&member, &mut entry, damage, depth, each)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::{Keep, Outcome, WarningKind};

    const PING: &[u8] = b"PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n\
        64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms\n\
        \n\
        --- 10.0.0.2 ping statistics ---\n\
        1 packets transmitted, 1 received, 0% packet loss, time 0ms\n\
        rtt min/avg/max/mdev = 0.321/0.321/0.321/0.000 ms\n";

    fn documents(bytes: &[u8]) -> Vec<(String, Document)> {
        let mut found = Vec::new();
        logs::<ReadError>("a", &mut &bytes[..], &mut |log| {
            let name = log.name().to_owned();
            found.push((name, log.parse(None, &mut Keep)?));
            Ok(())
        })
        .unwrap();
        found
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, *bytes).unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[test]
    fn each_packing_gives_the_same() {
        let plain = documents(PING);
        assert_eq!(plain[0].1.outcome, Outcome::Ok);
        for packed in [gzip(PING), xz(PING), zstd(PING), gzip(&zstd(PING))] {
            assert_eq!(documents(&packed), plain);
        }
        // Logs that were rotated and put behind one another.
        let twice = [gzip(PING), gzip(PING)].concat();
        assert_eq!(documents(&twice)[0].1.ping_runs().len(), 2);
    }

    #[test]
    fn archives_are_walked() {
        let archive = archive(&[("one.log", PING), ("d/two.log.gz", &gzip(PING)), ("e", b"")]);
        let found = documents(&xz(&archive));
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a/one.log", "a/d/two.log.gz", "a/e"]);
        assert_eq!(found[0].1, found[1].1);
        assert_eq!(found[2].1.outcome, Outcome::Failed);
    }

    #[test]
    fn what_is_cut_is_read_up_to_there() {
        let long = PING.repeat(100);
        for packed in [gzip(&long), xz(&long), zstd(&long)] {
            for length in (0..packed.len()).step_by(7) {
                let found = documents(&packed[..length]);
                assert_eq!(found.len(), 1);
                assert_ne!(found[0].1.outcome, Outcome::Ok, "{length}");
            }
        }
        let archive = archive(&[("one.log", PING), ("two.log", &long)]);
        for length in (600..archive.len() - 1024).step_by(511) {
            let found = documents(&archive[..length]);
            let last = &found.last().unwrap().1;
            let cut = last.warnings.iter().any(|w| w.kind == WarningKind::CutFile);
            // Between two members nothing shows that there were more.
            assert!(cut || length % 512 < 2, "{length}: {last:?}");
        }
    }

    #[test]
    fn a_failing_disk_is_no_damage() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let packed = gzip(&PING.repeat(1000));
        let mut input = packed[..packed.len() / 2].chain(Failing);
        let error = logs::<ReadError>("a", &mut input, &mut |log| {
            log.parse(None, &mut Keep).map(drop)
        })
        .unwrap_err();
        assert_eq!(error.after, packed.len() as u64 / 2);
    }

    #[test]
    fn a_file_packed_in_itself_has_an_end() {
        let mut packed = PING.to_vec();
        for _ in 0..20 {
            packed = gzip(&packed);
        }
        assert_eq!(documents(&packed)[0].1.outcome, Outcome::Failed);
    }
}
