//! A workload as argument vectors.

use std::time::Duration;

use vnicbench_agent::{Command, Protocol as Transport, Ready};
use vnicbench_model::{Direction, Kit, Neighbour, Protocol, Tuning, Workload};

/// Beyond what a tool should take: an emulated host under load is slow to start one.
const MARGIN: Duration = Duration::from_secs(20);
/// iperf3's and iperf's own ports; measured NICs have one each, from here on.
const IPERF3_PORT: u16 = 5201;
const IPERF_PORT: u16 = 5001;
/// The port of a neighbour's traffic.
const NEIGHBOUR_PORT: u16 = 5999;

/// The two ends of a measured path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends<'a> {
    /// Address of the measured NIC.
    pub(crate) instance: &'a str,
    /// Address of the other end, in the same subnet.
    pub(crate) other: &'a str,
    /// The words that start the tool in the instance.
    pub(crate) in_instance: &'a [String],
    /// The words that start the tool at the other end.
    pub(crate) at_other: &'a [String],
    /// Which of a trial's measured NICs it is, from 0: each has a port of its own.
    pub(crate) number: u16,
}

/// Where a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Instance,
    Other,
}

/// The programs of a measured path: who measures, and whom.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) client: (Place, Command),
    pub(crate) server: Option<(Place, Command)>,
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

fn listening(words: &[String], limit: Duration, port: u16) -> Command {
    // iperf3's control connection is TCP whatever the streams are.
    let ready = Ready::Listening {
        protocol: Transport::Tcp,
        port,
    };
    let command = command(words, limit).ready(ready);
    command.args(["-s", "-p", &port.to_string()])
}

/// The programs for a workload between two ends.
pub(crate) fn programs(workload: &Workload, ends: &Ends<'_>) -> Programs {
    let limit = Duration::from_secs_f64(workload.seconds() * 2.0) + MARGIN;
    // A server lives a little longer than its client may.
    let server_limit = limit + MARGIN;
    match *workload {
        Workload::Ping {
            payload,
            interval,
            count,
        } => {
            let client = command(ends.at_other, limit)
                .args(["-n", "-D", "-c", &count.to_string()])
                .args(["-i", &format!("{}", interval.seconds())])
                .args(["-s", &payload.0.to_string(), "-W", "2", ends.instance]);
            Programs {
                client: (Place::Other, client),
                server: None,
                suffix: "log",
            }
        }
        Workload::Iperf3 {
            protocol,
            streams,
            direction,
            duration,
            omit,
            rate,
            message,
        } => {
            let port = IPERF3_PORT + ends.number;
            let mut client = command(ends.at_other, limit)
                .args(["-c", ends.instance, "-p", &port.to_string(), "-J", "-t"])
                .arg(seconds(duration))
                .args(["-P", &streams.to_string(), "--connect-timeout", "5000"]);
            if protocol == Protocol::Udp {
                client = client.arg("-u");
            }
            if let Some(omit) = omit {
                client = client.args(["-O", &seconds(omit)]);
            }
            if let Some(rate) = rate {
                // iperf3's rate is a stream's, the matrix's that of all.
                client = client.args(["-b", &(rate.0 / u64::from(streams)).to_string()]);
            }
            if let Some(message) = message {
                client = client.args(["-l", &message.0.to_string()]);
            }
            match direction {
                Direction::Rx => {}
                Direction::Tx => client = client.arg("-R"),
                Direction::Both => client = client.arg("--bidir"),
            }
            let server =
                listening(ends.in_instance, server_limit, port).args(["-1", "--forceflush"]);
            Programs {
                client: (Place::Other, client),
                server: Some((Place::Instance, server)),
                suffix: "json",
            }
        }
        Workload::Iperf {
            streams,
            direction,
            duration,
            message,
        } => {
            // Only the end that data arrives at knows what arrived: that is the server, which
            // prints CSV, since that has bytes where the text has three digits.
            let (to, from, target, client_place, server_place) = match direction {
                Direction::Tx => (
                    ends.at_other,
                    ends.in_instance,
                    ends.other,
                    Place::Instance,
                    Place::Other,
                ),
                _ => (
                    ends.in_instance,
                    ends.at_other,
                    ends.instance,
                    Place::Other,
                    Place::Instance,
                ),
            };
            let port = IPERF_PORT + ends.number;
            let mut client = command(from, limit)
                .args(["-c", target, "-p", &port.to_string(), "-y", "C", "-t"])
                .arg(seconds(duration))
                .args(["-P", &streams.to_string()]);
            if let Some(message) = message {
                client = client.args(["-l", &message.0.to_string()]);
            }
            let server = listening(to, server_limit, port).args(["-y", "C"]);
            Programs {
                client: (client_place, client),
                server: Some((server_place, server)),
                suffix: "log",
            }
        }
    }
}

fn seconds(span: vnicbench_model::TimeSpan) -> String {
    (span.0 / 1_000_000_000).to_string()
}

/// How long a neighbour's load lasts if it isn't ended before, as it is after the measuring: the
/// workload, its start, and what these may take longer on a busy host.
fn load_seconds(workload: &Workload) -> f64 {
    workload.seconds().ceil() + 15.0
}

/// The program that loads a neighbour's processor, memory or storage; none for one that does
/// nothing or has traffic.
pub(crate) fn stress(
    neighbour: Neighbour,
    workload: &Workload,
    workers: u32,
    words: &[String],
) -> Option<Command> {
    let seconds = load_seconds(workload);
    let workers = workers.to_string();
    let stress = command(words, Duration::from_secs_f64(seconds) + MARGIN);
    let stress = match neighbour {
        Neighbour::Idle | Neighbour::NetworkRx | Neighbour::NetworkTx => return None,
        Neighbour::Cpu => stress.args(["--cpu", &workers]),
        Neighbour::Memory => stress.args(["--vm", &workers, "--vm-bytes", "64M"]),
        Neighbour::Io => stress.args(["--io", &workers]),
        // Small, since a guest's files are in its memory.
        Neighbour::Hdd => stress.args(["--hdd", &workers, "--hdd-bytes", "16M"]),
    };
    Some(stress.args(["--timeout", &format!("{seconds}s")]))
}

/// Server and client of a neighbour's traffic: the server in the neighbour, the client at the
/// generator.
pub(crate) fn traffic(
    neighbour: Neighbour,
    workload: &Workload,
    streams: u32,
    address: &str,
    server: &[String],
    client: &[String],
) -> (Command, Command) {
    let seconds = load_seconds(workload);
    let limit = Duration::from_secs_f64(seconds) + MARGIN;
    let server = listening(server, limit + MARGIN, NEIGHBOUR_PORT).args(["-1", "--forceflush"]);
    let mut client = command(client, limit)
        .args([
            "-c",
            address,
            "-p",
            &NEIGHBOUR_PORT.to_string(),
            "-J",
            "-t",
            &seconds.to_string(),
        ])
        .args(["-P", &streams.to_string(), "--connect-timeout", "5000"]);
    if neighbour == Neighbour::NetworkTx {
        client = client.arg("-R");
    }
    (server, client)
}

/// The program that switches an instance's offloads, if a tuning says so.
pub(crate) fn offloads(tuning: &Tuning, interface: &str) -> Option<Command> {
    let state = if tuning.offloads? { "on" } else { "off" };
    let command = Command::new("ethtool", MARGIN).args(["-K", interface]);
    Some(
        command.args(
            ["tso", "gso", "gro"]
                .into_iter()
                .flat_map(|name| [name, state]),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use vnicbench_model::{BitRate, ByteSize, TimeSpan};

    fn argv(workload: &Workload, number: u16) -> (String, Option<String>) {
        let (inside, outside) = (["tool".to_owned()], ["ld.so".to_owned(), "tool".to_owned()]);
        let ends = Ends {
            instance: "198.18.0.11",
            other: "198.18.0.1",
            in_instance: &inside,
            at_other: &outside,
            number,
        };
        let programs = programs(workload, &ends);
        (
            programs.client.1.argv().join(" "),
            programs.server.map(|(_, server)| server.argv().join(" ")),
        )
    }

    #[test]
    fn ping_is_bounded_and_numeric() {
        let ping = Workload::Ping {
            payload: ByteSize(56),
            interval: TimeSpan(2_500_000),
            count: 20,
        };
        let (client, server) = argv(&ping, 0);
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
            omit: Some(TimeSpan(1_000_000_000)),
            rate: Some(BitRate(10_000_000)),
            message: Some(ByteSize(1200)),
        };
        let (client, server) = argv(&iperf3, 2);
        assert_eq!(
            client,
            "ld.so tool -c 198.18.0.11 -p 5203 -J -t 3 -P 4 --connect-timeout 5000 -u -O 1 -b 2500000 -l 1200 -R"
        );
        assert_eq!(server.as_deref(), Some("tool -s -p 5203 -1 --forceflush"));
    }

    #[test]
    fn iperf_serves_where_the_data_goes() {
        let iperf = |direction| Workload::Iperf {
            streams: 1,
            direction,
            duration: TimeSpan(1_000_000_000),
            message: None,
        };
        let (client, server) = argv(&iperf(Direction::Rx), 0);
        assert_eq!(client, "ld.so tool -c 198.18.0.11 -p 5001 -y C -t 1 -P 1");
        assert_eq!(server.as_deref(), Some("tool -s -p 5001 -y C"));
        let (client, server) = argv(&iperf(Direction::Tx), 0);
        assert_eq!(client, "tool -c 198.18.0.1 -p 5001 -y C -t 1 -P 1");
        assert_eq!(server.as_deref(), Some("ld.so tool -s -p 5001 -y C"));
    }

    #[test]
    fn an_idle_neighbour_runs_nothing() {
        let iperf = Workload::Iperf {
            streams: 1,
            direction: Direction::Rx,
            duration: TimeSpan(1_000_000_000),
            message: None,
        };
        let words = ["stress".to_owned()];
        assert!(stress(Neighbour::Idle, &iperf, 1, &words).is_none());
        let cpu = stress(Neighbour::Cpu, &iperf, 2, &words).unwrap();
        assert_eq!(cpu.argv().join(" "), "stress --cpu 2 --timeout 16s");
        let (_, client) = traffic(
            Neighbour::NetworkTx,
            &iperf,
            2,
            "198.18.0.12",
            &words,
            &words,
        );
        assert!(client.argv().ends_with(&["-R".to_owned()]));
    }
}
