//! Whether a job's server listens yet.

use std::collections::BTreeSet;
use std::fs;

use crate::children::processes;
use crate::message::Protocol;

/// `TCP_LISTEN`, and `TCP_CLOSE`, which is what an unconnected UDP socket says
/// (include/net/tcp_states.h).
const LISTEN: u8 = 0x0a;
const UNCONNECTED: u8 = 0x07;

/// Whether a process of the group owns a socket that listens on the port, in the
/// network namespace of the group's leader.
pub(crate) fn is_listening(group: i32, protocol: Protocol, port: u16) -> bool {
    let (tables, state) = match protocol {
        Protocol::Tcp => (["tcp", "tcp6"], LISTEN),
        Protocol::Udp => (["udp", "udp6"], UNCONNECTED),
    };
    let inodes: BTreeSet<u64> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(format!("/proc/{group}/net/{table}")).ok())
        .flat_map(|table| inodes_on(&table, state, port))
        .collect();
    // Another's server on the port would make its successor look ready, so the owner counts.
    !inodes.is_empty()
        && processes()
            .iter()
            .filter(|p| p.group == group)
            .any(|p| owns_any(p.pid, &inodes))
}

/// Inodes of the sockets in a /proc/net table that have this state and local port.
fn inodes_on(table: &str, state: u8, port: u16) -> Vec<u64> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let local = u16::from_str_radix(fields.get(1)?.rsplit_once(':')?.1, 16).ok()?;
            let is = u8::from_str_radix(fields.get(3)?, 16).ok()?;
            let inode = fields.get(9)?.parse().ok()?;
            (local == port && is == state).then_some(inode)
        })
        .collect()
}

fn owns_any(pid: i32, inodes: &BTreeSet<u64>) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    descriptors
        .flatten()
        .filter_map(|d| fs::read_link(d.path()).ok())
        .any(|target| {
            target
                .to_str()
                .and_then(|t| t.strip_prefix("socket:[")?.strip_suffix(']'))
                .and_then(|inode| inode.parse().ok())
                .is_some_and(|inode| inodes.contains(&inode))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a Linux 6.12 table: iperf3 listening on 5201 and a connection to it.
    const TCP6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1451 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000B00000A:1451 0000000000000000FFFF00000100000A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
";

    #[test]
    fn only_the_listening_socket_counts() {
        assert_eq!(inodes_on(TCP6, LISTEN, 5201), [4711]);
        assert!(inodes_on(TCP6, LISTEN, 5202).is_empty());
        assert!(inodes_on(TCP6, UNCONNECTED, 5201).is_empty());
        assert!(inodes_on("head\n  0: cut", LISTEN, 5201).is_empty());
    }
}
