//! A workload as argument vectors.

use std::time::Duration;

use vnicbench_agent::{Command, Protocol as Transport, Ready};
use vnicbench_model::{Direction, Kit, Neighbour, Protocol, Workload};

/// Beyond what a tool should take: an emulated host under load is slow to start one.
const MARGIN: Duration = Duration::from_secs(20);
/// iperf3's and iperf's own ports.
const IPERF3_PORT: u16 = 5201;
const IPERF_PORT: u16 = 5001;

/// The programs of a trial: who measures, and whom.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) client: Command,
    pub(crate) server: Option<Command>,
    /// Ending of the client's log: what the tool prints decides.
    pub(crate) suffix: &'static str,
}

/// The words that start a tool at the generator, in a container or on the host.
pub(crate) fn local(kit: &Kit, tool: &str) -> Vec<String> {
    kit.programs
        .get(tool)
        .cloned()
        .unwrap_or_else(|| vec![tool.to_owned()])
}

fn command(words: &[String], limit: Duration) -> Command {
    let mut words = words.iter().cloned();
    Command::new(words.next().unwrap_or_default(), limit).args(words)
}

/// The programs for a workload against `address`; `client` and `server` are the words that
/// start the tool at either end.
pub(crate) fn programs(
    workload: &Workload,
    address: &str,
    client: &[String],
    server: &[String],
) -> Programs {
    let limit = Duration::from_secs_f64(workload.seconds() * 2.0) + MARGIN;
    let client = command(client, limit);
    // A server lives a little longer than its client may.
    let server =
        |port, protocol| command(server, limit + MARGIN).ready(Ready::Listening { protocol, port });
    match *workload {
        Workload::Ping {
            payload,
            interval,
            count,
        } => Programs {
            client: client
                .args([
                    "-n",
                    "-D",
                    "-c",
                    &count.to_string(),
                    "-i",
                    &format!("{}", interval.seconds()),
                ])
                .args(["-s", &payload.0.to_string(), "-W", "2", address]),
            server: None,
            suffix: "log",
        },
        Workload::Iperf3 {
            protocol,
            streams,
            direction,
            duration,
            rate,
            message,
        } => {
            let mut client = client
                .args([
                    "-c",
                    address,
                    "-J",
                    "-t",
                    &(duration.0 / 1_000_000_000).to_string(),
                ])
                .args(["-P", &streams.to_string(), "--connect-timeout", "5000"]);
            if protocol == Protocol::Udp {
                client = client.arg("-u");
            }
            if let Some(rate) = rate {
                // iperf3's rate is a stream's, the matrix's that of all.
                client = client.args(["-b", &(rate.0 / u64::from(streams)).to_string()]);
            }
            if let Some(message) = message {
                client = client.args(["-l", &message.0.to_string()]);
            }
            if direction == Direction::Tx {
                client = client.arg("-R");
            }
            // iperf3's control connection is TCP whatever the streams are.
            let server = server(IPERF3_PORT, Transport::Tcp).args(["-s", "-1", "--forceflush"]);
            Programs {
                client,
                server: Some(server),
                suffix: "json",
            }
        }
        Workload::Iperf { streams, duration } => Programs {
            // CSV, since it has bytes where the text has three digits.
            client: client
                .args([
                    "-c",
                    address,
                    "-y",
                    "C",
                    "-t",
                    &(duration.0 / 1_000_000_000).to_string(),
                ])
                .args(["-P", &streams.to_string()]),
            server: Some(server(IPERF_PORT, Transport::Tcp).args(["-s", "-y", "C"])),
            suffix: "log",
        },
    }
}

/// What loads the neighbour, for as long as the workload should take and a little more.
pub(crate) fn load(neighbour: Neighbour, workload: &Workload, vcpus: u32) -> Option<Command> {
    let seconds = workload.seconds().ceil() + 2.0;
    let workers = vcpus.to_string();
    let stress = Command::new("stress", Duration::from_secs_f64(seconds) + MARGIN);
    let stress = match neighbour {
        Neighbour::Idle => return None,
        Neighbour::Cpu => stress.args(["--cpu", &workers]),
        Neighbour::Memory => stress.args(["--vm", &workers, "--vm-bytes", "64M"]),
        Neighbour::Io => stress.args(["--io", &workers]),
    };
    Some(stress.args(["--timeout", &format!("{seconds}s")]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vnicbench_model::{BitRate, ByteSize, TimeSpan};

    fn argv(workload: &Workload) -> (String, Option<String>) {
        let client = ["ld.so".to_owned(), "tool".to_owned()];
        let programs = programs(workload, "198.18.0.11", &client, &["tool".to_owned()]);
        (
            programs.client.argv().join(" "),
            programs.server.map(|server| server.argv().join(" ")),
        )
    }

    #[test]
    fn ping_is_bounded_and_numeric() {
        let ping = Workload::Ping {
            payload: ByteSize(56),
            interval: TimeSpan(2_500_000),
            count: 20,
        };
        let (client, server) = argv(&ping);
        assert_eq!(
            client,
            "ld.so tool -n -D -c 20 -i 0.0025 -s 56 -W 2 198.18.0.11"
        );
        assert_eq!(server, None);
    }

    #[test]
    fn the_offered_rate_is_that_of_all_streams() {
        let iperf3 = Workload::Iperf3 {
            protocol: Protocol::Udp,
            streams: 4,
            direction: Direction::Tx,
            duration: TimeSpan(3_000_000_000),
            rate: Some(BitRate(10_000_000)),
            message: Some(ByteSize(1200)),
        };
        let (client, server) = argv(&iperf3);
        assert_eq!(
            client,
            "ld.so tool -c 198.18.0.11 -J -t 3 -P 4 --connect-timeout 5000 -u -b 2500000 -l 1200 -R"
        );
        assert_eq!(server.as_deref(), Some("tool -s -1 --forceflush"));
    }

    #[test]
    fn an_idle_neighbour_runs_nothing() {
        let iperf = Workload::Iperf {
            streams: 1,
            duration: TimeSpan(1_000_000_000),
        };
        assert!(load(Neighbour::Idle, &iperf, 1).is_none());
        let cpu = load(Neighbour::Cpu, &iperf, 2).unwrap();
        assert_eq!(cpu.argv().join(" "), "stress --cpu 2 --timeout 3s");
    }
}
