//! What a PF holds for its VFs.

use serde_json::Value;

use super::item::VfField;
use super::link::show;
use crate::command::words;
use crate::error::HostError;
use crate::place::Place;

/// A setting of a VF; `None` if there is no such VF.
pub(super) fn read(pf: &str, vf: u32, field: VfField) -> Result<Option<String>, HostError> {
    let Some(link) = show(&Place::Here, "link", pf)? else {
        return Ok(None);
    };
    let Some(info) = find(&link, vf) else {
        return Ok(None);
    };
    let state = state(info, field).ok_or_else(|| HostError::Change {
        doing: format!("reading {} of VF {vf} of {pf}", field.name()),
        message: "its driver doesn't say".into(),
    })?;
    Ok(Some(state))
}

fn find(link: &Value, vf: u32) -> Option<&Value> {
    let list = link["vfinfo_list"].as_array()?;
    list.iter()
        .find(|info| info["vf"].as_u64() == Some(vf.into()))
}

/// The keys are those of iproute2 from version 4.19 on.
fn state(info: &Value, field: VfField) -> Option<String> {
    match field {
        VfField::Mac => info["address"].as_str().map(str::to_lowercase),
        VfField::Vlan => Some(vlan(info)),
        VfField::MaxTxRate => {
            let rate = info["rate"]["max_tx"].as_u64();
            // What there was before there were two rates; neither is printed if it is 0.
            Some(rate.or(info["tx_rate"].as_u64()).unwrap_or(0).to_string())
        }
        VfField::Spoofchk => on_off(&info["spoofchk"]),
        VfField::Trust => on_off(&info["trust"]),
        VfField::LinkState => info["link_state"].as_str().map(str::to_owned),
    }
}

/// As ip's arguments.
fn vlan(info: &Value) -> String {
    let first = &info["vlan_list"][0];
    let number = |key: &str| first[key].as_u64().unwrap_or(0);
    let mut text = number("vlan").to_string();
    if number("qos") > 0 {
        text.push_str(&format!(" qos {}", number("qos")));
    }
    match first["protocol"].as_str() {
        Some(protocol) if !protocol.eq_ignore_ascii_case("802.1q") => {
            text.push_str(&format!(" proto {protocol}"));
        }
        _ => {}
    }
    text
}

fn on_off(value: &Value) -> Option<String> {
    let on = value.as_bool().or(match value.as_str() {
        Some("on") => Some(true),
        Some("off") => Some(false),
        _ => None,
    })?;
    Some(if on { "on" } else { "off" }.to_owned())
}

/// The command that sets it.
pub(super) fn argv(pf: &str, vf: u32, field: VfField, state: &str) -> Vec<String> {
    let number = vf.to_string();
    let mut argv = words(["ip", "link", "set", "dev", pf, "vf", &number, field.name()]);
    argv.extend(words(state.split_whitespace()));
    argv
}

impl VfField {
    /// As ip calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mac => "mac",
            Self::Vlan => "vlan",
            Self::MaxTxRate => "max_tx_rate",
            Self::Spoofchk => "spoofchk",
            Self::Trust => "trust",
            Self::LinkState => "state",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made after the output that iproute2 prints for an igb port with two VFs.
    const LINK: &str = r#"{"ifname":"ens1","vfinfo_list":[
        {"vf":0,"link_type":"ether","address":"02:76:6E:62:00:01","broadcast":"ff:ff:ff:ff:ff:ff",
         "vlan_list":[{"vlan":100,"qos":3}],"rate":{"max_tx":1000,"min_tx":0},
         "spoofchk":true,"link_state":"auto","trust":false,"query_rss_en":false},
        {"vf":1,"link_type":"ether","address":"00:00:00:00:00:00","vlan_list":[{}],
         "spoofchk":false,"link_state":"enable"}]}"#;

    #[test]
    fn reads_each_setting() {
        use VfField::{LinkState, Mac, MaxTxRate, Spoofchk, Trust, Vlan};
        let link: Value = serde_json::from_str(LINK).unwrap();
        let read = |vf, field| state(find(&link, vf).unwrap(), field);
        let first = [Mac, Vlan, MaxTxRate, Spoofchk, Trust, LinkState].map(|f| read(0, f).unwrap());
        assert_eq!(
            first,
            [
                "02:76:6e:62:00:01",
                "100 qos 3",
                "1000",
                "on",
                "off",
                "auto"
            ]
        );
        let second = [Vlan, MaxTxRate, Spoofchk, LinkState].map(|f| read(1, f).unwrap());
        assert_eq!(second, ["0", "0", "off", "enable"]);
        assert_eq!(read(1, Trust), None);
        assert!(find(&link, 2).is_none());
        assert_eq!(
            argv("ens1", 0, Vlan, "100 qos 3").join(" "),
            "ip link set dev ens1 vf 0 vlan 100 qos 3"
        );
    }
}
