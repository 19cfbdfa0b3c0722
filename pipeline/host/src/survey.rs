//! A generator's host: its NICs, what it is, and whether it can take part.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use vnicbench_agent::{Command, Session};
use vnicbench_model::{GeneratorAudit, NicAudit};

use crate::error::HostError;
use crate::nic::{Nic, Ports};
use crate::node::Node;
use crate::ssh::Destination;

const LIMIT: Duration = Duration::from_secs(30);
/// Files of sysfs have a page at most; `/proc/cpuinfo` has a few kilobytes for each CPU.
const FILE_LIMIT: usize = 16 << 20;

/// What was found on another host. Nothing but the agent is put there, and nothing changed.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Its NICs.
    pub nics: Vec<Nic>,
    /// What it lacks, each with the command that mends it.
    pub problems: Vec<String>,
    host: String,
    kernel: String,
    cpu: String,
    cpus: u32,
    tools: BTreeMap<String, String>,
}

impl Survey {
    /// Looks at a host by means of an agent there, whose words on this host are `agent`; it
    /// will have to have these tools.
    ///
    /// # Errors
    ///
    /// [`HostError`] if it can't be reached or its NICs can't be listed.
    pub fn take(
        agent: &[String],
        destination: &Destination,
        tools: &BTreeSet<&str>,
    ) -> Result<Self, HostError> {
        let node = Node::over_ssh(agent, "generator", destination)?;
        let session = node.session();
        let info = session.info()?;
        let mut problems = Vec::new();
        if first_line(&session, &["id", "-u"]).as_deref() != Some("0") {
            problems.push(format!(
                "the login on {destination} isn't root's, and addresses and links there are set; name another: root@HOST"
            ));
        }
        let mut versions = BTreeMap::new();
        for tool in tools {
            match version(&session, tool) {
                Some(line) => {
                    versions.insert((*tool).to_owned(), line);
                }
                None => problems.push(format!(
                    "{destination} has no {tool}; there, on Debian: apt-get install {}",
                    package(tool)
                )),
            }
        }
        let cpuinfo = file(&session, "/proc/cpuinfo").unwrap_or_default();
        let cpu = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map_or_else(String::new, |(_, name)| name.trim().to_owned());
        Ok(Self {
            nics: nics(&session, destination)?,
            problems,
            host: destination.to_string(),
            kernel: info.kernel,
            cpu,
            cpus: u32::try_from(info.cpus).unwrap_or(u32::MAX),
            tools: versions,
        })
    }

    /// A host with these NICs and problems.
    #[cfg(test)]
    pub(crate) fn of(host: &str, nics: Vec<Nic>, problems: &[&str]) -> Self {
        Self {
            nics,
            problems: problems.iter().copied().map(str::to_owned).collect(),
            host: host.into(),
            kernel: "6.12".into(),
            cpu: String::new(),
            cpus: 1,
            tools: BTreeMap::new(),
        }
    }

    /// What a tool there says of its version.
    pub fn tool(&self, name: &str) -> Option<&str> {
        self.tools.get(name).map(String::as_str)
    }

    /// What a campaign records of it.
    pub fn audit(&self, ports: &Ports) -> GeneratorAudit {
        let nics = ports
            .generator_roles()
            .into_iter()
            .map(|(nic, role)| NicAudit {
                name: nic.name.clone(),
                role: role.to_owned(),
                driver: nic.driver.clone(),
                pci: nic.pci.clone(),
                device: nic.device.clone(),
                speed_mbps: nic.speed_mbps,
                total_vfs: None,
                firmware: None,
            });
        GeneratorAudit {
            host: self.host.clone(),
            kernel: self.kernel.clone(),
            cpu: self.cpu.clone(),
            cpus: self.cpus,
            nics: nics.collect(),
            tools: self.tools.clone(),
        }
    }
}

impl fmt::Display for Survey {
    /// The host, its kernel and its tools.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, Linux {}", self.host, self.kernel)?;
        self.tools
            .values()
            .try_for_each(|version| write!(f, ", {version}"))
    }
}

/// The first line that a program prints, if it is there at all.
pub fn first_line(session: &Session, words: &[impl AsRef<str>]) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    let command = Command::new(program.as_ref(), LIMIT).args(arguments.iter().map(AsRef::as_ref));
    let output = session.run(&command).ok()?;
    // iperf says its version on standard error, and with a status that depends on its age.
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.to_owned())
}

/// What a tool says of its version; none if it isn't there.
fn version(session: &Session, tool: &str) -> Option<String> {
    let flag = if tool == "ping" { "-V" } else { "--version" };
    first_line(session, &[tool, flag])
}

fn package(tool: &str) -> &str {
    match tool {
        "ping" => "iputils-ping",
        other => other,
    }
}

fn file(session: &Session, path: &str) -> Option<String> {
    let bytes = session.read_file(path, FILE_LIMIT).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn nics(session: &Session, destination: &Destination) -> Result<Vec<Nic>, HostError> {
    let list = |words: &[&str]| -> Result<Vec<Value>, HostError> {
        let failed = |message: String| HostError::Change {
            doing: format!("running ip {} on {destination}", words.join(" ")),
            message,
        };
        let output = session.run(&Command::new("ip", LIMIT).args(words.iter().copied()))?;
        if !output.exit.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(failed(format!("{}, {}", output.exit, said.trim())));
        }
        // Old versions print nothing for nothing.
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
    };
    let links = list(&["-json", "-details", "address", "show"])?;
    let mut routes = list(&["-json", "route", "show", "default"])?;
    // A kernel without IPv6 has none of its routes.
    routes.extend(list(&["-6", "-json", "route", "show", "default"]).unwrap_or_default());
    let connection = first_line(session, &["printenv", "SSH_CONNECTION"]).unwrap_or_default();
    let mut nics = parse(&links, &routes, &connection);
    for nic in &mut nics {
        let read = |name: &str| file(session, &format!("/sys/class/net/{}/{name}", nic.name));
        let (speed, device) = (read("speed"), read("device/uevent").unwrap_or_default());
        nic.speed_mbps = speed.and_then(|text| text.trim().parse().ok());
        describe(nic, &device);
    }
    Ok(nics)
}

/// The interfaces of `ip -json -details address show` but for loopback, with who uses them.
fn parse(links: &[Value], routes: &[Value], ssh_connection: &str) -> Vec<Nic> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // Client, its port, server, its port.
    let own = ssh_connection.split(' ').nth(2).unwrap_or_default();
    let mut nics = Vec::new();
    for link in links {
        let flag = |name: &str| {
            let flags = link["flags"].as_array();
            flags.is_some_and(|flags| flags.iter().any(|flag| flag == name))
        };
        let Some(name) = link["ifname"].as_str().filter(|_| !flag("LOOPBACK")) else {
            continue;
        };
        let addresses = link["addr_info"].as_array().map_or(&[][..], Vec::as_slice);
        let mut uses = Vec::new();
        if routes.iter().any(|route| route["dev"] == name) {
            uses.push("it carries the default route".to_owned());
        }
        if addresses.iter().any(|address| address["local"] == own) {
            uses.push("ssh comes over it".to_owned());
        }
        if addresses.iter().any(|address| address["scope"] == "global") {
            uses.push("it has an address".to_owned());
        }
        if let Some(master) = link["master"].as_str() {
            uses.push(format!("it is a port of {master}"));
        }
        if let Some(upper) = links.iter().find(|other| other["link"] == name) {
            uses.push(format!("{} is on top of it", text(&upper["ifname"])));
        }
        nics.push(Nic {
            name: name.to_owned(),
            mac: text(&link["address"]),
            driver: text(&link["linkinfo"]["info_kind"]),
            pci: None,
            device: None,
            speed_mbps: None,
            total_vfs: 0,
            up: flag("UP"),
            in_use: (!uses.is_empty()).then(|| uses.join(", ")),
        });
    }
    nics
}

/// What the `uevent` of a NIC's device says of it.
fn describe(nic: &mut Nic, uevent: &str) {
    for line in uevent.lines() {
        match line.split_once('=') {
            Some(("DRIVER", driver)) => nic.driver = driver.to_owned(),
            Some(("PCI_ID", id)) => nic.device = Some(id.to_lowercase()),
            Some(("PCI_SLOT_NAME", slot)) => nic.pci = Some(slot.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_uses_a_nic_there() {
        let links = serde_json::json!([
            {"ifname": "lo", "flags": ["LOOPBACK", "UP"], "addr_info": [{"local": "127.0.0.1", "scope": "host"}]},
            {"ifname": "eth0", "flags": ["UP"], "address": "02:00:00:00:00:01",
             "addr_info": [{"local": "192.0.2.7", "scope": "global"}]},
            {"ifname": "eth1", "flags": [], "addr_info": [{"local": "fe80::1", "scope": "link"}]},
            {"ifname": "eth2", "flags": [], "master": "br0", "addr_info": []},
            {"ifname": "eth3", "flags": [], "addr_info": []},
            {"ifname": "eth3.7", "link": "eth3", "flags": [], "linkinfo": {"info_kind": "vlan"}},
            {},
        ]);
        let routes = serde_json::json!([{"dst": "default", "dev": "eth0"}, {}]);
        let nics = parse(
            links.as_array().unwrap(),
            routes.as_array().unwrap(),
            "192.0.2.1 50000 192.0.2.7 22",
        );
        let uses: Vec<(&str, Option<&str>)> = nics
            .iter()
            .map(|nic| (nic.name.as_str(), nic.in_use.as_deref()))
            .collect();
        assert_eq!(
            uses,
            [
                (
                    "eth0",
                    Some("it carries the default route, ssh comes over it, it has an address")
                ),
                ("eth1", None),
                ("eth2", Some("it is a port of br0")),
                ("eth3", Some("eth3.7 is on top of it")),
                ("eth3.7", None),
            ]
        );
        assert!(nics[0].up && !nics[1].up);
        assert_eq!(parse(links.as_array().unwrap(), &[], "").len(), 5);
    }

    #[test]
    fn what_a_device_says() {
        let mut nic = parse(&[serde_json::json!({"ifname": "a"})], &[], "").remove(0);
        describe(
            &mut nic,
            "DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SLOT_NAME=0000:01:00.0\n",
        );
        assert_eq!(nic.driver, "igb");
        assert_eq!(nic.device.as_deref(), Some("8086:10c9"));
        assert_eq!(nic.pci.as_deref(), Some("0000:01:00.0"));
    }
}
