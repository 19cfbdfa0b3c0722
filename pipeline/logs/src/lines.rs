//! Lines of a stream, one at a time.

use std::io::{ErrorKind, Read};

use memchr::memchr;

use crate::ReadError;

const CHUNK: usize = 256 * 1024;
/// No tool writes a longer line: what has one is handed out in parts, so that memory has an end.
const LONGEST: usize = 64 << 20;

/// One line, without its end (`\n` or `\r\n`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub number: u64,
    pub bytes: &'a [u8],
    /// Whether the line's end was there; the last line of a cut file has none, nor have
    /// the parts of a line that is too long.
    pub ended: bool,
    /// Its bytes in the file, its end included.
    pub size: u64,
}

/// Splits a stream into lines. The buffer grows to the longest line and no further, and to
/// [`LONGEST`] at most.
pub(crate) struct Lines<'a> {
    input: &'a mut dyn Read,
    buffer: Vec<u8>,
    /// What is read and not yet handed out is `buffer[from..to]`.
    from: usize,
    to: usize,
    /// Up to here the pending bytes are known to hold no line end.
    searched: usize,
    number: u64,
    /// The last line handed out goes on.
    within: bool,
    read: u64,
    at_end: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(input: &'a mut dyn Read) -> Lines<'a> {
        Lines {
            input,
            buffer: Vec::new(),
            from: 0,
            to: 0,
            searched: 0,
            number: 0,
            within: false,
            read: 0,
            at_end: false,
        }
    }

    /// The first bytes of what is left, at least `wanted` if there are as many.
    pub(crate) fn peek(&mut self, wanted: usize) -> Result<&[u8], ReadError> {
        while self.to - self.from < wanted && !self.at_end {
            self.fill()?;
        }
        Ok(self.pending())
    }

    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, ReadError> {
        let length = loop {
            let unsearched = self.buffer.get(self.searched..self.to).unwrap_or_default();
            if let Some(at) = memchr(b'\n', unsearched) {
                break Some(self.searched + at - self.from);
            }
            self.searched = self.to;
            if self.at_end || self.to - self.from >= LONGEST {
                break None;
            }
            self.fill()?;
        };
        let start = self.from;
        let (end, ended) = match length {
            Some(length) => {
                self.from = start + length + 1;
                (start + length, true)
            }
            None if self.from == self.to => return Ok(None),
            None => {
                self.from = self.to;
                (self.to, false)
            }
        };
        self.searched = self.from;
        let size = (self.from - start) as u64;
        if !self.within {
            self.number += 1;
        }
        self.within = !ended;
        let mut bytes = self.buffer.get(start..end).unwrap_or_default();
        if self.number == 1 {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line {
            number: self.number,
            bytes,
            ended,
            size,
        }))
    }

    /// Hands out the first `length` bytes of what is pending, for formats without lines.
    pub(crate) fn advance(&mut self, length: usize) {
        self.from = (self.from + length).min(self.to);
        self.searched = self.searched.max(self.from);
    }

    /// Everything that is left, at once.
    pub(crate) fn rest(mut self) -> Result<Vec<u8>, ReadError> {
        self.buffer.truncate(self.to);
        self.buffer.drain(..self.from);
        let after = self.read;
        self.input
            .read_to_end(&mut self.buffer)
            .map_err(|source| ReadError { after, source })?;
        Ok(self.buffer)
    }

    /// What is read and not yet handed out.
    pub(crate) fn pending(&self) -> &[u8] {
        self.buffer.get(self.from..self.to).unwrap_or_default()
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        if self.from > 0 {
            self.buffer.copy_within(self.from..self.to, 0);
            self.to -= self.from;
            self.searched -= self.from;
            self.from = 0;
        }
        if self.buffer.is_empty() {
            // Zeroed by the system, where resizing would write every byte.
            self.buffer = vec![0; CHUNK];
        } else if self.buffer.len() - self.to < CHUNK / 2 {
            let grown = (self.buffer.len() * 2).max(CHUNK);
            self.buffer.resize(grown, 0);
        }
        loop {
            let space = self.buffer.get_mut(self.to..).unwrap_or_default();
            match self.input.read(space) {
                Ok(0) => self.at_end = true,
                Ok(n) => {
                    self.to += n;
                    self.read += n as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(source) => {
                    return Err(ReadError {
                        after: self.read,
                        source,
                    });
                }
            }
            return Ok(());
        }
    }
}

/// Without the ANSI escape sequences of a terminal (`ESC [ ... letter`).
pub(crate) fn without_escapes(line: &[u8]) -> Option<Vec<u8>> {
    memchr(0x1b, line)?;
    let mut plain = Vec::with_capacity(line.len());
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != 0x1b {
            plain.push(byte);
        } else if bytes.next() == Some(b'[') {
            bytes.by_ref().find(|byte| (0x40..=0x7e).contains(byte));
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(&mut space[..1])
        }
    }

    fn collect(mut input: impl Read) -> Vec<(u64, Vec<u8>, bool)> {
        let mut lines = Lines::new(&mut input);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((line.number, line.bytes.to_vec(), line.ended));
        }
        all
    }

    #[test]
    fn line_ends_of_both_kinds_and_none() {
        let text = b"\xef\xbb\xbfone\r\n\ntwo\nthree";
        let expected = [
            (1, b"one".to_vec(), true),
            (2, b"".to_vec(), true),
            (3, b"two".to_vec(), true),
            (4, b"three".to_vec(), false),
        ];
        assert_eq!(collect(&text[..]), expected);
        assert_eq!(collect(Trickle(text)), expected);
    }

    #[test]
    fn a_line_longer_than_the_buffer() {
        let mut text = vec![b'.'; 3 * CHUNK];
        text.extend(b"\nend\n");
        let lines = collect(&text[..]);
        assert_eq!(lines[0].1.len(), 3 * CHUNK);
        assert_eq!(lines[1].1, b"end");
    }

    #[test]
    fn a_line_without_an_end_takes_no_more_memory() {
        let mut input = std::io::repeat(b'.')
            .take(LONGEST as u64 + 10)
            .chain(&b"\nend\n"[..]);
        let mut lines = Lines::new(&mut input);
        let part = lines.next().unwrap().unwrap();
        assert!(part.number == 1 && !part.ended && part.bytes.len() >= LONGEST);
        let rest = lines.next().unwrap().unwrap();
        assert!(rest.number == 1 && rest.ended);
        assert!(lines.buffer.len() <= 2 * LONGEST);
        assert_eq!(lines.next().unwrap().unwrap().number, 2);
    }

    #[test]
    fn a_failing_disk_is_an_error_with_its_place() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("gone"))
            }
        }
        let mut input = b"abc".chain(Failing);
        let mut lines = Lines::new(&mut input);
        assert_eq!(lines.next().unwrap_err().after, 3);
    }

    #[test]
    fn escapes_go() {
        assert_eq!(without_escapes(b"\x1b[1;32mok\x1b[0m").unwrap(), b"ok");
        assert_eq!(without_escapes(b"cut\x1b[").unwrap(), b"cut");
        assert!(without_escapes(b"plain").is_none());
    }
}
