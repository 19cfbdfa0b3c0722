//! Frames on a byte channel.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | magic |
//! | 2 | protocol version |
//! | 1 | kind |
//! | 1 | reserved, 0 |
//! | 4 | id of the request the frame belongs to, 0 for the session itself |
//! | 4 | sequence number of this direction; 0 is a Hello's |
//! | 4 | payload length, at most [`MAX_PAYLOAD`] |
//! | 4 | CRC-32 of the fields above |
//! | n | payload |
//! | 4 | CRC-32 of header and payload |
//!
//! Integers are little-endian. The header has a checksum of its own so that a damaged
//! length is found before it is waited for; the sequence number finds frames that were
//! lost or repeated whole.

use std::io::{self, ErrorKind, Read, Write};

use crate::message::Hello;

/// Version of the frames and of the messages in them. Both ends must have the same.
pub const VERSION: u16 = 2;

/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 20;

/// The longest payload of a Hello: small, so that the search for one in the remains of
/// an earlier session never waits for much.
const MAX_HELLO: usize = 4096;

const MAGIC: [u8; 4] = [0xb1, b'v', b'n', b'b'];
const HEADER: usize = 24;
const TRAILER: usize = 4;

/// Why a channel can't be used any more (or, for [`ProtocolError::TooLarge`], why
/// something can't be sent on it).
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// The other end closed the channel, between two frames.
    #[error("the channel was closed by its other end")]
    Closed,
    /// Bytes arrived that aren't the frame that was due.
    #[error("the channel is garbled: {what}")]
    Garbled {
        /// What was wrong with them.
        what: String,
    },
    /// The other end speaks another version.
    #[error(
        "protocol version {theirs} at the other end, {ours} here: \
         rebuild the image (or the agent) and this program from the same source"
    )]
    Version {
        /// [`VERSION`].
        ours: u16,
        /// The version in the frame's header.
        theirs: u16,
    },
    /// A payload is longer than a frame can hold.
    #[error("a message of {len} bytes is longer than a frame holds ({MAX_PAYLOAD})")]
    TooLarge {
        /// Its length, in bytes.
        len: usize,
    },
    /// The other end says why it can't go on.
    #[error("the other end ended the session: {text}")]
    Ended {
        /// Its reason.
        text: String,
    },
    /// Reading or writing failed.
    #[error("the channel failed")]
    Io(#[from] io::Error),
}

fn garbled(what: impl Into<String>) -> ProtocolError {
    ProtocolError::Garbled { what: what.into() }
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opens a session; JSON [`Hello`].
    Hello,
    /// Client to agent; JSON [`crate::Request`].
    Request,
    /// Client to agent: raw bytes for the request of the same id, sent before it.
    Input,
    /// Agent to client; JSON [`crate::Event`].
    Event,
    /// Agent to client: raw bytes of a program's standard output, or of a file.
    Stdout,
    /// Agent to client: raw bytes of a program's standard error.
    Stderr,
}

impl Kind {
    const ALL: [(u8, Kind); 6] = [
        (1, Kind::Hello),
        (2, Kind::Request),
        (3, Kind::Input),
        (4, Kind::Event),
        (5, Kind::Stdout),
        (6, Kind::Stderr),
    ];

    fn code(self) -> u8 {
        match self {
            Kind::Hello => 1,
            Kind::Request => 2,
            Kind::Input => 3,
            Kind::Event => 4,
            Kind::Stdout => 5,
            Kind::Stderr => 6,
        }
    }

    fn from_code(code: u8) -> Option<Kind> {
        Self::ALL.iter().find(|(c, _)| *c == code).map(|(_, k)| *k)
    }
}

/// One frame, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it carries.
    pub kind: Kind,
    /// The request it belongs to; 0 for the session itself.
    pub id: u32,
    /// The bytes carried.
    pub payload: Vec<u8>,
}

impl Frame {
    /// The payload as a message.
    ///
    /// # Errors
    /// [`ProtocolError::Garbled`] if it isn't the JSON of a `T`.
    pub fn message<T: serde::de::DeserializeOwned>(&self) -> Result<T, ProtocolError> {
        serde_json::from_slice(&self.payload)
            .map_err(|e| garbled(format!("a {:?} frame that can't be read: {e}", self.kind)))
    }
}

struct Header {
    version: u16,
    kind: u8,
    id: u32,
    seq: u32,
    len: u32,
}

impl Header {
    fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let mut at = 0;
        let mut put = |field: &[u8]| {
            for (to, from) in bytes.iter_mut().skip(at).zip(field) {
                *to = *from;
            }
            at += field.len();
        };
        put(&MAGIC);
        put(&self.version.to_le_bytes());
        put(&[self.kind, 0]);
        put(&self.id.to_le_bytes());
        put(&self.seq.to_le_bytes());
        put(&self.len.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..HEADER - 4]);
        bytes[HEADER - 4..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// `None` if the magic or the checksum is wrong.
    fn decode(bytes: &[u8; HEADER]) -> Option<Header> {
        let word = |at: usize| {
            let mut word = [0; 4];
            word.copy_from_slice(&bytes[at..at + 4]);
            u32::from_le_bytes(word)
        };
        if bytes[..4] != MAGIC || word(HEADER - 4) != crc32fast::hash(&bytes[..HEADER - 4]) {
            return None;
        }
        Some(Header {
            version: u16::from_le_bytes([bytes[4], bytes[5]]),
            kind: bytes[6],
            id: word(8),
            seq: word(12),
            len: word(16),
        })
    }
}

/// Writes frames, numbering them.
#[derive(Debug)]
pub struct FrameWriter<W> {
    inner: W,
    next: u32,
}

impl<W: Write> FrameWriter<W> {
    /// A writer that hasn't said Hello.
    pub fn new(inner: W) -> Self {
        FrameWriter { inner, next: 1 }
    }

    /// Sends a Hello; the frame after it has number 1.
    ///
    /// # Errors
    /// [`ProtocolError::Io`].
    pub fn hello(&mut self, hello: &Hello) -> Result<(), ProtocolError> {
        self.next = 1;
        self.put(Kind::Hello, 0, 0, &to_json(hello)?)
    }

    /// Sends raw bytes.
    ///
    /// # Errors
    /// [`ProtocolError::TooLarge`], [`ProtocolError::Io`].
    pub fn send(&mut self, kind: Kind, id: u32, payload: &[u8]) -> Result<(), ProtocolError> {
        self.put(kind, id, self.next, payload)?;
        self.next = self.next.wrapping_add(1);
        Ok(())
    }

    fn put(&mut self, kind: Kind, id: u32, seq: u32, body: &[u8]) -> Result<(), ProtocolError> {
        let too_large = ProtocolError::TooLarge { len: body.len() };
        let len = match u32::try_from(body.len()) {
            Ok(len) if body.len() <= MAX_PAYLOAD => len,
            _ => return Err(too_large),
        };
        let header = Header {
            version: VERSION,
            kind: kind.code(),
            id,
            seq,
            len,
        };
        let mut frame = Vec::with_capacity(HEADER + body.len() + TRAILER);
        frame.extend_from_slice(&header.encode());
        frame.extend_from_slice(body);
        let crc = crc32fast::hash(&frame);
        frame.extend_from_slice(&crc.to_le_bytes());
        self.inner.write_all(&frame)?;
        self.inner.flush()?;
        Ok(())
    }
}

/// The JSON of a message, for a frame's payload.
///
/// # Errors
/// [`ProtocolError::Io`] with what the serialiser said; messages here are plain data
/// and always serialise.
pub fn to_json<T: serde::Serialize>(message: &T) -> Result<Vec<u8>, ProtocolError> {
    serde_json::to_vec(message).map_err(|e| ProtocolError::Io(e.into()))
}

/// Reads frames, checking each.
#[derive(Debug)]
pub struct FrameReader<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    next: u32,
}

impl<R: Read> FrameReader<R> {
    /// A reader that has seen nothing yet.
    pub fn new(inner: R) -> Self {
        FrameReader {
            inner,
            buffer: Vec::new(),
            start: 0,
            next: 1,
        }
    }

    /// The next frame. After a Hello, numbers begin again.
    ///
    /// # Errors
    /// [`ProtocolError::Closed`] at an end between frames, otherwise what was wrong.
    /// After an error the stream's position means nothing: only [`Self::find_hello`] may
    /// follow.
    pub fn read(&mut self) -> Result<Frame, ProtocolError> {
        if !self.fill(HEADER)? {
            return Err(if self.available() == 0 {
                ProtocolError::Closed
            } else {
                garbled("it ended inside a frame's header")
            });
        }
        let header = self
            .header()
            .ok_or_else(|| garbled("no valid frame header where one was due"))?;
        // The version decides what the rest of the header means, so it goes first.
        if header.version != VERSION {
            return Err(ProtocolError::Version {
                ours: VERSION,
                theirs: header.version,
            });
        }
        let len = header.len as usize;
        if len > MAX_PAYLOAD {
            return Err(garbled(format!("a frame of {len} bytes")));
        }
        let kind = Kind::from_code(header.kind)
            .ok_or_else(|| garbled(format!("a frame of unknown kind {}", header.kind)))?;
        while self.available() < HEADER + len + TRAILER {
            if let Some(at) = self.hello_at_end() {
                // Whoever was sending the frame has gone, and another begins.
                self.start = at;
                return self.read();
            }
            if !self.fill_more()? {
                return Err(garbled(format!("it ended inside a frame of {len} bytes")));
            }
        }
        let payload = self.payload(len).ok_or_else(|| {
            garbled(format!(
                "a {kind:?} frame of {len} bytes fails its checksum"
            ))
        })?;
        let due = if kind == Kind::Hello { 0 } else { self.next };
        if header.seq != due {
            return Err(garbled(format!(
                "frame number {} where {due} was due",
                header.seq
            )));
        }
        self.next = due.wrapping_add(1);
        self.start += HEADER + len + TRAILER;
        Ok(Frame {
            kind,
            id: header.id,
            payload,
        })
    }

    /// The next Hello and the number of bytes skipped to find it. What an earlier session
    /// left in the channel may come before it, even half a frame; here, before a session
    /// begins, is the only place where anything is skipped.
    ///
    /// # Errors
    /// [`ProtocolError::Closed`], [`ProtocolError::Io`], [`ProtocolError::Version`], and
    /// [`ProtocolError::Garbled`] for a Hello with a valid checksum and no sense.
    pub fn find_hello(&mut self) -> Result<(Hello, u64), ProtocolError> {
        let mut skipped = 0;
        loop {
            if !self.fill(HEADER)? {
                return Err(ProtocolError::Closed);
            }
            match self.header() {
                Some(h) if h.kind == Kind::Hello.code() && h.len as usize <= MAX_HELLO => {
                    let len = h.len as usize;
                    if h.version != VERSION {
                        self.start += HEADER;
                        return Err(ProtocolError::Version {
                            ours: VERSION,
                            theirs: h.version,
                        });
                    }
                    if !self.fill(HEADER + len + TRAILER)? {
                        return Err(ProtocolError::Closed);
                    }
                    if let Some(payload) = self.payload(len) {
                        self.start += HEADER + len + TRAILER;
                        self.next = 1;
                        let frame = Frame {
                            kind: Kind::Hello,
                            id: h.id,
                            payload,
                        };
                        return Ok((frame.message()?, skipped));
                    }
                }
                _ => {}
            }
            self.start += 1;
            skipped += 1;
        }
    }

    /// Where a whole, valid Hello begins that is the last thing received after the header
    /// at the start. A client that died within a frame leaves the rest of it to be waited
    /// for; its successor's Hello, which nothing follows until it is answered, would be
    /// swallowed as that rest.
    fn hello_at_end(&self) -> Option<usize> {
        let last = HEADER + MAX_HELLO + TRAILER;
        let from = (self.start + HEADER).max(self.buffer.len().saturating_sub(last));
        (from..self.buffer.len()).find(|&at| {
            let Some(rest) = self.buffer.get(at..).filter(|r| r.starts_with(&MAGIC)) else {
                return false;
            };
            let header = rest.first_chunk().and_then(Header::decode);
            header.is_some_and(|h| {
                let len = h.len as usize;
                h.kind == Kind::Hello.code()
                    && len <= MAX_HELLO
                    && rest.len() == HEADER + len + TRAILER
                    && payload(rest, len).is_some()
            })
        })
    }

    fn available(&self) -> usize {
        self.buffer.len() - self.start
    }

    fn header(&self) -> Option<Header> {
        Header::decode(self.buffer.get(self.start..)?.first_chunk()?)
    }

    fn payload(&self, len: usize) -> Option<Vec<u8>> {
        payload(self.buffer.get(self.start..)?, len).map(<[u8]>::to_vec)
    }

    /// Reads until `n` bytes are there; `false` if the channel ends before.
    fn fill(&mut self, n: usize) -> Result<bool, ProtocolError> {
        while self.available() < n {
            if !self.fill_more()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads once; `false` if the channel has ended.
    fn fill_more(&mut self) -> Result<bool, ProtocolError> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let mut chunk = [0; 16 * 1024];
        loop {
            match self.inner.read(&mut chunk) {
                Ok(got) => {
                    self.buffer.extend(chunk.iter().take(got));
                    return Ok(got > 0);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

/// The payload of the frame with which `bytes` begins, if its checksum is right.
fn payload(bytes: &[u8], len: usize) -> Option<&[u8]> {
    let (covered, rest) = bytes.split_at_checked(HEADER + len)?;
    let crc = rest.first_chunk::<TRAILER>()?;
    if *crc != crc32fast::hash(covered).to_le_bytes() {
        return None;
    }
    covered.get(HEADER..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    fn hello(nonce: u64) -> Hello {
        Hello {
            nonce,
            name: "test".into(),
        }
    }

    /// A Hello and three frames, and where each begins.
    fn stream() -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut starts = Vec::new();
        let mut writer = FrameWriter::new(&mut bytes);
        writer.hello(&hello(7)).unwrap();
        starts.push(writer.inner.len());
        writer.send(Kind::Stdout, 3, b"out").unwrap();
        starts.push(writer.inner.len());
        writer.send(Kind::Stderr, 3, &vec![0xb1; 70_000]).unwrap();
        starts.push(writer.inner.len());
        let done = to_json(&Event::Done).unwrap();
        writer.send(Kind::Event, 4, &done).unwrap();
        (bytes, starts)
    }

    fn read_all(bytes: &[u8]) -> (Vec<Frame>, ProtocolError) {
        let mut reader = FrameReader::new(bytes);
        let mut frames = Vec::new();
        loop {
            match reader.read() {
                Ok(frame) => frames.push(frame),
                Err(e) => return (frames, e),
            }
        }
    }

    #[test]
    fn frames_come_out_as_they_went_in() {
        let (frames, end) = read_all(&stream().0);
        assert!(matches!(end, ProtocolError::Closed), "{end}");
        let [first, out, err, event] = frames.try_into().unwrap();
        assert_eq!(first.message::<Hello>().unwrap(), hello(7));
        assert_eq!((out.kind, out.id), (Kind::Stdout, 3));
        assert_eq!(out.payload, b"out");
        assert_eq!(err.payload.len(), 70_000);
        assert!(matches!(event.message().unwrap(), Event::Done));
    }

    #[test]
    fn a_stream_cut_anywhere_is_an_error() {
        let (bytes, starts) = stream();
        let small = starts[1];
        for cut in 0..small {
            let (frames, end) = read_all(&bytes[..cut]);
            if cut == 0 || cut == starts[0] {
                assert!(matches!(end, ProtocolError::Closed), "{cut}: {end}");
            } else {
                assert!(matches!(end, ProtocolError::Garbled { .. }), "{cut}: {end}");
            }
            assert_eq!(frames.len(), usize::from(cut >= starts[0]), "{cut}");
        }
    }

    #[test]
    fn each_flipped_byte_is_noticed() {
        let (bytes, starts) = stream();
        for at in starts[0]..starts[1] {
            let mut bad = bytes.clone();
            bad[at] ^= 0x10;
            let (frames, end) = read_all(&bad);
            assert!(matches!(end, ProtocolError::Garbled { .. }), "{at}: {end}");
            assert_eq!(frames.len(), 1, "{at}");
        }
    }

    #[test]
    fn a_lost_and_a_repeated_frame_are_noticed() {
        let (bytes, starts) = stream();
        let mut lost = bytes[..starts[0]].to_vec();
        lost.extend_from_slice(&bytes[starts[1]..]);
        let (frames, end) = read_all(&lost);
        assert_eq!(frames.len(), 1);
        assert!(end.to_string().contains("number 2 where 1"), "{end}");

        let mut twice = bytes[..starts[1]].to_vec();
        twice.extend_from_slice(&bytes[starts[0]..]);
        let (frames, end) = read_all(&twice);
        assert_eq!(frames.len(), 2);
        assert!(end.to_string().contains("number 1 where 2"), "{end}");
    }

    #[test]
    fn another_version_is_named() {
        let header = Header {
            version: 9,
            kind: Kind::Hello.code(),
            id: 0,
            seq: 0,
            len: 0,
        };
        let mut bytes = header.encode().to_vec();
        bytes.extend_from_slice(&[0; 4]);
        let (_, end) = read_all(&bytes);
        assert!(matches!(end, ProtocolError::Version { theirs: 9, .. }));
        let end = FrameReader::new(bytes.as_slice()).find_hello();
        assert!(matches!(end, Err(ProtocolError::Version { theirs: 9, .. })));
    }

    #[test]
    fn oversize_frames_are_neither_read_nor_written() {
        let header = Header {
            version: VERSION,
            kind: Kind::Stdout.code(),
            id: 1,
            seq: 1,
            len: MAX_PAYLOAD as u32 + 1,
        };
        let (_, end) = read_all(&header.encode());
        assert!(matches!(end, ProtocolError::Garbled { .. }), "{end}");
        let sent = FrameWriter::new(Vec::new()).send(Kind::Input, 1, &vec![0; MAX_PAYLOAD + 1]);
        assert!(matches!(sent, Err(ProtocolError::TooLarge { .. })));
    }

    #[test]
    fn a_hello_is_found_behind_the_remains_of_a_session() {
        let (mut bytes, starts) = stream();
        // An earlier session's frames, the last of them cut.
        bytes.truncate(starts[1] + 100);
        let mut bytes = bytes.split_off(starts[0]);
        let remains = bytes.len() as u64;
        FrameWriter::new(&mut bytes).hello(&hello(8)).unwrap();
        let (found, skipped) = FrameReader::new(bytes.as_slice()).find_hello().unwrap();
        assert_eq!(found, hello(8));
        assert_eq!(skipped, remains);
    }

    /// Gives what each of its writers sent as one read.
    struct Pieces(std::collections::VecDeque<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.pop_front().unwrap_or_default();
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn a_hello_is_not_swallowed_by_a_frame_that_was_cut() {
        let (bytes, starts) = stream();
        let mut anew = Vec::new();
        FrameWriter::new(&mut anew).hello(&hello(8)).unwrap();
        let cut = bytes[..starts[1] + 1000].to_vec();
        let mut joined = cut.clone();
        joined.extend_from_slice(&anew);
        for pieces in [vec![cut.clone(), anew.clone()], vec![joined]] {
            let mut reader = FrameReader::new(Pieces(pieces.into()));
            assert_eq!(reader.read().unwrap().kind, Kind::Hello);
            assert_eq!(reader.read().unwrap().kind, Kind::Stdout);
            let next = reader.read().unwrap();
            assert_eq!(next.message::<Hello>().unwrap(), hello(8));
        }
    }

    #[test]
    fn a_hello_restarts_the_numbers() {
        let (one, _) = stream();
        let mut both = one.clone();
        both.extend_from_slice(&one);
        let (frames, end) = read_all(&both);
        assert!(matches!(end, ProtocolError::Closed), "{end}");
        assert_eq!(frames.len(), 8);
    }
}
