//! What differs between two records.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// A value that isn't the same in two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where it is: `host.kernel`, `host.nics[eth0].driver`.
    pub place: String,
    /// In the first record; null where there is none.
    pub before: Value,
    /// In the second.
    pub after: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            before,
            after,
        } = self;
        write!(f, "{place} was {before} and is {after}")
    }
}

/// Every value that differs, in the order of the names of their fields. What has a name in a
/// list is compared with what has the same name in the other, wherever it stands.
pub fn differences(what: &str, old: &impl Serialize, new: &impl Serialize) -> Vec<Difference> {
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

/// Every single value of a record with its place, as [`differences`] names it.
pub fn values(what: &str, record: &impl Serialize) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    list(
        what.to_owned(),
        serde_json::to_value(record).unwrap_or_default(),
        &mut found,
    );
    found
}

fn list(place: String, value: Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            for (name, value) in fields {
                list(format!("{place}.{name}"), value, found);
            }
        }
        Value::Array(members) => {
            let names = named(&members).map(|names| {
                let names = names.into_iter();
                names.map(str::to_owned).collect::<Vec<_>>()
            });
            for (index, member) in members.into_iter().enumerate() {
                let name = names.as_ref().and_then(|names| names.get(index)).cloned();
                let name = name.unwrap_or_else(|| index.to_string());
                list(format!("{place}[{name}]"), member, found);
            }
        }
        single => found.push((place, single)),
    }
}

fn compare(place: &str, old: &Value, new: &Value, found: &mut Vec<Difference>) {
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
        (Value::Array(a), Value::Array(b)) => match (named(a), named(b)) {
            (Some(ours), Some(theirs)) => {
                let names: BTreeSet<&str> = ours.iter().chain(&theirs).copied().collect();
                let of = |list: &[Value], names: &[&str], name: &str| {
                    let at = names.iter().position(|known| *known == name);
                    at.and_then(|at| list.get(at).cloned()).unwrap_or_default()
                };
                for name in names {
                    let (old, new) = (of(a, &ours, name), of(b, &theirs, name));
                    compare(&format!("{place}[{name}]"), &old, &new, found);
                }
            }
            _ if a.len() == b.len() => {
                for (index, (old, new)) in a.iter().zip(b).enumerate() {
                    compare(&format!("{place}[{index}]"), old, new, found);
                }
            }
            _ => found.push(difference(place, old, new)),
        },
        _ if old == new => {}
        _ => found.push(difference(place, old, new)),
    }
}

fn difference(place: &str, old: &Value, new: &Value) -> Difference {
    Difference {
        place: place.to_owned(),
        before: old.clone(),
        after: new.clone(),
    }
}

/// The names of a list's members, if each has one of its own.
fn named(list: &[Value]) -> Option<Vec<&str>> {
    let names: Option<Vec<&str>> = list.iter().map(|one| one.get("name")?.as_str()).collect();
    let names = names?;
    let different: BTreeSet<&str> = names.iter().copied().collect();
    (different.len() == names.len()).then_some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn in_words(old: &Value, new: &Value) -> Vec<String> {
        let found = differences("host", old, new);
        found.iter().map(Difference::to_string).collect()
    }

    #[test]
    fn names_what_differs_and_nothing_else() {
        let old =
            json!({"kernel": "6.12.1", "nics": [{"name": "eth0", "driver": "igb"}], "cpus": 2});
        let new = json!({"kernel": "6.12.9", "nics": [{"name": "eth0", "driver": "ixgbe"}], "cpus": 2, "smt": "on"});
        assert_eq!(in_words(&old, &old), Vec::<String>::new());
        assert_eq!(
            in_words(&old, &new),
            [
                "host.kernel was \"6.12.1\" and is \"6.12.9\"",
                "host.nics[eth0].driver was \"igb\" and is \"ixgbe\"",
                "host.smt was null and is \"on\"",
            ]
        );
    }

    #[test]
    fn values_have_the_places_of_differences() {
        let old = json!({"nics": [{"name": "eth0", "driver": "igb"}], "cpus": 2, "ids": [7]});
        let new = json!({"nics": [{"name": "eth0", "driver": "e1000"}], "cpus": 4, "ids": [8]});
        let places: Vec<String> = values("host", &old).into_iter().map(|(p, _)| p).collect();
        assert_eq!(
            places,
            [
                "host.cpus",
                "host.ids[0]",
                "host.nics[eth0].driver",
                "host.nics[eth0].name"
            ]
        );
        for difference in differences("host", &old, &new) {
            assert!(places.contains(&difference.place), "{difference}");
        }
    }

    #[test]
    fn what_has_a_name_is_found_by_it() {
        let old =
            json!({"packages": [{"name": "a", "version": "1"}, {"name": "c", "version": "1"}]});
        let new = json!({"packages": [
            {"name": "a", "version": "1"}, {"name": "b", "version": "1"}, {"name": "c", "version": "2"},
        ]});
        assert_eq!(
            in_words(&old, &new),
            [
                "host.packages[b] was null and is {\"name\":\"b\",\"version\":\"1\"}",
                "host.packages[c].version was \"1\" and is \"2\"",
            ]
        );
        let lists = (json!({"x": [1, 2]}), json!({"x": [1]}));
        assert_eq!(
            in_words(&lists.0, &lists.1),
            ["host.x was [1,2] and is [1]"]
        );
    }
}
