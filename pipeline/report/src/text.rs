//! Text that came from elsewhere, made harmless to read.

use crate::number;

/// Longest text taken over from a log or a tool, in characters.
const LONGEST: usize = 400;

/// Text from a log, a tool or a file, bounded in length and with whatever isn't seen on
/// paper, or turns the direction of reading, spelled out.
pub fn foreign(text: &str) -> String {
    let text = text.trim_end();
    let mut shown = String::new();
    for c in text.chars().take(LONGEST) {
        if is_hidden(c) {
            shown.extend(c.escape_unicode())
        } else {
            shown.push(c)
        }
    }
    match text.char_indices().nth(LONGEST) {
        None => shown,
        // How much more there is, in every language.
        Some((end, _)) => format!("{shown} … (+{})", number::bytes((text.len() - end) as u64)),
    }
}

/// Control, formatting and private-use characters, and those that are no characters.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
        || (c as u32) & 0xfffe == 0xfffe
}

/// A text that isn't broken between a number and its percent sign.
pub fn unbroken(text: &str) -> String {
    let mut unbroken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(" %") {
        unbroken.push_str(before);
        let number = before.ends_with(|c: char| c.is_ascii_digit());
        unbroken.push_str(if number { "\u{a0}%" } else { " %" });
        rest = behind;
    }
    unbroken.push_str(rest);
    unbroken
}

/// The first digits of a digest, enough to tell two apart by eye.
pub fn short_digest(digest: &str) -> String {
    // A NAR hash says before it what it is.
    let digits = digest.strip_prefix("sha256").unwrap_or(digest);
    let digits = digits.trim_start_matches([':', '-']);
    digits.chars().take(12).collect()
}

/// A name that is safe as an anchor and as a file.
pub fn anchor(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_stay_with_their_numbers() {
        assert_eq!(unbroken("95 %, 5 %; a % b"), "95\u{a0}%, 5\u{a0}%; a % b");
    }

    #[test]
    fn foreign_text_is_bounded_and_visible() {
        assert_eq!(
            foreign("a\u{1b}[31mb\u{202e}c\n"),
            "a\\u{1b}[31mb\\u{202e}c"
        );
        assert_eq!(foreign("한글 <b> {{ x }}"), "한글 <b> {{ x }}");
        let long = foreign(&"x".repeat(1_000_000));
        assert!(long.ends_with("… (+976 KiB)"), "{long}");
        assert!(long.len() < 500);
    }
}
