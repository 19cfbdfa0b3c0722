//! One trial: its logs and its record.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use vnicbench_model::{
    CampaignDir, Cell, CommandRecord, Direction, Member, Neighbour, Phase, PlannedTrial, Protocol,
    Role, Trial, TrialOutcome, Workload,
};

use crate::FAILS;
use crate::counters::Host;
use crate::head::put;
use crate::iperf3::Test;
use crate::logs::{self, Ping};
use crate::noise::Noise;
use crate::numbers::Numbers;

/// 2026-01-01, when the first trial starts.
const EPOCH: u64 = 1_767_225_600;
/// From the start of a trial to that of the next, in seconds.
const EACH: u64 = 60;

/// Writes a trial with its checksums and its marker; the bytes of its logs.
pub(crate) fn write(
    campaign: &CampaignDir,
    planned: &PlannedTrial,
    members: &[Member],
    seed: u64,
) -> Result<u64> {
    let cell = &planned.cell;
    let mut noise = Noise::of(seed, &planned.directory());
    let nodes = nodes(members);
    let numbers = Numbers::of(cell, planned.block, nodes.len(), seed, &mut noise);
    let start = EPOCH + u64::from(planned.sequence) * EACH;
    let seconds = (cell.workload.seconds().ceil() as u64).max(1);

    let writer = campaign.begin(planned)?;
    let mut logs = Logs {
        directory: writer.path(),
        seconds,
        bytes: 0,
        commands: Vec::new(),
    };
    if cell.setting.neighbour != Neighbour::Idle && !cell.setting.neighbour.is_network() {
        let argv = ["stress", "--timeout", &format!("{}s", seconds + 2)];
        let log = logs::stress(seconds + 2);
        logs.add(
            "neighbour",
            "neighbour",
            &argv,
            "stress-neighbour.log",
            &log,
        )?;
    }
    for (number, node) in (0..).zip(&nodes) {
        measure(cell, node, number, &numbers, start, &mut logs, &mut noise)?;
    }
    let host = Host {
        numbers: &numbers,
        start,
        seconds,
        has_guests: members.iter().any(Member::is_guest),
    };
    let mut counters = Vec::new();
    for (name, log) in host.logs() {
        logs.bytes += put(&writer.path().join(name), &log)?;
        counters.push(name.to_owned());
    }
    let failed = noise.once_in(FAILS as f64);
    let bytes = logs.bytes;
    let several = nodes.len() > 1;
    let record = Trial {
        format: 1,
        sequence: planned.sequence,
        block: planned.block,
        boot: planned.boot,
        cell: cell.clone(),
        start: time(start),
        end: time(start + seconds + 2),
        outcome: match failed {
            true => TrialOutcome::Failed,
            false => TrialOutcome::Done,
        },
        failure: failed.then(|| "made up: this trial failed".to_owned()),
        phases_ms: BTreeMap::from([
            (Phase::Ready, 300),
            (Phase::Measure, seconds * 1000),
            (Phase::Collect, 150),
        ]),
        start_skew_us: several.then(|| (noise.uniform() * 900.0) as u64),
        counters,
        commands: logs.commands,
        warnings: Vec::new(),
    };
    writer.finish(&record)?;
    Ok(bytes)
}

/// The measured NICs: an instance each, or several of one.
fn nodes(members: &[Member]) -> Vec<String> {
    let measured = members
        .iter()
        .filter(|member| member.role == Role::Measured);
    measured
        .flat_map(|member| {
            member.nics.iter().map(|nic| match nic.index {
                0 => member.name.clone(),
                index => format!("{}.nic{index}", member.name),
            })
        })
        .collect()
}

fn time(seconds: u64) -> String {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    humantime::format_rfc3339_millis(time).to_string()
}

/// The logs of a trial's programs.
struct Logs<'a> {
    directory: &'a std::path::Path,
    seconds: u64,
    bytes: u64,
    commands: Vec<CommandRecord>,
}

impl Logs<'_> {
    fn add(&mut self, role: &str, node: &str, argv: &[&str], name: &str, log: &str) -> Result<()> {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let stderr = format!("{stem}.stderr");
        self.bytes += put(&self.directory.join(name), log)?;
        put(&self.directory.join(&stderr), "")?;
        self.commands.push(CommandRecord {
            role: role.into(),
            node: node.into(),
            argv: argv.iter().map(|&word| word.into()).collect(),
            stdout: name.into(),
            stderr,
            status: Some(0),
            signal: None,
            timed_out: false,
            elapsed_ms: self.seconds * 1000 + 20,
            started_us: None,
        });
        Ok(())
    }
}

/// The logs of one measured NIC.
fn measure(
    cell: &Cell,
    node: &str,
    number: u16,
    numbers: &Numbers,
    start: u64,
    logs: &mut Logs,
    noise: &mut Noise,
) -> Result<()> {
    let address = format!("198.18.1.{}", 12 + number);
    match cell.workload {
        Workload::Ping {
            payload,
            interval,
            count,
        } => {
            let ping = Ping {
                address: &address,
                payload: payload.0,
                interval_s: interval.seconds(),
                count,
                rtt_ms: numbers.rtt_ms * noise.factor(0.005),
                loss: numbers.loss,
                start: start as f64 + 0.5,
            };
            let argv = [
                "ping",
                "-n",
                "-D",
                "-c",
                &count.to_string(),
                "-i",
                &interval.seconds().to_string(),
                "-s",
                &payload.0.to_string(),
                &address,
            ];
            let log = ping.log(noise);
            logs.add("client", node, &argv, &format!("ping-{node}.log"), &log)
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
            let of_protocol = match protocol {
                Protocol::Tcp => 131_072,
                Protocol::Udp => 1448,
            };
            let test = Test {
                protocol,
                streams,
                direction,
                seconds: (
                    duration.seconds() as u64,
                    omit.map_or(0, |omit| omit.seconds() as u64),
                ),
                rate: rate.map(|rate| rate.0 as f64),
                block: message.map_or(of_protocol, |size| size.0),
                capacity: numbers.capacity * noise.factor(0.01),
                address: &address,
                port: 5201 + number,
                start,
            };
            let argv = ["iperf3", "-c", &address, "-J"];
            let log = test.log(noise);
            let name = format!("iperf3-server-{node}.log");
            logs.add("server", node, &["iperf3", "-s", "-1"], &name, "")?;
            logs.add("client", node, &argv, &format!("iperf3-{node}.json"), &log)
        }
        Workload::Iperf {
            streams,
            direction,
            duration,
            message,
        } => {
            // Small writes cost a system call each.
            let small = message.is_some_and(|size| size.0 < 4096);
            let one_way = if direction == Direction::Tx {
                0.95
            } else {
                1.0
            };
            let rate = numbers.capacity * if small { 0.45 } else { 1.0 } * one_way;
            let rate = rate * noise.factor(0.01);
            let port = 5001 + number;
            let seconds = duration.seconds();
            for (role, name) in [
                ("server", format!("iperf-server-{node}.log")),
                ("client", format!("iperf-{node}.log")),
            ] {
                let log = logs::iperf(&address, port, streams, seconds, rate, noise);
                let argv: &[&str] = match role {
                    "server" => &["iperf", "-s", "-y", "C"],
                    _ => &["iperf", "-c", &address, "-y", "C"],
                };
                logs.add(role, node, argv, &name, &log)?;
            }
            Ok(())
        }
    }
}
