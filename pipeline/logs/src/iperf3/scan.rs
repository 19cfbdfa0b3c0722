//! Reads JSON that is in memory as far as its reader has got it: only what is asked for,
//! and odd values as absent ones.

use memchr::memchr3;

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end before the value does.
    End,
    /// What is there is no JSON.
    Fault,
}

/// A place in bytes.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// `nan`, `-nan`, `inf`: not JSON, but printed by iperf3 on 0/0. They are absent.
    pub not_numbers: u64,
    /// Values that are nothing at all, which are absent, too.
    pub garbled: u64,
}

/// Lists and objects within each other; deeper ones are no iperf3's.
const DEEPEST: usize = 64;

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor {
            bytes,
            at: 0,
            not_numbers: 0,
            garbled: 0,
        }
    }

    /// Bytes that were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte that isn't white space; it stays unread.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Stop> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(Stop::End),
            }
        }
    }

    /// Reads `byte` if it is the next.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, Stop> {
        let is = self.peek()? == byte;
        self.at += usize::from(is);
        Ok(is)
    }

    /// Hands each member's name to `member`, which reads its value. Of a value that is no
    /// object nothing is handed out; the answer is whether it was one.
    #[inline]
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Result<(), Stop>,
    ) -> Result<bool, Stop> {
        if !self.take(b'{')? {
            self.skip()?;
            return Ok(false);
        }
        if self.take(b'}')? {
            return Ok(true);
        }
        loop {
            let key = self.name()?;
            member(self, key)?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(true);
                }
                _ => return Err(Stop::Fault),
            }
        }
    }

    /// A member's name and its colon.
    #[inline]
    pub(super) fn name(&mut self) -> Result<&'a [u8], Stop> {
        if self.peek()? != b'"' {
            return Err(Stop::Fault);
        }
        let key = self.key()?;
        if self.take(b':')? {
            Ok(key)
        } else {
            Err(Stop::Fault)
        }
    }

    /// Lets `element` read each element of a list; anything else is skipped.
    #[inline]
    pub(super) fn list(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if !self.take(b'[')? {
            return self.skip();
        }
        if self.take(b']')? {
            return Ok(());
        }
        loop {
            element(self)?;
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Stop::Fault),
            }
        }
    }

    /// A name, at whose first quote the cursor is. No name that is asked for has escapes.
    #[inline]
    fn key(&mut self) -> Result<&'a [u8], Stop> {
        let start = self.at + 1;
        let mut at = start;
        // Names are short: eight bytes at a time find their end sooner than a call would.
        while let Some(eight) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let quotes = u64::from_le_bytes(*eight) ^ 0x2222_2222_2222_2222;
            let found =
                quotes.wrapping_sub(0x0101_0101_0101_0101) & !quotes & 0x8080_8080_8080_8080;
            if found != 0 {
                let end = at + (found.trailing_zeros() / 8) as usize;
                let key = self.bytes.get(start..end).unwrap_or_default();
                if key.last() == Some(&b'\\') {
                    break;
                }
                self.at = end + 1;
                return Ok(key);
            }
            at += 8;
        }
        self.string()
    }

    /// What is between the quotes, at whose first the cursor is.
    fn string(&mut self) -> Result<&'a [u8], Stop> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let found = memchr3(b'"', b'\\', b'\n', rest).ok_or(Stop::End)?;
            at += found;
            match rest.get(found) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(self.bytes.get(start..at).unwrap_or_default());
                }
                Some(b'\\') => at += 2,
                // No string goes on over a line's end: the document was cut.
                _ => return Err(Stop::Fault),
            }
        }
    }

    /// A string, or `None` for any other value.
    pub(super) fn text(&mut self) -> Result<Option<String>, Stop> {
        let start = {
            let quoted = self.peek()? == b'"';
            if !quoted {
                self.skip()?;
                return Ok(None);
            }
            self.at
        };
        let raw = self.string()?;
        let quoted = self.bytes.get(start..self.at).unwrap_or_default();
        Ok(Some(serde_json::from_slice(quoted).unwrap_or_else(|_| {
            String::from_utf8_lossy(raw).into_owned()
        })))
    }

    /// The bytes of a number, of a word, of nothing that JSON knows.
    #[inline]
    fn token(&mut self) -> Result<&'a [u8], Stop> {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'))
            .ok_or(Stop::End)?;
        if length == 0 {
            return Err(Stop::Fault);
        }
        self.at += length;
        Ok(rest.get(..length).unwrap_or_default())
    }

    /// A value that nobody wants.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        self.skip_within(0)
    }

    fn skip_within(&mut self, depth: usize) -> Result<(), Stop> {
        if depth > DEEPEST {
            return Err(Stop::Fault);
        }
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' => self
                .object(|cursor, _| cursor.skip_within(depth + 1))
                .map(drop),
            b'[' => self.list(|cursor| cursor.skip_within(depth + 1)),
            _ => {
                let token = self.token()?;
                if !matches!(token.first(), Some(b'0'..=b'9' | b't' | b'f')) {
                    self.judge(token);
                }
                Ok(())
            }
        }
    }

    /// Counts a token that is no value.
    #[cold]
    fn judge(&mut self, token: &[u8]) {
        let word = token.strip_prefix(b"-").unwrap_or(token);
        let starts = |name: &[u8]| {
            word.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        if starts(b"nan") || starts(b"inf") {
            self.not_numbers += 1;
        } else if !word.first().is_some_and(u8::is_ascii_digit) && token != b"null" {
            self.garbled += 1;
        }
    }

    /// A number, to the nearest double; a truth value is 1 or 0; `None` for anything else.
    #[inline]
    pub(super) fn number(&mut self) -> Result<Option<f64>, Stop> {
        if matches!(self.peek()?, b'"' | b'{' | b'[') {
            self.skip()?;
            return Ok(None);
        }
        let token = self.token()?;
        let (digits, negative) = match token.strip_prefix(b"-") {
            Some(digits) => (digits, true),
            None => (token, false),
        };
        if let Some((number, [])) = crate::number::decimal(digits) {
            return Ok(Some(if negative {
                -number.value
            } else {
                number.value
            }));
        }
        Ok(self.odd(token))
    }

    /// A number with an exponent, a truth value or nothing.
    #[cold]
    fn odd(&mut self, token: &[u8]) -> Option<f64> {
        match token {
            b"true" => return Some(1.0),
            b"false" => return Some(0.0),
            b"null" => return None,
            _ => {}
        }
        let is_number = token
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        let value = if is_number {
            crate::number::whole::<f64>(token).filter(|value| value.is_finite())
        } else {
            None
        };
        if value.is_none() {
            let before = self.not_numbers + self.garbled;
            self.judge(token);
            if self.not_numbers + self.garbled == before {
                self.garbled += 1;
            }
        }
        value
    }

    /// A number that is a count, exactly if it is written as one.
    #[inline]
    pub(super) fn count(&mut self) -> Result<Option<u64>, Stop> {
        self.peek()?;
        let mut value: u64 = 0;
        let mut length = 0;
        for &byte in self.rest().iter().take(19) {
            if !byte.is_ascii_digit() {
                break;
            }
            value = value * 10 + u64::from(byte - b'0');
            length += 1;
        }
        let next = self.bytes.get(self.at + length);
        if (1..19).contains(&length)
            && matches!(
                next,
                Some(b',' | b'}' | b']' | b'\n' | b'\r' | b' ' | b'\t')
            )
        {
            self.at += length;
            return Ok(Some(value));
        }
        let number = self.number()?;
        Ok(number
            .filter(|value| *value >= 0.0)
            .map(|value| value as u64))
    }

    /// A truth value, also as 1 or 0.
    #[inline]
    pub(super) fn flag(&mut self) -> Result<Option<bool>, Stop> {
        self.peek()?;
        for (word, value) in [(&b"true"[..], true), (b"false", false)] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(Some(value));
            }
        }
        Ok(self.number()?.map(|value| value != 0.0))
    }
}

/// Skips a value that may come in pieces, of any length.
#[derive(Debug, Default)]
pub(super) struct Skip {
    depth: u64,
    quoted: bool,
    escaped: bool,
    begun: bool,
}

impl Skip {
    /// Bytes of `bytes` that are of the value, and whether it ends with them.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.quoted {
                if std::mem::take(&mut self.escaped) {
                    at += 1;
                    continue;
                }
                let rest = bytes.get(at..).unwrap_or_default();
                let Some(found) = memchr3(b'"', b'\\', b'\n', rest) else {
                    return (bytes.len(), false);
                };
                at += found + 1;
                match rest.get(found) {
                    Some(b'\\') => self.escaped = true,
                    _ => {
                        self.quoted = false;
                        if self.depth == 0 {
                            return (at, true);
                        }
                    }
                }
                continue;
            }
            match byte {
                b'"' => self.quoted = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    if self.depth <= 1 {
                        // A bare value ends before its object's end.
                        return (at + usize::from(self.depth == 1), true);
                    }
                    self.depth -= 1;
                }
                b',' if self.depth == 0 => return (at, true),
                b' ' | b'\t' | b'\n' | b'\r' if self.depth == 0 && self.begun => {
                    return (at, true);
                }
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            self.begun = true;
            at += 1;
        }
        (at, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [
            ("1,", Some(1.0)),
            ("-2.5}", Some(-2.5)),
            ("2.08384e+09,", Some(2_083_840_000.0)),
            ("4087272398.8065333\n", Some(4087272398.8065333)),
            ("true,", Some(1.0)),
            ("\"3\",", None),
            ("-nan,", None),
            ("1x2,", None),
            ("1e999,", None),
            ("{\"a\": [1]},", None),
        ] {
            let mut cursor = Cursor::new(text.as_bytes());
            assert_eq!(cursor.number(), Ok(value), "{text}");
            let odd = matches!(text, "-nan," | "1x2," | "1e999,");
            assert_eq!(
                cursor.not_numbers + cursor.garbled,
                u64::from(odd),
                "{text}"
            );
        }
        assert_eq!(Cursor::new(b"12").number(), Err(Stop::End));
        for (text, value) in [
            ("18446744073709551615,", Some(u64::MAX)),
            ("511442944}", Some(511_442_944)),
            ("1e3,", Some(1000)),
            ("-1,", None),
        ] {
            assert_eq!(Cursor::new(text.as_bytes()).count(), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_skipped_value_in_any_pieces() {
        for value in [
            &br#"{"a": ["}", "\"]", {"b": -nan}], "c": null}"#[..],
            br#""text, \\ with } all of it""#,
            b"-12.5",
        ] {
            let text = [value, b", 1}"].concat();
            for cut in 0..text.len() {
                let mut skip = Skip::default();
                let (first, done) = skip.advance(&text[..cut]);
                let length = if done {
                    first
                } else {
                    first + skip.advance(&text[cut..]).0
                };
                assert_eq!(length, value.len(), "cut at {cut}");
            }
        }
    }
}
