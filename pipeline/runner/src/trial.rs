//! One trial: server, neighbour's load and client, each with its logs and its exit.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use vnicbench_agent::{Command, Exit, Job, Session, SessionError};
use vnicbench_host::{HostError, Stop};
use vnicbench_model::store::TrialWriter;
use vnicbench_model::{CommandRecord, Kit, PlannedTrial, Trial, TrialOutcome};

use crate::error::RunError;
use crate::workload::{load, local, programs};

const READY_LIMIT: Duration = Duration::from_secs(15);
/// How long the load runs before the measuring begins.
const LOAD_LEAD: Duration = Duration::from_millis(300);
/// How long a server may take to end by itself once its client has.
const SERVER_LINGER: Duration = Duration::from_secs(3);

/// Whom a trial involves.
pub(crate) struct Parties<'a> {
    pub(crate) kit: &'a Kit,
    pub(crate) generator: &'a Session,
    /// The measured instance, or why there is none.
    pub(crate) instance: Result<Session, String>,
    /// What logs call it.
    pub(crate) node: &'a str,
    /// Whether it is a guest, which has tools of its own.
    pub(crate) is_guest: bool,
    pub(crate) address: &'a str,
    /// The neighbour VM, or why there is none.
    pub(crate) neighbour: Result<Session, String>,
    /// Which boot of the guests it is.
    pub(crate) boot: u32,
    pub(crate) vcpus: u32,
    pub(crate) stop: &'a Stop,
    /// What a reader of each of its trials should know.
    pub(crate) note: Option<&'a str>,
}

/// Runs a trial and gives its record to the campaign.
///
/// What fails in it is in the record. An error means that the campaign can't go on; the
/// trial stays unfinished then.
pub(crate) fn run(
    planned: &PlannedTrial,
    writer: TrialWriter,
    parties: &Parties<'_>,
) -> Result<Trial, RunError> {
    let start = now();
    let mut recorder = Recorder {
        directory: writer.path().to_owned(),
        commands: Vec::new(),
        warnings: parties.note.map(str::to_owned).into_iter().collect(),
    };
    let failure = match measure(planned, parties, &mut recorder) {
        Ok(()) => None,
        Err(Failure::Campaign(error)) => return Err(error.into()),
        Err(Failure::Trial(reason)) => Some(reason),
    };
    let Recorder {
        commands, warnings, ..
    } = recorder;
    let trial = Trial {
        format: 1,
        sequence: planned.sequence,
        block: planned.block,
        boot: parties.boot,
        cell: planned.cell.clone(),
        start,
        end: now(),
        outcome: if failure.is_none() {
            TrialOutcome::Done
        } else {
            TrialOutcome::Failed
        },
        failure,
        commands,
        warnings,
    };
    writer.finish(&trial)?;
    Ok(trial)
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
struct Recorder {
    directory: std::path::PathBuf,
    commands: Vec<CommandRecord>,
    warnings: Vec<String>,
}

/// A started command and its place in the record.
struct Started {
    job: Job,
    index: usize,
}

impl Recorder {
    fn start(
        &mut self,
        session: &Session,
        role: &str,
        node: &str,
        log: &str,
        suffix: &str,
        command: &Command,
    ) -> Result<Started, Failure> {
        let (stdout, stderr) = (
            format!("{log}-{node}.{suffix}"),
            format!("{log}-{node}.stderr"),
        );
        self.commands.push(CommandRecord {
            role: role.into(),
            node: node.into(),
            argv: command.argv().to_vec(),
            stdout: stdout.clone(),
            stderr: stderr.clone(),
            status: None,
            signal: None,
            timed_out: false,
            elapsed_ms: 0,
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
}

fn measure(
    planned: &PlannedTrial,
    parties: &Parties<'_>,
    recorder: &mut Recorder,
) -> Result<(), Failure> {
    let cell = &planned.cell;
    let tool = cell.workload.tool();
    let instance = parties.instance.clone().map_err(Failure::Trial)?;
    let there = if parties.is_guest {
        vec![tool.to_owned()]
    } else {
        local(parties.kit, tool)
    };
    let programs = programs(
        &cell.workload,
        parties.address,
        &local(parties.kit, tool),
        &there,
    );
    let suffix = programs.suffix;

    let mut load = match load(cell.neighbour, &cell.workload, parties.vcpus) {
        None => None,
        Some(command) => {
            let neighbour = parties.neighbour.clone().map_err(Failure::Trial)?;
            Some(recorder.start(
                &neighbour,
                "neighbour",
                "neighbour",
                "stress",
                "log",
                &command,
            )?)
        }
    };
    let server = match &programs.server {
        None => None,
        Some(command) => {
            let mut server = recorder.start(
                &instance,
                "server",
                parties.node,
                &format!("{tool}-server"),
                "log",
                command,
            )?;
            if let Err(error) = server.job.wait_ready(READY_LIMIT) {
                if let SessionError::EndedBeforeReady { exit, .. } = &error {
                    recorder.ended(&server, *exit);
                }
                return Err(Failure::Trial(format!(
                    "{}{}",
                    describe(&error),
                    recorder.complaint(&server)
                )));
            }
            Some(server)
        }
    };
    if let Some(load) = &mut load {
        load.job.wait_ready(READY_LIMIT)?;
        parties.stop.sleep(LOAD_LEAD)?;
    }

    let mut client = recorder.start(
        parties.generator,
        "client",
        parties.node,
        tool,
        suffix,
        &programs.client,
    )?;
    let exit = parties.stop.wait(&mut client.job)?;
    recorder.ended(&client, exit);
    // ping's status 1 says that no reply came, which is a result: all of them are lost.
    let lost_replies = tool == "ping" && exit.status == Some(1) && !exit.timed_out;
    let mut failure = (!exit.success() && !lost_replies)
        .then(|| format!("{tool} failed: {exit}{}", recorder.complaint(&client)));

    // An iperf that can't connect may say so and exit with 0.
    if failure.is_none() && recorder.is_silent(&client) {
        failure = Some(format!(
            "{tool} printed nothing{}",
            recorder.complaint(&client)
        ));
    }

    if let Some(mut load) = load {
        if let Some(early) = load.job.wait_timeout(Duration::ZERO)? {
            recorder.ended(&load, early);
            failure.get_or_insert(format!(
                "the neighbour's load ended before the measuring did ({early})"
            ));
        } else {
            let exit = parties.stop.wait(&mut load.job)?;
            recorder.ended(&load, exit);
            if !exit.success() {
                failure.get_or_insert(format!(
                    "the neighbour's load failed: {exit}{}",
                    recorder.complaint(&load)
                ));
            }
        }
    }
    if let Some(mut server) = server {
        // iperf3 -1 ends by itself; iperf is asked to.
        let linger = if tool == "iperf3" {
            SERVER_LINGER
        } else {
            Duration::ZERO
        };
        let exit = match server.job.wait_timeout(linger)? {
            Some(exit) => exit,
            None => server.job.stop(SERVER_LINGER)?,
        };
        recorder.ended(&server, exit);
        if tool == "iperf3" && !exit.success() {
            recorder.warnings.push(format!(
                "the server did not end well: {exit}{}",
                recorder.complaint(&server)
            ));
        }
    }
    failure.map_or(Ok(()), |reason| Err(Failure::Trial(reason)))
}
