//! Words that both forms of the report share, and text that came from elsewhere made
//! harmless to read.

use vnicbench_model::{
    Arm, Backend, Instance, Mix, Neighbour, NeighbourAt, Network, Question, Route, Setting,
};

/// What a reader calls an arm.
pub fn arm(arm: Arm) -> String {
    let instance = match arm.instance {
        Instance::Host => "host",
        Instance::Vm => "VM",
        Instance::Container => "container",
    };
    let label = arm.backend.label();
    match arm.mix {
        None => format!("{label} ({instance})"),
        Some(Mix::Nic(other)) => format!("{label} + {} in one {instance}", other.label()),
        Some(Mix::Instance(other)) => {
            format!("{label} {instance}s and {} {instance}s", other.label())
        }
    }
}

/// An arm, with the conditions that aren't the ordinary ones.
pub fn arm_in(of: Arm, setting: &Setting) -> String {
    let mut text = arm(of);
    for condition in conditions(of, setting) {
        text.push_str(", ");
        text.push_str(&condition);
    }
    text
}

/// The conditions that aren't the ordinary ones, in words.
pub fn conditions(of: Arm, setting: &Setting) -> Vec<String> {
    let mut words = Vec::new();
    if setting.vms > 1 {
        let noun = match of.instance {
            Instance::Container => "containers",
            _ => "VMs",
        };
        words.push(format!("{} {noun}", setting.vms));
    }
    if setting.nics > 1 {
        words.push(format!("{} NICs", setting.nics));
    }
    if setting.network == Network::Vlan {
        words.push("on VLANs".to_owned());
    }
    if setting.path == Route::Local {
        words.push("to a peer on the host".to_owned());
    }
    if setting.neighbour != Neighbour::Idle {
        let workers = setting
            .workers
            .map_or_else(String::new, |n| format!("{n} x "));
        let place = match setting.neighbour_at {
            NeighbourAt::Vm => "beside",
            NeighbourAt::Host => "on the host",
        };
        words.push(format!("{workers}{} load {place}", setting.neighbour));
    }
    words.extend(setting.tuning.as_ref().map(|name| format!("tuned: {name}")));
    words.extend(versions(setting));
    words
}

/// The versions that the matrix names, in words.
pub fn versions(setting: &Setting) -> impl Iterator<Item = String> {
    let kernel = setting.kernel.as_ref().map(|v| format!("guest kernel {v}"));
    let qemu = setting.qemu.as_ref().map(|v| format!("QEMU {v}"));
    kernel.into_iter().chain(qemu)
}

/// An arm's quantity as the subject of a sentence.
pub fn subject(of: Arm, quantity: &str) -> String {
    if of.backend == Backend::Native {
        return format!("Without a guest, port to port, the {quantity}");
    }
    if of.mix.is_some() {
        return format!("The {quantity} of {}", arm(of));
    }
    let owner = match of.backend {
        Backend::Sriov => "The VF's".to_owned(),
        other => format!("{}'s", other.label()),
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

/// What a reader of a question's figures must know; nothing where they say it themselves.
pub fn reading(question: Question) -> Option<&'static str> {
    match question {
        Question::Latency | Question::Throughput | Question::Interference => None,
        Question::Fairness => Some(
            "All NICs of a trial send or receive at once. Goodput is the sum of what they got. Jain's index says how \
             evenly they got it: 1 if all got the same, 1/n if one of n got everything.",
        ),
        Question::MultiNetwork => Some(
            "Goodput is the sum over all NICs of a trial, a round-trip time the median of the replies to all of them. A mix \
             is compared with each of its parts alone, and with as many NICs of one kind where there is such a cell.",
        ),
        Question::Density => Some(
            "The counters are of the whole host while it measured: the instances, what serves their NICs, a neighbour's load, \
             and the generator where it is a port of the same host.",
        ),
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
