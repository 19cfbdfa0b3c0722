//! Logs in UTF-16, as a Windows shell redirects them.

/// The mark at the front of such a log.
pub(super) const MARK: &[u8] = b"\xff\xfe";

/// Whether a line is in UTF-16 by its own looks: every digit, space and sign has a zero.
pub(super) fn is_wide(line: &[u8]) -> bool {
    memchr::memchr(0, line).is_some() && memchr::memchr_iter(0, line).count() * 5 >= line.len()
}

/// The text of a line of little-endian UTF-16 as UTF-8.
///
/// Lines are split at the byte of a line feed, whose other half is then at the front of
/// the next line.
pub(super) fn narrowed(line: &[u8]) -> Vec<u8> {
    let line = line.strip_prefix(MARK).unwrap_or(line);
    let line = line.strip_prefix(b"\0").unwrap_or(line);
    let units = line.chunks(2).map(|unit| match unit {
        [low, high] => u16::from_le_bytes([*low, *high]),
        // The other half is at the front of the next line.
        [low, ..] => u16::from(*low),
        [] => 0,
    });
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_utf_16() {
        let text = "\u{feff}Ответ от 8.8.8.8: число байт=32 время=12мс TTL=117\r\nPing 1\r\n";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let lines: Vec<String> = bytes
            .split(|&byte| byte == b'\n')
            .map(|line| String::from_utf8(narrowed(line)).unwrap().trim().to_owned())
            .collect();
        assert_eq!(
            lines,
            [
                "Ответ от 8.8.8.8: число байт=32 время=12мс TTL=117",
                "Ping 1",
                ""
            ]
        );
        assert!(is_wide(b"1\x002\x00"));
        assert!(!is_wide(b"64 bytes\0from"));
    }
}
