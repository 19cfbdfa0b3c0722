//! What differs between two records, in words.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

/// Every value that differs, with where it is: `host.kernel was "6.12.1" and is "6.12.9"`.
pub(crate) fn differences(what: &str, old: &impl Serialize, new: &impl Serialize) -> Vec<String> {
    // Records hold only what JSON can.
    let (old, new) = (serde_json::to_value(old), serde_json::to_value(new));
    let mut found = Vec::new();
    compare(
        what,
        &old.unwrap_or_default(),
        &new.unwrap_or_default(),
        &mut found,
    );
    found
}

fn compare(place: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let (old, new) = (a.get(name), b.get(name));
                let none = Value::Null;
                compare(
                    &format!("{place}.{name}"),
                    old.unwrap_or(&none),
                    new.unwrap_or(&none),
                    found,
                );
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (old, new)) in a.iter().zip(b).enumerate() {
                // What has a name is better known by it.
                let name = new.get("name").and_then(Value::as_str);
                let place = match name {
                    Some(name) => format!("{place}[{name}]"),
                    None => format!("{place}[{index}]"),
                };
                compare(&place, old, new, found);
            }
        }
        _ if old == new => {}
        _ => found.push(format!("{place} was {old} and is {new}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_what_differs_and_nothing_else() {
        let old =
            json!({"kernel": "6.12.1", "nics": [{"name": "eth0", "driver": "igb"}], "cpus": 2});
        let new = json!({"kernel": "6.12.9", "nics": [{"name": "eth0", "driver": "ixgbe"}], "cpus": 2, "smt": "on"});
        assert_eq!(differences("host", &old, &old), Vec::<String>::new());
        assert_eq!(
            differences("host", &old, &new),
            [
                "host.kernel was \"6.12.1\" and is \"6.12.9\"",
                "host.nics[eth0].driver was \"igb\" and is \"ixgbe\"",
                "host.smt was null and is \"on\"",
            ]
        );
    }
}
