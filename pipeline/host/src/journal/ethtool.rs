//! Settings of ethtool, read from what it prints for people: that has been the same for
//! longer than its JSON has been there.

use super::item::EthtoolSetting;
use super::link::is_gone;
use crate::command::{failure, run};
use crate::error::HostError;
use crate::place::Place;

/// The long names that `ethtool -k` prints, of the short ones that `-K` takes.
const FEATURES: [(&str, &str); 12] = [
    ("gro", "generic-receive-offload"),
    ("gso", "generic-segmentation-offload"),
    ("lro", "large-receive-offload"),
    ("ntuple", "ntuple-filters"),
    ("rx", "rx-checksumming"),
    ("rxhash", "receive-hashing"),
    ("rxvlan", "rx-vlan-offload"),
    ("sg", "scatter-gather"),
    ("tso", "tcp-segmentation-offload"),
    ("tx", "tx-checksumming"),
    ("txvlan", "tx-vlan-offload"),
    ("ufo", "udp-fragmentation-offload"),
];

/// A setting; `None` if there is no such interface.
pub(super) fn read(
    place: &Place,
    dev: &str,
    setting: &EthtoolSetting,
) -> Result<Option<String>, HostError> {
    if is_gone(place) {
        return Ok(None);
    }
    let (option, name) = match setting {
        EthtoolSetting::Coalesce { name } => ("-c", name),
        EthtoolSetting::Feature { name } => ("-k", name),
        EthtoolSetting::Channels { name } => ("-l", name),
    };
    let argv = place.ethtool([option, dev]);
    let said = run(&argv)?;
    if !said.status.success() {
        return if said.stderr.contains("No such device") {
            Ok(None)
        } else {
            let message = format!("{}, {}", said.status, said.stderr.trim());
            Err(failure(&argv, message))
        };
    }
    let value = match setting {
        EthtoolSetting::Coalesce { .. } => coalesce(&said.stdout, name),
        EthtoolSetting::Feature { .. } => feature(&said.stdout, name),
        EthtoolSetting::Channels { .. } => channels(&said.stdout, name),
    };
    match value {
        Some(value) if value != "n/a" => Ok(Some(value.to_owned())),
        _ => Err(failure(&argv, format!("{dev} has no setting {name}"))),
    }
}

/// The command that sets it.
pub(super) fn argv(place: &Place, dev: &str, setting: &EthtoolSetting, state: &str) -> Vec<String> {
    let (option, name) = match setting {
        EthtoolSetting::Coalesce { name } => ("-C", name),
        EthtoolSetting::Feature { name } => ("-K", name),
        EthtoolSetting::Channels { name } => ("-L", name),
    };
    place.ethtool([option, dev, name, state])
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.trim().split_once(':')?;
        (key == name).then(|| value.trim())
    })
}

fn coalesce<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    // "Adaptive RX: off  TX: off"
    let Some(direction) = name.strip_prefix("adaptive-") else {
        return value(text, name);
    };
    let line = text.lines().find(|line| line.starts_with("Adaptive "))?;
    let (_, rest) = line.split_once(&format!("{}:", direction.to_uppercase()))?;
    rest.split_whitespace().next()
}

fn feature<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let long = FEATURES.iter().find(|(short, _)| *short == name);
    // "on [fixed]", "off [requested on]"
    value(text, long.map_or(name, |(_, long)| long))?
        .split_whitespace()
        .next()
}

fn channels<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, current) = text.split_once("Current hardware settings:")?;
    current.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // ethtool 6.1 on virtio_net, shortened.
    const COALESCE: &str = "Coalesce parameters for eth0:\nAdaptive RX: off  TX: n/a\nstats-block-usecs: n/a\n\nrx-usecs: 3\nrx-frames: 1\nrx-usecs-irq: n/a\n\nCQE mode RX: n/a  TX: n/a\n";
    const FEATURE: &str = "Features for eth0:\nrx-checksumming: on [fixed]\ntx-checksumming: on\n\ttx-checksum-ipv4: off [fixed]\n\ttx-checksum-ip-generic: on\ntcp-segmentation-offload: on\n\ttx-tcp-segmentation: on\ngeneric-receive-offload: off [requested on]\n";
    const CHANNELS: &str = "Channel parameters for eth0:\nPre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t8\nCurrent hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t1\n";

    #[test]
    fn reads_what_ethtool_prints() {
        assert_eq!(coalesce(COALESCE, "rx-usecs"), Some("3"));
        assert_eq!(coalesce(COALESCE, "adaptive-rx"), Some("off"));
        assert_eq!(coalesce(COALESCE, "adaptive-tx"), Some("n/a"));
        assert_eq!(feature(FEATURE, "tso"), Some("on"));
        assert_eq!(feature(FEATURE, "gro"), Some("off"));
        assert_eq!(feature(FEATURE, "rx"), Some("on"));
        assert_eq!(feature(FEATURE, "tx-checksum-ipv4"), Some("off"));
        assert_eq!(feature(FEATURE, "nonsense"), None);
        assert_eq!(channels(CHANNELS, "combined"), Some("1"));
        assert_eq!(channels(CHANNELS, "rx"), Some("n/a"));
    }
}
