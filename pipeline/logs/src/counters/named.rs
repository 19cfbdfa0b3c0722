//! Sources that are names and values.

use std::collections::BTreeMap;

use serde::Serialize;

use super::snapshot::{Builder, Taken};
use super::{count, name};

/// Values by the names that the kernel or a driver gives them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Named {
    /// Each value.
    pub values: BTreeMap<String, u64>,
}

impl Named {
    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.values.get(name).copied()
    }
}

/// `name value`, `name: value` or `name:value`; a name may hold spaces and colons.
pub(super) fn pair(text: &[u8]) -> Option<(&[u8], u64)> {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let (before, value) = text.split_at_checked(text.len() - digits.count())?;
    let value = count(value)?;
    let last = before.last()?;
    if !last.is_ascii_whitespace() && *last != b':' {
        return None;
    }
    let name = before.trim_ascii();
    let name = name.strip_suffix(b":").unwrap_or(name).trim_ascii();
    (!name.is_empty()).then_some((name, value))
}

#[derive(Default)]
pub(super) struct Pairs {
    values: BTreeMap<String, u64>,
    first: Option<String>,
}

impl Builder for Pairs {
    type Record = Named;

    fn take(&mut self, text: &[u8]) -> Taken {
        let Some((label, value)) = pair(text) else {
            return Taken::Malformed;
        };
        let label = name(label);
        if self.first.as_ref() == Some(&label) {
            return Taken::Next;
        }
        if self.values.contains_key(&label) {
            return Taken::Again;
        }
        self.first.get_or_insert_with(|| label.clone());
        self.values.insert(label, value);
        Taken::Yes
    }

    fn finish(self) -> Result<Named, &'static str> {
        if self.values.is_empty() {
            return Err("values");
        }
        Ok(Named {
            values: self.values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_sorts() {
        let tell = |text: &str| pair(text.as_bytes()).map(|(label, value)| (name(label), value));
        let some = |label: &str, value| Some((label.to_owned(), value));
        assert_eq!(tell("pswpin 12"), some("pswpin", 12));
        assert_eq!(tell("rx_packets: 12"), some("rx_packets", 12));
        assert_eq!(tell("exits:12"), some("exits", 12));
        assert_eq!(tell("[0]: rx ucast: 12"), some("[0]: rx ucast", 12));
        for odd in [
            "12",
            " 12",
            ": 12",
            "exits",
            "exits -1",
            "exits x12",
            "exits 99999999999999999999",
        ] {
            assert_eq!(tell(odd), None, "{odd}");
        }
    }
}
