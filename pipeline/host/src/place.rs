//! Where something is: on this host, in a network namespace of it, on another host.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::command::words;
use crate::ssh::Destination;

/// A place with interfaces and programs.
///
/// As JSON it is null, the name of a namespace, or an object with what ssh needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// This host's own network namespace.
    #[default]
    Here,
    /// A named network namespace of this host.
    Namespace(String),
    /// Another host's own network namespace.
    Ssh(Box<Destination>),
}

impl From<Destination> for Place {
    fn from(destination: Destination) -> Self {
        Self::Ssh(Box::new(destination))
    }
}

impl Place {
    /// The other host that it is on, if it is on one.
    pub fn destination(&self) -> Option<&Destination> {
        match self {
            Self::Ssh(destination) => Some(destination),
            Self::Here | Self::Namespace(_) => None,
        }
    }

    /// `ip` there, with its arguments.
    pub(crate) fn ip<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut ip = match self {
            Self::Namespace(name) => words(["ip", "-n", name]),
            Self::Here | Self::Ssh(_) => words(["ip"]),
        };
        ip.extend(words(arguments));
        self.over(ip)
    }

    /// `ethtool` there, with its arguments.
    pub(crate) fn ethtool<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut ethtool = match self {
            Self::Namespace(name) => words(["ip", "netns", "exec", name, "ethtool"]),
            Self::Here | Self::Ssh(_) => words(["ethtool"]),
        };
        ethtool.extend(words(arguments));
        self.over(ethtool)
    }

    fn over(&self, argv: Vec<String>) -> Vec<String> {
        match self {
            Self::Ssh(destination) => destination.argv(&argv),
            Self::Here | Self::Namespace(_) => argv,
        }
    }
}

/// To be put after what is there: "" for this host, " in vnb-gen", " on root@tester".
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here => Ok(()),
            Self::Namespace(name) => write!(f, " in {name}"),
            Self::Ssh(destination) => write!(f, " on {destination}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_what_older_journals_have() {
        let read = |text: &str| serde_json::from_str::<Place>(text).unwrap();
        assert_eq!(read("null"), Place::Here);
        assert_eq!(read("\"vnb-gen\""), Place::Namespace("vnb-gen".into()));
        let there = Place::from(Destination::new("root@tester:2222".parse().unwrap()));
        let json = serde_json::to_string(&there).unwrap();
        assert_eq!(json, r#"{"ssh":"root@tester:2222"}"#);
        assert_eq!(read(&json), there);
        assert_eq!(serde_json::to_string(&Place::Here).unwrap(), "null");
        let hostile = serde_json::from_str::<Place>(r#"{"ssh":"-oProxyCommand=reboot"}"#);
        assert!(hostile.is_err());
    }

    #[test]
    fn commands_are_for_their_place() {
        let ip = |place: Place| place.ip(["link", "show"]).join(" ");
        assert_eq!(ip(Place::Here), "ip link show");
        assert_eq!(ip(Place::Namespace("a".into())), "ip -n a link show");
        let there = Place::from(Destination::new("tester".parse().unwrap()));
        assert!(ip(there).ends_with(" tester -- 'ip' 'link' 'show'"));
    }
}
