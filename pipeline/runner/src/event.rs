//! What happens while a campaign runs, for whoever shows it.

use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A step that takes a while has begun.
    Step {
        /// In words.
        text: String,
    },
    /// The campaign's directory is there.
    Campaign {
        /// Its name.
        name: String,
        /// How many trials it is to have.
        trials: u32,
    },
    /// A guest has answered and its NICs are up.
    GuestUp {
        /// Which.
        name: String,
        /// Seconds that it took.
        seconds: f64,
    },
    /// A trial has ended.
    Trial {
        /// How many have ended so far.
        done: u32,
        /// Of how many.
        of: u32,
        /// Its directory.
        directory: String,
        /// What failed, if it did.
        failure: Option<String>,
    },
    /// Guests can't run under KVM here, where they can't do without.
    NoKvm {
        /// What a test boot came to.
        why: String,
    },
    /// Something that the reader should know.
    Warning {
        /// In words.
        text: String,
    },
}

/// Takes events.
pub trait Progress: Send {
    /// Shows one.
    fn event(&mut self, event: &Event);

    /// Shows the beginning of a step.
    fn step(&mut self, text: &str) {
        self.event(&Event::Step {
            text: text.to_owned(),
        });
    }

    /// Shows a warning.
    fn warning(&mut self, text: &str) {
        self.event(&Event::Warning {
            text: text.to_owned(),
        });
    }
}
