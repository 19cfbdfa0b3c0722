//! Interfaces and network namespaces. Those of the host's own namespace are read from
//! sysfs, which is quicker than `ip`.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{failure, run};
use crate::error::HostError;
use crate::nic::attribute;
use crate::place::Place;

const NAMESPACES: &str = "/run/netns";
/// What the names of this tool's namespaces begin with.
const OURS: &str = "vnb-";
const IFF_UP: u32 = 1;

pub(super) fn namespace_exists(name: &str) -> bool {
    Path::new(NAMESPACES).join(name).exists()
}

fn class(name: &str) -> PathBuf {
    Path::new("/sys/class/net").join(name)
}

/// What `ip -json OBJECT show dev NAME` says of the interface; `None` if it isn't there.
pub(super) fn show(place: &Place, object: &str, name: &str) -> Result<Option<Value>, HostError> {
    if is_gone(place) {
        return Ok(None);
    }
    let argv = place.ip(["-json", object, "show", "dev", name]);
    let said = run(&argv)?;
    if !said.status.success() {
        let missing = [
            "does not exist",
            "Cannot find device",
            "No such device",
            "Cannot open network namespace",
        ];
        return if missing.iter().any(|words| said.stderr.contains(words)) {
            Ok(None)
        } else {
            Err(failure(
                &argv,
                format!("{}, {}", said.status, said.stderr.trim()),
            ))
        };
    }
    let links: Vec<Value> =
        serde_json::from_str(&said.stdout).map_err(|error| failure(&argv, error.to_string()))?;
    // Old versions print an empty object for what was filtered out.
    Ok(links.into_iter().find(|link| !link["ifname"].is_null()))
}

pub(super) fn exists(place: &Place, name: &str) -> Result<bool, HostError> {
    match place {
        Place::Here => Ok(class(name).exists()),
        _ => Ok(show(place, "link", name)?.is_some()),
    }
}

/// Whether it is a namespace that isn't there any more.
pub(super) fn is_gone(place: &Place) -> bool {
    matches!(place, Place::Namespace(name) if !namespace_exists(name))
}

/// The namespace of ours that a port is in; "" for the host's own.
pub(super) fn namespace_of(name: &str, mac: &str) -> Result<Option<String>, HostError> {
    if attribute(&class(name).join("address")).as_deref() == Some(mac) {
        return Ok(Some(String::new()));
    }
    for netns in namespaces() {
        if !netns.starts_with(OURS) {
            continue;
        }
        let link = show(&Place::Namespace(netns.clone()), "link", name)?;
        if link.is_some_and(|link| link["address"].as_str() == Some(mac)) {
            return Ok(Some(netns));
        }
    }
    Ok(None)
}

/// The named namespaces, in order.
pub(super) fn namespaces() -> Vec<String> {
    let entries = fs::read_dir(NAMESPACES).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub(super) fn is_up(place: &Place, name: &str) -> Result<Option<bool>, HostError> {
    if *place == Place::Here {
        let flags = attribute(&class(name).join("flags"));
        return Ok(flags
            .and_then(|text| u32::from_str_radix(text.trim_start_matches("0x"), 16).ok())
            .map(|flags| flags & IFF_UP != 0));
    }
    let link = show(place, "link", name)?;
    Ok(link.map(|link| {
        let flags = link["flags"].as_array();
        flags.is_some_and(|flags| flags.iter().any(|flag| flag == "UP"))
    }))
}

pub(super) fn mtu(place: &Place, name: &str) -> Result<Option<String>, HostError> {
    if *place == Place::Here {
        return Ok(attribute(&class(name).join("mtu")));
    }
    let link = show(place, "link", name)?;
    Ok(link.map(|link| link["mtu"].to_string()))
}

/// The bridge that an interface is a port of; "" for none.
pub(super) fn master(name: &str) -> Option<String> {
    let path = class(name);
    if !path.exists() {
        return None;
    }
    let link = fs::read_link(path.join("master")).ok();
    let bridge = link.and_then(|link| Some(link.file_name()?.to_string_lossy().into_owned()));
    Some(bridge.unwrap_or_default())
}

/// Whether an interface has an address, given with its prefix length.
pub(super) fn has_address(
    place: &Place,
    dev: &str,
    address: &str,
) -> Result<Option<bool>, HostError> {
    let (wanted, length) = address.split_once('/').unwrap_or((address, ""));
    let length = length.parse().ok();
    let wanted = wanted
        .parse::<IpAddr>()
        .map_err(|error| HostError::Change {
            doing: format!("looking for the address {address} of {dev}"),
            message: error.to_string(),
        })?;
    let Some(link) = show(place, "address", dev)? else {
        return Ok(None);
    };
    let found = link["addr_info"].as_array().is_some_and(|list| {
        list.iter().any(|info| {
            let local = info["local"]
                .as_str()
                .and_then(|text| text.parse::<IpAddr>().ok());
            local == Some(wanted) && info["prefixlen"].as_u64() == length
        })
    });
    Ok(Some(found))
}
