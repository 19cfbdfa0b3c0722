//! Who is logged in over which address: established connections to the host's sshd.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

const SSH_PORT: u16 = 22;
/// States of a connection in /proc/net/tcp.
const ESTABLISHED: &str = "01";
const LISTENING: &str = "0A";

/// A connection to sshd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Login {
    /// The host's address.
    pub(crate) local: IpAddr,
    /// Where it comes from.
    pub(crate) peer: IpAddr,
}

/// The logins that `/proc`, here `proc`, shows, and the one that `$SSH_CONNECTION` names.
/// Whose socket it is can be seen only by root; anyone else sees those to port 22.
pub(crate) fn logins(proc: &Path, ssh_connection: Option<&str>) -> Vec<Login> {
    let sockets: Vec<Socket> = ["net/tcp", "net/tcp6"]
        .iter()
        .filter_map(|file| fs::read_to_string(proc.join(file)).ok())
        .flat_map(|text| text.lines().filter_map(Socket::parse).collect::<Vec<_>>())
        .collect();
    let of_sshd = sshd_sockets(proc);
    let listens = |port: u16, by_sshd: bool| {
        sockets.iter().any(|socket| {
            socket.listening && socket.port == port && (!by_sshd || of_sshd.contains(&socket.inode))
        })
    };
    let mut found: BTreeSet<Login> = sockets
        .iter()
        .filter(|socket| !socket.listening)
        .filter(|socket| {
            // sshd's other connections, such as those it forwards, are from ports nobody
            // listens on; one that systemd listens for belongs to sshd once it is made.
            socket.port == SSH_PORT
                || listens(socket.port, true)
                || (of_sshd.contains(&socket.inode) && listens(socket.port, false))
        })
        .map(|socket| socket.login)
        .collect();
    found.extend(ssh_connection.and_then(parse_ssh_connection));
    found.retain(|login| !login.local.is_loopback());
    found.into_iter().collect()
}

struct Socket {
    login: Login,
    port: u16,
    listening: bool,
    inode: String,
}

impl Socket {
    /// A line of /proc/net/tcp or tcp6; none if it is the heading or in another state.
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listening = match *fields.get(3)? {
            ESTABLISHED => false,
            LISTENING => true,
            _ => return None,
        };
        let (local, port) = parse_endpoint(fields[1])?;
        let (peer, _) = parse_endpoint(fields[2])?;
        Some(Self {
            login: Login { local, peer },
            port,
            listening,
            inode: (*fields.get(9)?).to_owned(),
        })
    }
}

/// `0100007F:0016`: each 32-bit word of the address as a number of this machine's byte order.
fn parse_endpoint(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for word in address.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let address = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        // One of IPv4 that came by a socket of IPv6 is given as it is.
        16 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)).to_canonical(),
        _ => return None,
    };
    Some((address, port))
}

/// `client port server port`.
fn parse_ssh_connection(text: &str) -> Option<Login> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let address = |text: &str| text.split('%').next()?.parse::<IpAddr>().ok();
    Some(Login {
        local: address(fields.get(2)?)?.to_canonical(),
        peer: address(fields.first()?)?.to_canonical(),
    })
}

/// Inodes of the sockets of sshd and its children.
fn sshd_sockets(proc: &Path) -> BTreeSet<String> {
    let entries = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten();
    let daemons = entries(proc).filter(|process| {
        fs::read_to_string(process.path().join("comm")).is_ok_and(|comm| comm.starts_with("sshd"))
    });
    daemons
        .flat_map(|daemon| entries(&daemon.path().join("fd")).collect::<Vec<_>>())
        .filter_map(|descriptor| {
            let target = fs::read_link(descriptor.path()).ok()?;
            let inode = target.to_str()?.strip_prefix("socket:[")?;
            Some(inode.strip_suffix(']')?.to_owned())
        })
        .collect()
}

#[cfg(test)]
#[cfg(target_endian = "little")]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1\n\
        1: 00000000:0017 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1\n\
        2: 070200C0:0016 090200C0:C001 01 00000000:00000000 00:00000000 00000000     0        0 102 1\n\
        3: 080200C0:0017 090200C0:C002 01 00000000:00000000 00:00000000 00000000     0        0 103 1\n\
        4: 0100007F:0016 0100007F:C003 01 00000000:00000000 00:00000000 00000000     0        0 104 1\n\
        5: 070200C0:C004 0A0200C0:0016 01 00000000:00000000 00:00000000 00000000     0        0 105 1\n\
        6: 0C0200C0:0016 090200C0:C001 06 00000000:00000000 00:00000000 00000000     0        0 106 1\n\
        7: hostile\n 8: zz:0016 00000000:0000 01\n";
    const TCP6: &str = "\
        0: 0000000000000000FFFF00000B0200C0:0016 0000000000000000FFFF0000090200C0:C001 01 00000000:00000000 00:00000000 00000000 0 0 107 1\n\
        1: 000080FE00000000FF005452563412FE:0016 000080FE00000000FF005452573412FE:C001 01 00000000:00000000 00:00000000 00000000 0 0 108 1\n";

    fn addresses(proc: &Path, ssh_connection: Option<&str>) -> Vec<String> {
        let found = logins(proc, ssh_connection);
        found.iter().map(|login| login.local.to_string()).collect()
    }

    #[test]
    fn finds_connections_to_port_22_and_none_of_the_others() {
        let proc = tempfile::tempdir().unwrap();
        fs::create_dir(proc.path().join("net")).unwrap();
        fs::write(proc.path().join("net/tcp"), TCP).unwrap();
        fs::write(proc.path().join("net/tcp6"), TCP6).unwrap();
        assert_eq!(
            addresses(proc.path(), None),
            ["192.0.2.7", "192.0.2.11", "fe80::5254:ff:fe12:3456"]
        );
    }

    #[test]
    fn finds_an_sshd_on_another_port() {
        let proc = tempfile::tempdir().unwrap();
        fs::create_dir(proc.path().join("net")).unwrap();
        fs::write(proc.path().join("net/tcp"), TCP).unwrap();
        fs::create_dir_all(proc.path().join("77/fd")).unwrap();
        fs::write(proc.path().join("77/comm"), "sshd\n").unwrap();
        std::os::unix::fs::symlink("socket:[101]", proc.path().join("77/fd/3")).unwrap();
        assert_eq!(addresses(proc.path(), None), ["192.0.2.7", "192.0.2.8"]);
    }

    #[test]
    fn finds_the_one_that_the_environment_names() {
        let proc = tempfile::tempdir().unwrap();
        let named = |text: &str| addresses(proc.path(), Some(text));
        assert_eq!(named("192.0.2.9 4711 192.0.2.7 2222"), ["192.0.2.7"]);
        assert_eq!(named("fe80::1%eth0 4711 fe80::2%eth0 22"), ["fe80::2"]);
        assert!(named("127.0.0.1 4711 127.0.0.1 22").is_empty());
        assert!(named("nonsense").is_empty());
    }
}
