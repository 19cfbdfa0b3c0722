//! Words that both forms of the report share, and text that came from elsewhere made
//! harmless to read.

use vnicbench_model::{Arm, Backend, Instance, Neighbour, Question};

/// What a reader calls an arm.
pub fn arm(arm: Arm) -> String {
    let backend = match arm.backend {
        Backend::Native => "native",
        Backend::Virtio => "virtio",
        Backend::Vhost => "vhost-net",
        Backend::Sriov => "VF",
        Backend::Veth => "veth",
    };
    let instance = match arm.instance {
        Instance::Host => "host",
        Instance::Vm => "VM",
        Instance::Container => "container",
    };
    format!("{backend} ({instance})")
}

/// An arm, with what its neighbour does unless that is nothing.
pub fn arm_beside(of: Arm, neighbour: Neighbour) -> String {
    match neighbour {
        Neighbour::Idle => arm(of),
        busy => format!("{}, {busy} load beside", arm(of)),
    }
}

/// An arm's quantity as the subject of a sentence.
pub fn subject(of: Arm, quantity: &str) -> String {
    let owner = match of.backend {
        Backend::Native => return format!("Without a guest, port to port, the {quantity}"),
        Backend::Virtio => "virtio's",
        Backend::Vhost => "vhost-net's",
        Backend::Sriov => "The VF's",
        Backend::Veth => "veth's",
    };
    let place = match of.instance {
        Instance::Host => "on the host",
        Instance::Vm => "in a VM",
        Instance::Container => "in a container",
    };
    format!("{owner} {quantity} {place}")
}

/// A question of the study in words.
pub fn question(question: Question) -> &'static str {
    match question {
        Question::Latency => "How long does a packet take there and back?",
        Question::Throughput => "How much data gets through?",
        Question::Fairness => "How do VMs share one NIC?",
        Question::Interference => "What does a neighbour's load do?",
        Question::MultiNetwork => "What do several NICs or networks do?",
        Question::Density => "What does the host pay for more VMs?",
    }
}

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
    match text.chars().count().saturating_sub(LONGEST) {
        0 => shown,
        rest => format!("{shown} … ({rest} more characters)"),
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

/// The first digits of a digest, enough to tell two apart by eye.
pub fn short_digest(digest: &str) -> String {
    digest.chars().take(12).collect()
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
    fn foreign_text_is_bounded_and_visible() {
        assert_eq!(
            foreign("a\u{1b}[31mb\u{202e}c\n"),
            "a\\u{1b}[31mb\\u{202e}c"
        );
        assert_eq!(foreign("한글 <b> {{ x }}"), "한글 <b> {{ x }}");
        let long = foreign(&"x".repeat(1_000_000));
        assert!(long.ends_with("… (999600 more characters)"));
        assert!(long.len() < 500);
    }
}
