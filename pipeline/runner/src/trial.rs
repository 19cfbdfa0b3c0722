//! One trial: servers, loads and clients, each with its logs and its exit.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use vnicbench_agent::{Command, Exit, Job, Session, SessionError};
use vnicbench_host::{HostError, Sampler, Stop};
use vnicbench_model::{
    CommandRecord, Kit, Neighbour, Phase, PlannedTrial, Trial, TrialOutcome, Workload,
};

use crate::phases::Phases;
use crate::workload::{Ends, Place, Programs, local, programs, stress, traffic};

const READY_LIMIT: Duration = Duration::from_secs(15);
/// How long the load runs before the measuring begins.
const LOAD_LEAD: Duration = Duration::from_millis(300);
/// How long a server may take to end by itself once its client has.
const SERVER_LINGER: Duration = Duration::from_secs(3);
/// How often counters are read while measuring.
const COUNTER_PERIOD: Duration = Duration::from_secs(1);

/// One end of a measured path.
pub(crate) struct End {
    /// The name of the place.
    pub(crate) place: String,
    /// The session there, or why there is none.
    pub(crate) session: Result<Session, String>,
    pub(crate) address: String,
    /// Whether its tools are its own, as a guest's and those of another host are.
    pub(crate) own_tools: bool,
}

impl End {
    /// The words that start a tool there.
    pub(crate) fn words(&self, kit: &Kit, tool: &str) -> Vec<String> {
        if self.own_tools {
            vec![tool.to_owned()]
        } else {
            local(kit, tool)
        }
    }
}

/// A measured NIC and whom it talks to.
pub(crate) struct MeasuredPath {
    /// What logs call it: the instance, and the NIC if it has several.
    pub(crate) name: String,
    pub(crate) instance: End,
    pub(crate) other: End,
}

/// Who bears the load beside.
pub(crate) struct Neighbouring {
    pub(crate) end: End,
    /// The other end of its traffic.
    pub(crate) generator: End,
    pub(crate) workers: u32,
}

/// Whom a trial involves.
pub(crate) struct Parties<'a> {
    pub(crate) kit: &'a Kit,
    pub(crate) paths: Vec<MeasuredPath>,
    pub(crate) neighbour: Option<Neighbouring>,
    /// Which boot of the guests it is.
    pub(crate) boot: u32,
    pub(crate) stop: &'a Stop,
    /// What a reader of each of its trials should know.
    pub(crate) notes: Vec<String>,
    /// Interfaces of the host whose counters are kept.
    pub(crate) interfaces: Vec<String>,
}

/// Runs a trial with its logs in `directory`; `failed` is what went wrong before it could begin.
///
/// What fails in it is in the record.
///
/// # Errors
///
/// What means that the campaign can't go on; the trial stays unfinished then.
pub(crate) fn run(
    planned: &PlannedTrial,
    directory: &Path,
    parties: &Parties<'_>,
    phases: &mut Phases,
) -> Result<Trial, HostError> {
    let start = now();
    let mut recorder = Recorder {
        directory,
        commands: Vec::new(),
        warnings: parties.notes.clone(),
        counters: Vec::new(),
        start_skew_us: None,
    };
    let failure = match measure(planned, parties, &mut recorder, phases) {
        Ok(()) => None,
        Err(Failure::Campaign(error)) => return Err(error),
        Err(Failure::Trial(reason)) => Some(reason),
    };
    Ok(record(planned, parties.boot, start, failure, recorder))
}

/// The record of a trial that could not even begin.
pub(crate) fn unbegun(planned: &PlannedTrial, boot: u32, reason: String) -> Trial {
    let recorder = Recorder {
        directory: Path::new(""),
        commands: Vec::new(),
        warnings: Vec::new(),
        counters: Vec::new(),
        start_skew_us: None,
    };
    record(planned, boot, now(), Some(reason), recorder)
}

fn record(
    planned: &PlannedTrial,
    boot: u32,
    start: String,
    failure: Option<String>,
    recorder: Recorder<'_>,
) -> Trial {
    Trial {
        format: 1,
        sequence: planned.sequence,
        block: planned.block,
        boot,
        cell: planned.cell.clone(),
        start,
        end: now(),
        outcome: match failure {
            None => TrialOutcome::Done,
            Some(_) => TrialOutcome::Failed,
        },
        failure,
        phases_ms: Default::default(),
        start_skew_us: recorder.start_skew_us,
        counters: recorder.counters,
        commands: recorder.commands,
        warnings: recorder.warnings,
    }
}

pub(crate) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// Why a trial is no result.
enum Failure {
    Trial(String),
    Campaign(HostError),
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Session(error) => Self::Trial(describe(&error)),
            other => Self::Campaign(other),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::Trial(describe(&error))
    }
}

fn describe(error: &SessionError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The commands of a trial and their logs.
struct Recorder<'a> {
    directory: &'a Path,
    commands: Vec<CommandRecord>,
    warnings: Vec<String>,
    counters: Vec<String>,
    start_skew_us: Option<u64>,
}

/// A started command and its place in the record.
struct Started {
    job: Job,
    index: usize,
}

/// What a command is called in the record, and its logs.
struct Label<'a> {
    role: &'a str,
    /// The instance that it is about.
    node: &'a str,
    /// The log's name without its ending.
    log: String,
    suffix: &'a str,
}

impl Recorder<'_> {
    fn start(
        &mut self,
        session: &Session,
        label: &Label<'_>,
        command: &Command,
    ) -> Result<Started, Failure> {
        let (stdout, stderr) = (
            format!("{}.{}", label.log, label.suffix),
            format!("{}.stderr", label.log),
        );
        self.commands.push(CommandRecord {
            role: label.role.into(),
            node: label.node.into(),
            argv: command.argv().to_vec(),
            stdout: stdout.clone(),
            stderr: stderr.clone(),
            status: None,
            signal: None,
            timed_out: false,
            elapsed_ms: 0,
            started_us: None,
        });
        let create = |name: &str| {
            let path = self.directory.join(name);
            File::create(&path).map_err(|source| HostError::Io {
                action: "make",
                path,
                source,
            })
        };
        let job = session.start(
            command,
            Box::new(create(&stdout)?),
            Box::new(create(&stderr)?),
        )?;
        Ok(Started {
            job,
            index: self.commands.len() - 1,
        })
    }

    fn ended(&mut self, started: &Started, exit: Exit) {
        if let Some(record) = self.commands.get_mut(started.index) {
            record.status = exit.status;
            record.signal = exit.signal;
            record.timed_out = exit.timed_out;
            record.elapsed_ms = exit.elapsed_ms;
            record.started_us = started.job.started_us();
        }
    }

    fn is_silent(&self, started: &Started) -> bool {
        let name = self
            .commands
            .get(started.index)
            .map_or("", |record| record.stdout.as_str());
        std::fs::metadata(self.directory.join(name)).is_ok_and(|log| log.len() == 0)
    }

    /// The first line of a command's standard error, which mostly says what went wrong.
    fn complaint(&self, started: &Started) -> String {
        let name = self
            .commands
            .get(started.index)
            .map_or("", |record| record.stderr.as_str());
        let text =
            std::fs::read_to_string(self.directory.join(Path::new(name))).unwrap_or_default();
        text.lines()
            .next()
            .map_or_else(String::new, |line| format!(": {line}"))
    }

    /// Waits until a server can be talked to.
    fn await_ready(&mut self, started: &mut Started) -> Result<(), Failure> {
        match started.job.wait_ready(READY_LIMIT) {
            Ok(()) => Ok(()),
            Err(error) => {
                if let SessionError::EndedBeforeReady { exit, .. } = &error {
                    self.ended(started, *exit);
                }
                let complaint = self.complaint(started);
                Err(Failure::Trial(format!("{}{complaint}", describe(&error))))
            }
        }
    }

    /// Ends a server, which iperf3's does by itself and iperf's when it is asked to.
    fn end_server(&mut self, server: &mut Started, tool: &str) -> Result<(), Failure> {
        let linger = if tool == "iperf3" {
            SERVER_LINGER
        } else {
            Duration::ZERO
        };
        let exit = match server.job.wait_timeout(linger)? {
            Some(exit) => exit,
            None => server.job.stop(SERVER_LINGER)?,
        };
        self.ended(server, exit);
        if tool == "iperf3" && !exit.success() {
            let complaint = self.complaint(server);
            self.warnings
                .push(format!("the server did not end well: {exit}{complaint}"));
        }
        Ok(())
    }
}

fn measure(
    planned: &PlannedTrial,
    parties: &Parties<'_>,
    recorder: &mut Recorder<'_>,
    phases: &mut Phases,
) -> Result<(), Failure> {
    let workload = &planned.cell.workload;
    let tool = workload.tool();
    let all: Vec<Programs> = parties
        .paths
        .iter()
        .enumerate()
        .map(|(number, path)| path_programs(workload, path, parties.kit, number as u16))
        .collect();

    phases.enter(Phase::Ready);
    for path in &parties.paths {
        path.answers()?;
    }
    let mut loads = start_loads(planned, parties, recorder)?;
    let mut servers = Vec::new();
    for (path, programs) in parties.paths.iter().zip(&all) {
        if let Some((place, command)) = &programs.server {
            let label = Label {
                role: "server",
                node: &path.name,
                log: format!("{tool}-server-{}", path.name),
                suffix: "log",
            };
            servers.push(recorder.start(&path.session(*place)?, &label, command)?);
        }
    }
    for server in &mut servers {
        recorder.await_ready(server)?;
    }
    if !loads.is_empty() {
        for load in &mut loads {
            load.job.wait_ready(READY_LIMIT)?;
        }
        phases.enter(Phase::Settle);
        parties.stop.sleep(LOAD_LEAD)?;
    }

    let sampler = Sampler::start(recorder.directory, COUNTER_PERIOD, &parties.interfaces)?;
    phases.enter(Phase::Measure);
    let measured = run_clients(planned, parties, &all, recorder);
    phases.enter(Phase::Collect);
    let counters = sampler.finish()?;
    recorder.counters = counters.files;
    recorder.warnings.extend(counters.warnings);
    let mut failures = measured?;
    for path in &parties.paths {
        match path.answers() {
            Err(Failure::Trial(reason)) if !failures.contains(&reason) => failures.push(reason),
            Err(Failure::Campaign(error)) => return Err(Failure::Campaign(error)),
            Err(Failure::Trial(_)) | Ok(()) => {}
        }
    }

    for mut load in loads {
        if let Some(early) = load.job.wait_timeout(Duration::ZERO)? {
            recorder.ended(&load, early);
            failures.push(format!(
                "the neighbour's load ended before the measuring did ({early}){}",
                recorder.complaint(&load)
            ));
            continue;
        }
        // What it still has to do is no part of the trial.
        let exit = load.job.stop(SERVER_LINGER)?;
        recorder.ended(&load, exit);
    }
    for mut server in servers {
        recorder.end_server(&mut server, tool)?;
    }
    match failures.len() {
        0 => Ok(()),
        1 => Err(Failure::Trial(failures.swap_remove(0))),
        n => Err(Failure::Trial(format!(
            "{n} of {} measured NICs failed; the first: {}",
            parties.paths.len(),
            failures.swap_remove(0)
        ))),
    }
}

impl MeasuredPath {
    /// Asks the instance whether it lives: one that doesn't would look like a NIC that loses
    /// every packet.
    fn answers(&self) -> Result<(), Failure> {
        let answer = self.session(Place::Instance)?.info();
        answer.map(drop).map_err(|error| {
            Failure::Trial(format!(
                "{} does not answer: {}",
                self.instance.place,
                describe(&error)
            ))
        })
    }

    fn session(&self, place: Place) -> Result<Session, Failure> {
        self.end(place).session.clone().map_err(Failure::Trial)
    }

    fn end(&self, place: Place) -> &End {
        match place {
            Place::Instance => &self.instance,
            Place::Other => &self.other,
        }
    }
}

fn path_programs(workload: &Workload, path: &MeasuredPath, kit: &Kit, number: u16) -> Programs {
    let tool = workload.tool();
    let ends = Ends {
        instance: &path.instance.address,
        other: &path.other.address,
        in_instance: &path.instance.words(kit, tool),
        at_other: &path.other.words(kit, tool),
        number,
    };
    programs(workload, &ends)
}

/// Starts what loads the neighbour; nothing for an idle one.
fn start_loads(
    planned: &PlannedTrial,
    parties: &Parties<'_>,
    recorder: &mut Recorder<'_>,
) -> Result<Vec<Started>, Failure> {
    let cell = &planned.cell;
    let load = cell.setting.neighbour;
    let Some(neighbour) = parties
        .neighbour
        .as_ref()
        .filter(|_| load != Neighbour::Idle)
    else {
        return Ok(Vec::new());
    };
    let session = neighbour.end.session.clone().map_err(Failure::Trial)?;
    let node = neighbour.end.place.as_str();
    let label = |role, log: &str, suffix| Label {
        role,
        node,
        log: format!("{log}-{node}"),
        suffix,
    };
    let words = neighbour.end.words(parties.kit, "stress");
    if let Some(command) = stress(load, &cell.workload, neighbour.workers, &words) {
        let label = label("neighbour", "stress", "log");
        return Ok(vec![recorder.start(&session, &label, &command)?]);
    }
    let (server, client) = traffic(
        load,
        &cell.workload,
        neighbour.workers,
        &neighbour.end.address,
        &neighbour.end.words(parties.kit, "iperf3"),
        &neighbour.generator.words(parties.kit, "iperf3"),
    );
    let label_server = label("neighbour-server", "iperf3-neighbour-server", "log");
    let mut server = recorder.start(&session, &label_server, &server)?;
    recorder.await_ready(&mut server)?;
    let generator = neighbour
        .generator
        .session
        .clone()
        .map_err(Failure::Trial)?;
    let label_client = label("neighbour", "iperf3-neighbour", "json");
    let client = recorder.start(&generator, &label_client, &client)?;
    // The client first: its server ends with it.
    Ok(vec![client, server])
}

/// Starts the clients of all paths together and waits for them; what failed, in words.
fn run_clients(
    planned: &PlannedTrial,
    parties: &Parties<'_>,
    all: &[Programs],
    recorder: &mut Recorder<'_>,
) -> Result<Vec<String>, Failure> {
    let tool = planned.cell.workload.tool();
    let places: Vec<&str> = parties
        .paths
        .iter()
        .zip(all)
        .map(|(path, programs)| path.end(programs.client.0).place.as_str())
        .collect();
    let several = places.len() > 1;
    let together = several && places.iter().all(|place| *place == places[0]);
    let mut clients = Vec::new();
    for (path, programs) in parties.paths.iter().zip(all) {
        let (place, command) = &programs.client;
        let mut command = command.clone();
        if together {
            command = command.barrier(format!("trial-{}", planned.sequence), places.len() as u32);
        }
        let label = Label {
            role: "client",
            node: &path.name,
            log: format!("{tool}-{}", path.name),
            suffix: programs.suffix,
        };
        clients.push(recorder.start(&path.session(*place)?, &label, &command)?);
    }
    let mut failures = Vec::new();
    for client in &mut clients {
        let exit = parties.stop.wait(&mut client.job)?;
        recorder.ended(client, exit);
        // ping's status 1 says that no reply came, which is a result: all of them are lost.
        let lost_replies = tool == "ping" && exit.status == Some(1) && !exit.timed_out;
        if !exit.success() && !lost_replies {
            let complaint = recorder.complaint(client);
            failures.push(format!("{tool} failed: {exit}{complaint}"));
        } else if recorder.is_silent(client) {
            // An iperf that can't connect may say so and exit with 0.
            let complaint = recorder.complaint(client);
            failures.push(format!("{tool} printed nothing{complaint}"));
        }
    }
    if together {
        let starts: Vec<u64> = clients
            .iter()
            .filter_map(|client| client.job.started_us())
            .collect();
        let (first, last) = (starts.iter().min(), starts.iter().max());
        recorder.start_skew_us = first.zip(last).map(|(first, last)| last - first);
    } else if several {
        recorder.warnings.push(format!(
            "the measuring commands ran in {} places, whose clocks can't be compared: their start skew isn't known",
            places.len()
        ));
    }
    Ok(failures)
}
