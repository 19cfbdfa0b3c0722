//! The host's NICs: which there are, what they can do, who uses them.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{HostError, io_error};
use crate::login::{Login, logins};
use crate::ssh::Destination;

const CLASS: &str = "/sys/class/net";

/// A network interface that is a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nic {
    /// Interface name.
    pub name: String,
    /// MAC address.
    pub mac: String,
    /// Driver.
    pub driver: String,
    /// PCI address, if it is on PCI.
    pub pci: Option<String>,
    /// PCI vendor and device, as `8086:10c9`.
    pub device: Option<String>,
    /// Link speed in Mbit/s, if it is known.
    pub speed_mbps: Option<u64>,
    /// How many VFs it can have; 0 without SR-IOV.
    pub total_vfs: u32,
    /// Whether it is set up.
    pub up: bool,
    /// Why it must not be touched, if it mustn't.
    pub in_use: Option<String>,
}

impl Nic {
    /// Its PCI device's directory.
    pub(crate) fn device_path(&self) -> PathBuf {
        Path::new(CLASS).join(&self.name).join("device")
    }
}

pub(crate) fn attribute(path: &Path) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

/// A bridge, bond, VLAN, macvtap or the like that uses the interface.
fn upper_interface(path: &Path) -> Option<String> {
    let entries = fs::read_dir(path).ok()?.filter_map(Result::ok);
    let mut uppers: Vec<String> = entries
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_prefix("upper_")
                .map(str::to_owned)
        })
        .collect();
    uppers.sort();
    uppers.into_iter().next()
}

fn link_name(path: &Path) -> Option<String> {
    fs::read_link(path)
        .ok()?
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
}

/// All NICs that are devices (no bridges, taps or loopback), by name.
///
/// # Errors
///
/// [`HostError`] if sysfs can't be read or `ip` isn't there.
pub fn nics() -> Result<Vec<Nic>, HostError> {
    let routed = default_route_interfaces();
    let addresses = addresses()?;
    let logins = logins(
        Path::new("/proc"),
        std::env::var("SSH_CONNECTION").ok().as_deref(),
    );
    let class = Path::new(CLASS);
    let mut names: Vec<String> = fs::read_dir(class)
        .map_err(io_error("list", class))?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let path = class.join(&name);
        let device = path.join("device");
        // A VF is a means of the campaign or someone else's; it is never a port.
        if !device.exists() || device.join("physfn").exists() {
            continue;
        }
        let number = |file: &str| {
            attribute(&device.join(file))
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        let id = |file: &str| {
            attribute(&device.join(file)).map(|text| text.trim_start_matches("0x").to_owned())
        };
        let flags = attribute(&path.join("flags"))
            .and_then(|text| u32::from_str_radix(text.trim_start_matches("0x"), 16).ok())
            .unwrap_or(0);
        let vfs = number("sriov_numvfs");
        let mut uses = Vec::new();
        if routed.contains(&name) {
            uses.push("it carries the default route".to_owned());
        }
        if let Some(login) = login_over(&name, &addresses, &logins) {
            uses.push(format!(
                "someone is logged in over it ({} from {})",
                login.local, login.peer
            ));
        }
        let mut own = addresses.iter().filter(|address| address.interface == name);
        if own.any(|address| address.global) {
            uses.push("it has an address".to_owned());
        }
        if let Some(upper) = upper_interface(&path) {
            uses.push(format!("{upper} is on top of it"));
        }
        if vfs > 0 {
            uses.push(format!(
                "it has {vfs} VFs that this tool did not make (to remove them: echo 0 > {})",
                device.join("sriov_numvfs").display()
            ));
        }
        let in_use = (!uses.is_empty()).then(|| uses.join(", "));
        let subsystem = link_name(&device.join("subsystem"));
        found.push(Nic {
            mac: attribute(&path.join("address")).unwrap_or_default(),
            driver: link_name(&device.join("driver")).unwrap_or_default(),
            pci: (subsystem.as_deref() == Some("pci"))
                .then(|| link_name(&device))
                .flatten(),
            device: id("vendor")
                .zip(id("device"))
                .map(|(vendor, device)| format!("{vendor}:{device}")),
            speed_mbps: attribute(&path.join("speed")).and_then(|text| text.parse::<u64>().ok()),
            total_vfs: number("sriov_totalvfs"),
            up: flags & 1 == 1,
            in_use,
            name,
        });
    }
    Ok(found)
}

fn default_route_interfaces() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in fs::read_to_string("/proc/net/route")
        .unwrap_or_default()
        .lines()
        .skip(1)
    {
        let mut fields = line.split_whitespace();
        if let (Some(name), Some("00000000")) = (fields.next(), fields.next()) {
            names.insert(name.to_owned());
        }
    }
    for line in fs::read_to_string("/proc/net/ipv6_route")
        .unwrap_or_default()
        .lines()
    {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if fields.len() == 10
            && fields[0].bytes().all(|digit| digit == b'0')
            && fields[1] == "00"
            && fields[9] != "lo"
        {
            names.insert(fields[9].to_owned());
        }
    }
    names
}

/// An interface's address.
struct Address {
    interface: String,
    address: IpAddr,
    /// Link-local ones, which every interface gives itself, aren't.
    global: bool,
}

/// The first login over an interface's own addresses.
fn login_over<'a>(name: &str, addresses: &[Address], logins: &'a [Login]) -> Option<&'a Login> {
    logins.iter().find(|login| {
        addresses
            .iter()
            .any(|address| address.interface == name && address.address == login.local)
    })
}

fn addresses() -> Result<Vec<Address>, HostError> {
    let failed = |message: String| HostError::Change {
        doing: "listing addresses with ip".into(),
        message,
    };
    let output = Command::new("ip")
        .args(["-json", "address", "show"])
        .output();
    let output =
        output.map_err(|error| failed(format!("{error}; on Debian: apt-get install iproute2")))?;
    if !output.status.success() {
        return Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    parse_addresses(&output.stdout).map_err(|error| failed(error.to_string()))
}

/// What `ip -json address show` prints.
fn parse_addresses(json: &[u8]) -> Result<Vec<Address>, serde_json::Error> {
    let links: Vec<serde_json::Value> = serde_json::from_slice(json)?;
    let mut found = Vec::new();
    for link in &links {
        let Some(interface) = link["ifname"].as_str() else {
            continue;
        };
        for entry in link["addr_info"].as_array().into_iter().flatten() {
            let Some(Ok(address)) = entry["local"].as_str().map(str::parse) else {
                continue;
            };
            found.push(Address {
                interface: interface.to_owned(),
                address,
                global: entry["scope"] == "global",
            });
        }
    }
    Ok(found)
}

/// What the user says of the ports: interface names or MAC addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortSelection {
    /// The port whose VFs are measured.
    pub pf: Option<String>,
    /// The port at the other end of its wire.
    pub generator: Option<String>,
    /// The port that the bridge of virtio and vhost uses, if it isn't the PF.
    pub uplink: Option<String>,
    /// The port at the other end of the uplink's wire.
    pub uplink_generator: Option<String>,
    /// The host that both generators are on, if it isn't this one.
    pub generator_host: Option<Destination>,
    /// Whether a port that is named is taken even if someone uses it.
    pub i_know: bool,
}

/// Why no ports can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PortProblem {
    /// There are several that would do; which, must be said.
    Ambiguous(String),
    /// There is none, or the one that is named won't do.
    Unfit(String),
}

/// The ports of a campaign, none of which anyone else uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// The port whose VFs are measured.
    pub pf: Nic,
    /// The port at the other end of its wire.
    pub generator: Nic,
    /// The bridge's port and the one at the other end of its wire, if these aren't the former two.
    pub uplink: Option<(Nic, Nic)>,
    /// The host that the generators are on, if it isn't this one.
    pub generator_host: Option<Destination>,
}

impl Ports {
    /// Finds the ports: those named, or the only ones that fit. Those of generators on another
    /// host are among `there`, its NICs.
    ///
    /// # Errors
    ///
    /// [`HostError::Unfit`] with all that is missing.
    pub fn choose(
        selection: &PortSelection,
        vfs: u32,
        there: Option<&[Nic]>,
    ) -> Result<Self, HostError> {
        Self::among(&nics()?, selection, vfs, there)
    }

    fn among(
        nics: &[Nic],
        selection: &PortSelection,
        vfs: u32,
        there: Option<&[Nic]>,
    ) -> Result<Self, HostError> {
        Self::select(nics, selection, vfs, there).map_err(|problems| {
            let texts = problems.into_iter().map(|problem| match problem {
                PortProblem::Ambiguous(text) | PortProblem::Unfit(text) => text,
            });
            let here = format!("the NICs of this host: {}", listing(nics));
            let there = there.map(|nics| format!("the generator's host: {}", listing(nics)));
            HostError::Unfit {
                problems: texts.chain([here]).chain(there).collect(),
            }
        })
    }

    /// Finds the ports among these NICs, or says all that is in the way.
    pub(crate) fn select(
        nics: &[Nic],
        selection: &PortSelection,
        vfs: u32,
        there: Option<&[Nic]>,
    ) -> Result<Self, Vec<PortProblem>> {
        use PortProblem::{Ambiguous, Unfit};
        let mut problems = Vec::new();
        let mut named = |flag: &str, given: &Option<String>, nics: &[Nic]| -> Option<Nic> {
            let wanted = given.as_deref()?;
            match nics.iter().find(|nic| nic.name == wanted || nic.mac == wanted.to_lowercase()) {
                None => problems.push(Unfit(format!("--{flag} {wanted}: there is no such NIC"))),
                Some(nic) => match &nic.in_use {
                    Some(why) if !selection.i_know => problems.push(Unfit(format!(
                        "--{flag} {wanted}: {why}, so it isn't touched; free it (ip address flush dev {}) or name another. \
                         --i-know takes it all the same: whoever uses it may lose the connection, and addresses \
                         and routes that go with it are not put back",
                        nic.name
                    ))),
                    _ => return Some(nic.clone()),
                },
            }
            None
        };
        let pf = named("pf", &selection.pf, nics);
        let generator = named("generator", &selection.generator, there.unwrap_or(nics));
        let uplink = named("uplink", &selection.uplink, nics);
        let uplink_generator = named(
            "uplink-generator",
            &selection.uplink_generator,
            there.unwrap_or(nics),
        );
        if selection.uplink.is_some() != selection.uplink_generator.is_some() {
            problems.push(Unfit("--uplink and --uplink-generator are the two ends of one wire: give both or neither".into()));
        }

        // One that is up may be somebody's for all that can be seen; it has to be named.
        let idle = |nic: &&Nic| nic.in_use.is_none() && !nic.up;
        let free: Vec<&Nic> = nics.iter().filter(idle).collect();
        let only = |what: &str, flag: &str, fitting: Vec<&Nic>| match fitting[..] {
            [nic] => Ok(nic.clone()),
            [] => Err(Unfit(format!(
                "no NIC for {what}: one is taken by itself only if nobody uses it and it is down; \
                 name one with --{flag}"
            ))),
            _ => Err(Ambiguous(format!(
                "several NICs could be {what}; say which with --{flag}: {}",
                names(&fitting)
            ))),
        };
        let pf = match (pf, &selection.pf) {
            (None, None) => {
                let fitting = free
                    .iter()
                    .copied()
                    .filter(|nic| nic.total_vfs >= vfs)
                    .collect();
                let what = if vfs > 0 {
                    format!("the VFs (SR-IOV with at least {vfs} VFs)")
                } else {
                    "the bridge".into()
                };
                only(&what, "pf", fitting)
                    .map_err(|problem| problems.push(problem))
                    .ok()
            }
            (pf, _) => pf,
        };
        let generator = match (generator, &selection.generator) {
            (None, None) if there.is_some() => {
                // What is idle on somebody else's host is not for this tool to guess.
                problems.push(Unfit(
                    "a generator on another host has to be named with --generator".into(),
                ));
                None
            }
            (None, None) => {
                let taken = pf.as_ref().map(|pf| pf.name.clone());
                let fitting = free
                    .iter()
                    .copied()
                    .filter(|nic| Some(&nic.name) != taken.as_ref())
                    .collect();
                only("the generator, wired to the PF", "generator", fitting)
                    .map_err(|problem| problems.push(problem))
                    .ok()
            }
            (generator, _) => generator,
        };
        if let Some(pf) = &pf
            && pf.total_vfs < vfs
        {
            problems.push(Unfit(format!(
                "{} can have {} VFs and {vfs} are needed; enable SR-IOV in the firmware, or name another with --pf",
                pf.name, pf.total_vfs
            )));
        }
        let elsewhere = there.is_some();
        let ports = [
            (false, &pf),
            (elsewhere, &generator),
            (false, &uplink),
            (elsewhere, &uplink_generator),
        ];
        let mut seen = BTreeSet::new();
        for (host, nic) in ports {
            let Some(nic) = nic else { continue };
            if !seen.insert((host, &nic.name)) {
                problems.push(Unfit(format!("{} is named for two ports", nic.name)));
            }
        }
        match (pf, generator) {
            (Some(pf), Some(generator)) if problems.is_empty() => Ok(Self {
                pf,
                generator,
                uplink: uplink.zip(uplink_generator),
                generator_host: selection.generator_host.clone().filter(|_| elsewhere),
            }),
            _ => Err(problems),
        }
    }

    /// The bridge's port and the one at the other end of its wire.
    pub(crate) fn bridged(&self) -> (&Nic, &Nic) {
        match &self.uplink {
            Some((uplink, generator)) => (uplink, generator),
            None => (&self.pf, &self.generator),
        }
    }

    /// Every port of this host with what it is used for.
    pub fn roles(&self) -> Vec<(&Nic, &'static str)> {
        let mut roles = vec![(&self.pf, "PF")];
        roles.extend(
            self.uplink
                .iter()
                .map(|(nic, _)| (nic, "uplink of the bridge")),
        );
        if self.generator_host.is_none() {
            roles.extend(self.generator_roles());
        }
        roles
    }

    /// The generators' ports with what they are used for.
    pub(crate) fn generator_roles(&self) -> Vec<(&Nic, &'static str)> {
        let mut roles = vec![(&self.generator, "generator of the PF")];
        let other = self.uplink.iter();
        roles.extend(other.map(|(_, nic)| (nic, "generator of the bridge")));
        roles
    }
}

fn names(nics: &[&Nic]) -> String {
    nics.iter()
        .map(|nic| nic.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

fn listing(nics: &[Nic]) -> String {
    if nics.is_empty() {
        return "none".into();
    }
    let describe = |nic: &Nic| {
        let state = match (&nic.in_use, nic.up) {
            (Some(why), _) => why.as_str(),
            (None, true) => "up",
            (None, false) => "free",
        };
        format!(
            "{} ({}, {} VFs possible, {state})",
            nic.name, nic.driver, nic.total_vfs
        )
    };
    nics.iter().map(describe).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nic(name: &str, total_vfs: u32, in_use: Option<&str>) -> Nic {
        Nic {
            name: name.into(),
            mac: format!("02:00:00:00:00:{total_vfs:02x}"),
            driver: "igb".into(),
            pci: None,
            device: None,
            speed_mbps: None,
            total_vfs,
            up: false,
            in_use: in_use.map(str::to_owned),
        }
    }

    fn among(nics: &[Nic], selection: &PortSelection, vfs: u32) -> Result<Ports, HostError> {
        Ports::among(nics, selection, vfs, None)
    }

    fn problems(result: Result<Ports, HostError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn takes_the_only_ones_that_fit() {
        let nics = [
            nic("eth0", 7, Some("it carries the default route")),
            nic("eth1", 7, None),
            nic("eth2", 0, None),
        ];
        let ports = among(&nics, &PortSelection::default(), 2).unwrap();
        assert_eq!(
            (ports.pf.name.as_str(), ports.generator.name.as_str()),
            ("eth1", "eth2")
        );
    }

    #[test]
    fn never_takes_one_in_use_even_if_named() {
        let nics = [
            nic("eth0", 7, Some("it carries the default route")),
            nic("eth1", 7, None),
        ];
        let selection = PortSelection {
            pf: Some("eth0".into()),
            ..PortSelection::default()
        };
        let text = problems(among(&nics, &selection, 2));
        assert!(
            text.contains("--pf eth0: it carries the default route, so it isn't touched"),
            "{text}"
        );
    }

    #[test]
    fn takes_one_in_use_only_if_named_and_known() {
        let nics = [
            nic("eth0", 7, Some("it carries the default route")),
            nic("eth1", 7, None),
        ];
        let named = PortSelection {
            pf: Some("eth0".into()),
            ..PortSelection::default()
        };
        let text = problems(among(&nics, &named, 2));
        assert!(text.contains("--i-know takes it all the same"), "{text}");
        let known = PortSelection {
            i_know: true,
            ..named
        };
        assert_eq!(among(&nics, &known, 2).unwrap().pf.name, "eth0");
        let unnamed = PortSelection {
            i_know: true,
            ..PortSelection::default()
        };
        let text = problems(among(&nics[..1], &unnamed, 2));
        assert!(text.contains("name one with --pf"), "{text}");
    }

    #[test]
    fn a_login_belongs_to_the_interface_with_its_address() {
        let json = br#"[{"ifname":"eth0","addr_info":[{"local":"192.0.2.7","scope":"global"}]},
            {"ifname":"eth1","addr_info":[{"local":"fe80::1","scope":"link"},{"local":"?"},{}]},{}]"#;
        let addresses = parse_addresses(json).unwrap();
        assert_eq!(
            addresses.iter().map(|a| a.global).collect::<Vec<_>>(),
            [true, false]
        );
        let login = |local: &str| Login {
            local: local.parse().unwrap(),
            peer: "192.0.2.9".parse().unwrap(),
        };
        let logins = [login("192.0.2.8"), login("fe80::1")];
        assert_eq!(login_over("eth0", &addresses, &logins), None);
        assert_eq!(login_over("eth1", &addresses, &logins), Some(&logins[1]));
    }

    #[test]
    fn says_what_is_missing() {
        let text = problems(among(
            &[nic("eth0", 0, Some("it has an address"))],
            &PortSelection::default(),
            2,
        ));
        assert!(
            text.contains("no NIC for the VFs (SR-IOV with at least 2 VFs)"),
            "{text}"
        );
        assert!(
            text.contains("eth0 (igb, 0 VFs possible, it has an address)"),
            "{text}"
        );
        assert!(text.contains("no NIC for the generator"), "{text}");
    }

    #[test]
    fn takes_one_that_is_up_only_if_named() {
        let mut up = nic("eth1", 7, None);
        up.up = true;
        let nics = [up, nic("eth2", 0, None)];
        let text = problems(among(&nics, &PortSelection::default(), 2));
        assert!(text.contains("name one with --pf"), "{text}");
        assert!(text.contains("eth1 (igb, 7 VFs possible, up)"), "{text}");
        let selection = PortSelection {
            pf: Some("eth1".into()),
            ..PortSelection::default()
        };
        assert!(among(&nics, &selection, 2).is_ok());
    }

    #[test]
    fn generators_elsewhere_are_named_and_may_have_the_names_of_ports_here() {
        let here = [nic("eth0", 7, None), nic("eth1", 7, None)];
        let there = [
            nic("eth0", 0, None),
            nic("eth1", 0, Some("it has an address")),
        ];
        let mut selection = PortSelection {
            pf: Some("eth0".into()),
            generator_host: Some(Destination::new("tester".parse().unwrap())),
            ..Default::default()
        };
        let choose = |selection: &PortSelection| Ports::among(&here, selection, 2, Some(&there));
        let text = problems(choose(&selection));
        assert!(text.contains("has to be named with --generator"), "{text}");
        selection.generator = Some("eth1".into());
        let text = problems(choose(&selection));
        assert!(
            text.contains("--generator eth1: it has an address"),
            "{text}"
        );
        selection.generator = Some("eth0".into());
        let ports = choose(&selection).unwrap();
        assert_eq!(ports.generator.total_vfs, 0);
        assert_eq!(ports.generator_host, selection.generator_host);
        assert_eq!(ports.roles(), [(&here[0], "PF")]);
    }

    #[test]
    fn asks_when_it_cannot_know() {
        let nics = [
            nic("eth0", 7, None),
            nic("eth1", 7, None),
            nic("eth2", 0, None),
        ];
        let text = problems(among(&nics, &PortSelection::default(), 2));
        assert!(text.contains("say which with --pf: eth0, eth1"), "{text}");
        let selection = PortSelection {
            pf: Some("eth0".into()),
            generator: Some("eth0".into()),
            ..Default::default()
        };
        assert!(problems(among(&nics, &selection, 2)).contains("eth0 is named for two ports"));
    }
}
