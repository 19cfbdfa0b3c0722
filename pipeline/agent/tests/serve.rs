//! An agent in a process of its own, real programs, a real channel.

#![allow(clippy::unwrap_used)]

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use vnicbench_agent::frame::{FrameReader, FrameWriter, Kind, to_json};
use vnicbench_agent::{
    Barrier, Command, Event, Hello, Job, Nic, Protocol, ProtocolError, Ready, Request, Run,
    Session, SessionError,
};

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(30);

/// An agent over a socket pair. Its process group ends with it.
struct Agent {
    process: Child,
    session: Session,
}

impl Agent {
    fn start() -> Agent {
        Agent::start_as(&[], &[])
    }

    /// Started by another program, which becomes the agent, and with more arguments.
    fn start_as(prefix: &[&str], more: &[&str]) -> Agent {
        let (process, socket) = spawn_as(prefix, more);
        let session = Session::over_socket(socket, Instant::now() + LIMIT).unwrap();
        Agent { process, session }
    }

    /// Closes the channel, waits for the agent's end.
    fn close(self) -> bool {
        let Agent {
            mut process,
            session,
        } = self;
        drop(session);
        process.wait().unwrap().success()
    }
}

fn spawn() -> (Child, UnixStream) {
    spawn_as(&[], &[])
}

fn spawn_as(prefix: &[&str], more: &[&str]) -> (Child, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let theirs = OwnedFd::from(theirs);
    let argv = [
        prefix,
        &[env!("CARGO_BIN_EXE_vnicbench-agent"), "serve"],
        more,
    ]
    .concat();
    let process = std::process::Command::new(argv[0])
        .args(&argv[1..])
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (process, ours)
}

fn sh(script: &str, limit: Duration) -> Command {
    Command::new("sh", limit).args(["-c", script])
}

fn alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.starts_with(" Z"))
}

fn gone_within(pid: u32, limit: Duration) -> bool {
    let start = Instant::now();
    while alive(pid) && start.elapsed() < limit {
        thread::sleep(Duration::from_millis(10));
    }
    !alive(pid)
}

fn first_pid(text: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(text);
    text.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn outputs_stay_apart_and_the_status_is_told() {
    let agent = Agent::start();
    assert!(agent.session.peer().starts_with("vnicbench-agent"));
    let script = "echo out; echo err >&2; echo $LC_ALL $A; exit 7";
    let command = sh(script, LIMIT).env("A", "b c");
    let output = agent.session.run(&command).unwrap();
    assert_eq!(output.stdout, b"out\nC b c\n");
    assert_eq!(output.stderr, b"err\n");
    assert_eq!((output.exit.status, output.exit.signal), (Some(7), None));
    assert!(!output.exit.timed_out && !output.exit.success());
    assert!(agent.close());
}

#[test]
fn nothing_is_taken_for_a_shell_string() {
    let agent = Agent::start();
    let odd = "a b;$(c) 'd' \"e\"\n*";
    let command = Command::new("printf", LIMIT).args(["%s|", odd, "", "ü"]);
    let output = agent.session.run(&command).unwrap();
    assert_eq!(output.stdout, format!("{odd}||ü|").as_bytes());
}

#[test]
fn a_signal_is_told_as_one() {
    let agent = Agent::start();
    let exit = agent.session.run(&sh("kill -9 $$", LIMIT)).unwrap().exit;
    assert_eq!((exit.status, exit.signal), (None, Some(9)));
}

#[test]
fn the_limit_ends_a_program() {
    let agent = Agent::start();
    let command = Command::new("sleep", Duration::from_millis(200)).arg("60");
    let exit = agent.session.run(&command).unwrap().exit;
    assert!(exit.timed_out);
    assert_eq!(exit.signal, Some(15));
    assert!((200..1000).contains(&exit.elapsed_ms), "{exit:?}");
}

#[test]
fn the_limit_ends_a_group_that_ignores_sigterm() {
    let agent = Agent::start();
    // A grandchild of its own, which ignores the signal too and prints its number.
    let script = "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & \
                  while :; do sleep 1; done";
    let output = agent.session.run(&sh(script, SECOND / 2)).unwrap();
    assert!(output.exit.timed_out);
    assert_eq!(output.exit.signal, Some(9));
    assert!(output.exit.elapsed_ms >= 1500, "{:?}", output.exit);
    assert!(!alive(first_pid(&output.stdout)));
}

#[test]
fn what_a_program_leaves_behind_is_ended() {
    let agent = Agent::start();
    // In the group, and escaped from it into a session of its own.
    let script = "sleep 60 & echo $!; setsid sh -c 'echo $$; exec sleep 60' & sleep 0.3";
    let started = Instant::now();
    let output = agent.session.run(&sh(script, LIMIT)).unwrap();
    assert!(output.exit.success(), "{:?}", output.exit);
    assert!(started.elapsed() < 10 * SECOND);
    let text = String::from_utf8(output.stdout).unwrap();
    let pids: Vec<u32> = text.lines().map(|l| l.parse().unwrap()).collect();
    assert_eq!(pids.len(), 2);
    assert!(pids.iter().all(|pid| !alive(*pid)), "{pids:?}");
}

#[test]
fn a_program_that_is_not_there_is_named_with_the_path() {
    let agent = Agent::start();
    let command = Command::new("no-such-program", LIMIT).env("PATH", "/nowhere:/else");
    let error = agent.session.run(&command).unwrap_err().to_string();
    assert!(error.contains("`no-such-program`"), "{error}");
    assert!(error.contains("PATH=/nowhere:/else"), "{error}");

    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), "#!/nowhere/interpreter\n").unwrap();
    let mut permissions = script.as_file().metadata().unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(script.path(), permissions).unwrap();
    let path = script.into_temp_path();
    let command = Command::new(path.to_str().unwrap(), LIMIT);
    let error = agent.session.run(&command).unwrap_err().to_string();
    assert!(error.contains("interpreter isn't"), "{error}");

    // And the session goes on.
    assert!(
        agent
            .session
            .run(&sh("true", LIMIT))
            .unwrap()
            .exit
            .success()
    );
}

#[test]
fn a_megabyte_arrives_intact_from_several_jobs_at_once() {
    let agent = Agent::start();
    let jobs: Vec<_> = (0..4)
        .map(|n| {
            let session = agent.session.clone();
            thread::spawn(move || {
                let script = format!("yes line{n} | head -c 1048576; yes e{n} | head -c 65536 >&2");
                session.run(&sh(&script, LIMIT)).unwrap()
            })
        })
        .collect();
    for (n, job) in jobs.into_iter().enumerate() {
        let output = job.join().unwrap();
        assert!(output.exit.success());
        let line = format!("line{n}\n");
        let wanted: Vec<u8> = line.bytes().cycle().take(1 << 20).collect();
        assert!(output.stdout == wanted, "job {n}");
        assert_eq!(output.stderr.len(), 65536);
    }
}

#[test]
fn jobs_run_side_by_side() {
    let agent = Agent::start();
    let started = Instant::now();
    let mut jobs: Vec<_> = (0..8)
        .map(|_| {
            let command = Command::new("sleep", LIMIT).arg("1");
            let sink = || Box::new(std::io::sink());
            agent.session.start(&command, sink(), sink()).unwrap()
        })
        .collect();
    assert!(jobs.iter_mut().all(|job| job.wait().unwrap().success()));
    assert!(started.elapsed() < 6 * SECOND, "{:?}", started.elapsed());
}

/// Not a test: the program that [`start_listener`] starts.
#[test]
#[ignore = "run by other tests, as a program"]
fn helper_listen() {
    let Ok(what) = std::env::var("HELPER_LISTEN") else {
        return;
    };
    let (protocol, port) = what.split_once(' ').unwrap();
    thread::sleep(Duration::from_millis(300));
    let port: u16 = port.parse().unwrap();
    match protocol {
        "tcp" => {
            let _listener = TcpListener::bind(("::", port)).unwrap();
            thread::sleep(LIMIT);
        }
        _ => {
            let _socket = UdpSocket::bind(("127.0.0.1", port)).unwrap();
            thread::sleep(LIMIT);
        }
    }
}

fn start_listener(session: &Session, protocol: Protocol, port: u16) -> vnicbench_agent::Job {
    let name = match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    };
    let exe = std::env::current_exe().unwrap();
    let command = Command::new(exe.to_str().unwrap(), LIMIT)
        .args(["--ignored", "--exact", "helper_listen", "--nocapture"])
        .env("HELPER_LISTEN", format!("{name} {port}"))
        .ready(Ready::Listening { protocol, port });
    let sink = || Box::new(std::io::sink());
    session.start(&command, sink(), sink()).unwrap()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("::", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_server_is_ready_when_it_listens() {
    let agent = Agent::start();
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let port = free_port();
        let started = Instant::now();
        let mut job = start_listener(&agent.session, protocol, port);
        job.wait_ready(LIMIT).unwrap();
        assert!(started.elapsed() >= Duration::from_millis(300));
        assert!(alive(job.pid().unwrap()));
        let exit = job.stop(5 * SECOND).unwrap();
        assert_eq!(exit.signal, Some(15), "{protocol:?}");
    }
}

#[test]
fn anothers_server_does_not_make_a_job_ready() {
    let agent = Agent::start();
    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = other.local_addr().unwrap().port();
    let protocol = Protocol::Tcp;
    let ready = Ready::Listening { protocol, port };
    let sink = || Box::new(std::io::sink());
    let command = Command::new("sleep", LIMIT).arg("60").ready(ready);
    let mut job = agent.session.start(&command, sink(), sink()).unwrap();
    let error = job.wait_ready(SECOND / 2).unwrap_err();
    assert!(matches!(error, SessionError::NotReady { .. }), "{error}");

    let command = sh("exit 3", LIMIT).ready(ready);
    let mut job = agent.session.start(&command, sink(), sink()).unwrap();
    match job.wait_ready(LIMIT).unwrap_err() {
        SessionError::EndedBeforeReady { exit, .. } => assert_eq!(exit.status, Some(3)),
        error => panic!("{error}"),
    }
}

#[test]
fn a_dropped_job_is_killed() {
    let agent = Agent::start();
    let sink = || Box::new(std::io::sink());
    let command = Command::new("sleep", LIMIT).arg("60");
    let mut job = agent.session.start(&command, sink(), sink()).unwrap();
    job.wait_ready(LIMIT).unwrap();
    let pid = job.pid().unwrap();
    assert!(alive(pid));
    drop(job);
    assert!(gone_within(pid, 5 * SECOND));
    // The answers to it disturb nothing.
    assert!(
        agent
            .session
            .run(&sh("true", LIMIT))
            .unwrap()
            .exit
            .success()
    );
    assert!(agent.session.lost().is_none());
}

#[test]
fn signals_reach_the_whole_group() {
    let agent = Agent::start();
    let out = Shared::default();
    let script = "trap 'echo got; exit 5' INT; echo up; while :; do sleep 0.05; done";
    let sink = Box::new(std::io::sink());
    let command = sh(script, LIMIT);
    let mut job = agent
        .session
        .start(&command, Box::new(out.clone()), sink)
        .unwrap();
    out.await_text("up");
    job.signal(2).unwrap();
    assert_eq!(job.wait().unwrap().status, Some(5));
    assert!(out.text().contains("got"));
    let error = job.signal(4711).unwrap_err().to_string();
    assert!(error.contains("4711 is no signal"), "{error}");
    // A job that has ended ignores signals.
    job.signal(9).unwrap();
}

/// A sink that can be looked at.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn await_text(&self, text: &str) {
        let start = Instant::now();
        while !self.text().contains(text) {
            assert!(start.elapsed() < LIMIT);
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_is_told_at_the_end() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let agent = Agent::start();
    let command = sh("yes | head -c 300000", LIMIT);
    let sink = Box::new(std::io::sink());
    let mut job = agent.session.start(&command, Box::new(Full), sink).unwrap();
    let error = job.wait().unwrap_err();
    assert!(matches!(error, SessionError::Output { .. }), "{error}");
    assert!(
        agent
            .session
            .run(&sh("true", LIMIT))
            .unwrap()
            .exit
            .success()
    );
}

#[test]
fn the_end_of_the_channel_ends_the_jobs() {
    let agent = Agent::start();
    let out = Shared::default();
    let script = "trap '' TERM INT HUP; setsid sh -c 'echo $$; sleep 60' & sleep 60";
    let sink = Box::new(std::io::sink());
    let mut job = agent
        .session
        .start(&sh(script, LIMIT), Box::new(out.clone()), sink)
        .unwrap();
    job.wait_ready(LIMIT).unwrap();
    out.await_text("\n");
    let pids = [job.pid().unwrap(), first_pid(out.text().as_bytes())];
    assert!(pids.iter().all(|pid| alive(*pid)));
    drop(job);
    let started = Instant::now();
    assert!(agent.close());
    assert!(started.elapsed() < 5 * SECOND);
    assert!(pids.iter().all(|pid| !alive(*pid)), "{pids:?}");
}

#[test]
fn the_end_of_the_agent_is_an_error_for_each_job() {
    let mut agent = Agent::start();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let session = agent.session.clone();
            thread::spawn(move || session.run(&Command::new("sleep", LIMIT).arg("1")))
        })
        .collect();
    thread::sleep(SECOND / 2);
    let started = Instant::now();
    agent.process.kill().unwrap();
    agent.process.wait().unwrap();
    for job in waiting {
        let error = job.join().unwrap().unwrap_err();
        assert!(matches!(error, SessionError::Lost { .. }), "{error}");
    }
    assert!(agent.session.wait_lost(SECOND).is_some());
    assert!(started.elapsed() < SECOND);
    let error = agent.session.run(&sh("true", LIMIT)).unwrap_err();
    assert!(matches!(error, SessionError::Lost { .. }), "{error}");
}

#[test]
fn files_are_written_and_read() {
    let agent = Agent::start();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let path = path.to_str().unwrap();
    let error = agent.session.write_file(path, None, b"1").unwrap_err();
    assert!(error.to_string().contains(path), "{error}");
    assert!(!Path::new(path).exists());

    let bytes: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let mode = Some(0o640);
    agent.session.write_file(path, mode, &bytes).unwrap();
    assert!(agent.session.read_file(path, bytes.len()).unwrap() == bytes);
    let error = agent.session.read_file(path, 1000).unwrap_err();
    assert!(error.to_string().contains("longer than 1000"), "{error}");
    agent.session.write_file(path, None, b"short").unwrap();
    assert_eq!(agent.session.read_file(path, 1000).unwrap(), b"short");
    let stat = agent.session.read_file("/proc/stat", 1 << 20).unwrap();
    assert!(stat.starts_with(b"cpu"));
}

#[test]
fn the_machine_is_described_and_not_switched_off() {
    let agent = Agent::start();
    let info = agent.session.info().unwrap();
    assert!(info.uptime_s > 0.0 && info.memory_total_kib > 0 && info.cpus > 0);
    assert!(!info.kernel.is_empty());
    let error = agent.session.poweroff().unwrap_err().to_string();
    assert!(error.contains("isn't its machine's init"), "{error}");
    let modules = ["/nowhere/igbvf.ko".to_owned()];
    let error = agent.session.load_modules(&modules).unwrap_err();
    assert!(error.to_string().contains("igbvf.ko"), "{error}");
}

#[test]
fn a_nic_that_is_not_there_is_an_error_that_lists_what_is() {
    let agent = Agent::start();
    let nic = Nic {
        mac: "02:00:00:00:00:77".into(),
        addresses: vec![],
        mtu: None,
        name: None,
        limit_ms: 50,
        ..Nic::default()
    };
    let error = agent.session.configure_nic(&nic).unwrap_err().to_string();
    assert!(error.contains("02:00:00:00:00:77"), "{error}");
    assert!(error.contains("lo 00:00:00:00:00:00"), "{error}");
}

/// Starts a program whose outputs nobody wants.
fn start(session: &Session, command: &Command) -> Job {
    let sink = || Box::new(std::io::sink());
    session.start(command, sink(), sink()).unwrap()
}

fn sleeper() -> Command {
    Command::new("sleep", LIMIT).arg("60")
}

#[test]
fn a_start_time_is_told() {
    let agent = Agent::start();
    let times: Vec<u64> = (0..3)
        .map(|_| {
            let mut job = start(&agent.session, &sh("true", LIMIT));
            job.wait().unwrap();
            job.started_us().unwrap()
        })
        .collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
}

#[test]
fn runs_with_a_barrier_start_when_the_last_has_come() {
    let agent = Agent::start();
    let command = sh("echo started", LIMIT).barrier("fair", 3);
    let outputs = [(); 3].map(|()| Shared::default());
    let start = |output: &Shared| {
        let (stdout, stderr) = (Box::new(output.clone()), Box::new(std::io::sink()));
        agent.session.start(&command, stdout, stderr).unwrap()
    };
    let mut jobs: Vec<Job> = outputs[..2].iter().map(start).collect();
    for job in &mut jobs {
        let error = job.wait_ready(SECOND / 10).unwrap_err();
        assert!(matches!(error, SessionError::NotReady { .. }), "{error}");
        assert_eq!((job.pid(), job.started_us()), (None, None));
    }
    let mut mark = self::start(&agent.session, &sh("true", LIMIT));
    mark.wait().unwrap();
    jobs.push(start(&outputs[2]));
    for (job, output) in jobs.iter_mut().zip(&outputs) {
        assert!(job.wait().unwrap().success());
        assert_eq!(output.text(), "started\n");
        assert!(job.started_us() > mark.started_us());
    }
    let times = || jobs.iter().filter_map(Job::started_us);
    let skew = times().max().unwrap() - times().min().unwrap();
    println!("start skew of three: {skew} us");
    let error = agent.session.run(&command).unwrap_err().to_string();
    assert!(error.contains("barrier `fair`: it was used"), "{error}");
}

#[test]
fn a_barrier_that_not_all_reach_starts_nobody() {
    let agent = Agent::start();
    let file = tempfile::tempdir().unwrap();
    let file = file.path().join("ran");
    let command = Command::new("touch", LIMIT)
        .arg(file.to_str().unwrap())
        .barrier_within("lonely", 3, SECOND / 5);
    let mut jobs = [(); 2].map(|()| start(&agent.session, &command));
    for job in &mut jobs {
        let error = job.wait().unwrap_err().to_string();
        assert!(error.contains("of 3 runs have arrived"), "{error}");
    }
    // Neither does a third then.
    let error = agent.session.run(&command).unwrap_err().to_string();
    assert!(error.contains("of 3 runs have arrived"), "{error}");
    assert!(!file.exists());

    let mut one = start(&agent.session, &sleeper().barrier("odd", 2));
    let error = agent.session.run(&sleeper().barrier("odd", 3)).unwrap_err();
    for error in [error, one.wait().unwrap_err()].map(|e| e.to_string()) {
        assert!(error.contains("parties, another"), "{error}");
    }
}

#[test]
fn the_end_of_one_run_at_a_barrier_is_the_end_of_all() {
    let agent = Agent::start();
    let started = Instant::now();
    let signalled = |name: &str, end: &dyn Fn(Job)| {
        let command = sleeper().barrier(name, 3);
        let mut other = start(&agent.session, &command);
        end(start(&agent.session, &command));
        let error = other.wait().unwrap_err().to_string();
        assert!(error.contains("signalled before all"), "{error}");
    };
    signalled("signal", &|mut job| {
        job.signal(15).unwrap();
        let error = job.wait().unwrap_err().to_string();
        assert!(error.contains("signalled before all"), "{error}");
    });
    signalled("stop", &|mut job| assert!(job.stop(SECOND).is_err()));
    signalled("drop", &drop);
    assert!(started.elapsed() < 5 * SECOND, "{:?}", started.elapsed());
}

#[test]
fn the_end_of_a_session_leaves_nobody_at_a_barrier() {
    let (mut process, socket) = spawn();
    let (reader, mut writer) = by_hand(&socket, 1);
    let barrier = Some(Barrier {
        name: "end".to_owned(),
        parties: 2,
        limit_ms: 60_000,
    });
    let request = to_json(&Request::Run(Run {
        argv: vec!["true".to_owned()],
        env: vec![],
        limit_ms: 60_000,
        ready: None,
        barrier,
    }));
    writer.send(Kind::Request, 1, &request.unwrap()).unwrap();
    thread::sleep(SECOND / 10);
    let started = Instant::now();
    drop((reader, writer, socket));
    assert!(process.wait().unwrap().success());
    assert!(started.elapsed() < 5 * SECOND, "{:?}", started.elapsed());
}

/// A cgroup for a test; it and what is in it goes with it.
struct Cgroup(PathBuf);

impl Cgroup {
    /// `None`, and a line that says so, where none can be made.
    fn make(name: &str) -> Option<Cgroup> {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
        let root = mounts.lines().find_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let target = fields.next()?;
            (fields.next()? == "cgroup2").then_some(target)
        });
        let name = format!("{name}-{}", std::process::id());
        let made = root.map(|root| Path::new(root).join(name)).and_then(|dir| {
            std::fs::create_dir(&dir).ok()?;
            Some(Cgroup(dir))
        });
        if made.is_none() {
            println!("skipped: no cgroup can be made here");
        }
        made
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn members(&self) -> Vec<u32> {
        let procs = std::fs::read_to_string(self.0.join("cgroup.procs")).unwrap();
        procs.lines().map(|line| line.parse().unwrap()).collect()
    }

    fn kill(&self) {
        std::fs::write(self.0.join("cgroup.kill"), "1").unwrap();
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        self.kill();
        let start = Instant::now();
        while std::fs::remove_dir(&self.0).is_err() && start.elapsed() < LIMIT {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn what_a_killed_agent_leaves_is_found_in_its_cgroup() {
    let Some(cgroup) = Cgroup::make("vnicbench-test-kill") else {
        return;
    };
    let mut agent = Agent::start_as(&[], &["--cgroup", cgroup.path()]);
    assert!(agent.session.info().unwrap().warnings.is_empty());
    let mut job = start(&agent.session, &sleeper());
    job.wait_ready(LIMIT).unwrap();
    let pid = job.pid().unwrap();
    assert!(cgroup.members().contains(&agent.process.id()));
    agent.process.kill().unwrap();
    agent.process.wait().unwrap();
    assert_eq!(cgroup.members(), [pid]);
    cgroup.kill();
    assert!(gone_within(pid, 5 * SECOND));
}

#[test]
fn a_cgroup_that_is_none_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    for (path, why) in [
        (dir.path().to_str().unwrap(), "No such file"),
        ("here", "absolute"),
    ] {
        let agent = Agent::start_as(&[], &["--cgroup", path]);
        let warnings = agent.session.info().unwrap().warnings;
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].contains(path) && warnings[0].contains(why),
            "{warnings:?}"
        );
    }
    assert!(!dir.path().join("cgroup.procs").exists());
}

/// A network namespace for a test; it goes with it.
struct Namespace(String);

impl Namespace {
    /// `None`, and a line that says so, where none can be made.
    fn make(name: &str) -> Option<Namespace> {
        let name = format!("{name}-{}", std::process::id());
        let made = ip(&["netns", "add", &name]).then_some(Namespace(name));
        if made.is_none() {
            println!("skipped: no network namespace can be made here");
        }
        made
    }

    fn agent(&self, more: &[&str]) -> Agent {
        Agent::start_as(&["ip", "netns", "exec", &self.0], more)
    }

    fn ip(&self, args: &[&str]) -> bool {
        ip(&[&["-n", &self.0], args].concat())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["netns", "delete", &self.0]);
    }
}

fn ip(args: &[&str]) -> bool {
    let output = std::process::Command::new("ip").args(args).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn the_cgroup_is_entered_from_a_network_namespace_too() {
    let Some(namespace) = Namespace::make("vnicbench-test-cg") else {
        return;
    };
    let Some(cgroup) = Cgroup::make("vnicbench-test-netns") else {
        return;
    };
    let agent = namespace.agent(&["--cgroup", cgroup.path()]);
    let warnings = agent.session.info().unwrap().warnings;
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(cgroup.members(), [agent.process.id()]);
    assert!(agent.close());
}

/// A veth pair in a namespace; the end a0 has the address [`MAC`].
fn veth() -> Option<Namespace> {
    let namespace = Namespace::make("vnicbench-test-nic")?;
    let mut pair = "link add a0 address MAC type veth peer name b0"
        .split(' ')
        .collect::<Vec<_>>();
    pair[4] = MAC;
    if namespace.ip(&pair) && namespace.ip(&["link", "set", "b0", "up"]) {
        return Some(namespace);
    }
    println!("skipped: no veth can be made here");
    None
}

const MAC: &str = "02:76:6e:62:7f:01";

fn nic() -> Nic {
    Nic {
        mac: MAC.to_owned(),
        addresses: vec!["198.18.5.1/24".to_owned(), "fd00:5::1/64".to_owned()],
        mtu: Some(1400),
        limit_ms: 5000,
        ..Nic::default()
    }
}

fn said(session: &Session, argv: &[&str]) -> String {
    let command = Command::new(argv[0], LIMIT).args(argv[1..].to_vec());
    let output = session.run(&command).unwrap();
    assert!(output.exit.success(), "{argv:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn arp_is_strict_where_asked() {
    let Some(namespace) = veth() else { return };
    let agent = namespace.agent(&[]);
    let sysctl = |interface: &str| {
        ["arp_ignore", "arp_announce"].map(|name| {
            let path = format!("/proc/sys/net/ipv4/conf/{interface}/{name}");
            String::from_utf8(agent.session.read_file(&path, 100).unwrap()).unwrap()
        })
    };
    let report = agent.session.configure_nic(&nic()).unwrap();
    assert_eq!((report.name.as_str(), report.mtu), ("a0", 1400));
    assert_eq!(sysctl("all"), ["0\n", "0\n"]);
    let strict = Nic {
        arp_strict: true,
        ..nic()
    };
    assert_eq!(agent.session.configure_nic(&strict).unwrap(), report);
    assert_eq!(sysctl("all"), ["1\n", "2\n"]);
    assert_eq!(sysctl("a0"), ["1\n", "2\n"]);
    assert_eq!(sysctl("b0"), ["0\n", "0\n"]);
}

#[test]
fn the_addresses_go_to_the_vlan() {
    let Some(namespace) = veth() else { return };
    let agent = namespace.agent(&[]);
    let vlan = |id| Nic {
        vlan: Some(id),
        ..nic()
    };
    for id in [0, 4095] {
        let error = agent.session.configure_nic(&vlan(id)).unwrap_err();
        let text = format!("{id} is no VLAN");
        assert!(error.to_string().contains(&text), "{error}");
    }
    let report = match agent.session.configure_nic(&vlan(5)) {
        Ok(report) => report,
        Err(e) => {
            assert!(e.to_string().contains("module 8021q"), "{e}");
            println!("skipped: this kernel has no VLANs");
            return;
        }
    };
    assert_eq!((report.name.as_str(), report.mtu), ("a0.5", 1400));
    assert!(report.carrier && report.mac == MAC, "{report:?}");
    // Now a second interface has the NIC's address, which is to disturb nothing.
    assert_eq!(agent.session.configure_nic(&vlan(5)).unwrap(), report);

    let shown = said(&agent.session, &["ip", "-o", "-4", "address", "show"]);
    let mut lines = shown.lines().filter(|l| l.contains("198.18.5.1/24"));
    assert!(lines.all(|l| l.contains("a0.5")), "{shown}");
    let shown = said(&agent.session, &["ip", "-d", "link", "show", "a0.5"]);
    assert!(shown.contains("vlan protocol 802.1Q id 5 "), "{shown}");
}

/// Says Hello by hand and returns both halves of the channel.
fn by_hand(
    socket: &UnixStream,
    nonce: u64,
) -> (FrameReader<BufReader<UnixStream>>, FrameWriter<UnixStream>) {
    let mut writer = FrameWriter::new(socket.try_clone().unwrap());
    let mut reader = FrameReader::new(BufReader::new(socket.try_clone().unwrap()));
    let name = "by hand".to_owned();
    writer.hello(&Hello { nonce, name }).unwrap();
    while reader.find_hello().unwrap().0.nonce != nonce {}
    (reader, writer)
}

fn run_request(script: &str) -> Vec<u8> {
    to_json(&Request::Run(Run {
        argv: ["sh", "-c", script].map(String::from).to_vec(),
        env: vec![],
        limit_ms: 60_000,
        ready: None,
        barrier: None,
    }))
    .unwrap()
}

#[test]
fn a_garbled_request_ends_the_session_and_its_jobs() {
    let (mut process, mut socket) = spawn();
    let (mut reader, mut writer) = by_hand(&socket, 1);
    writer
        .send(Kind::Request, 1, &run_request("sleep 60"))
        .unwrap();
    let Event::Started { pid, .. } = reader.read().unwrap().message().unwrap() else {
        panic!("not started")
    };
    socket.write_all(&[0x55; 200]).unwrap();
    let last = reader.read().unwrap();
    let Event::Failed { text } = last.message().unwrap() else {
        panic!("{last:?}")
    };
    assert_eq!(last.id, 0);
    assert!(text.contains("no valid frame header"), "{text}");
    assert!(!process.wait().unwrap().success());
    assert!(!alive(pid));
}

#[test]
fn a_lost_request_is_noticed() {
    let (mut process, socket) = spawn();
    let (mut reader, _) = by_hand(&socket, 1);
    // A writer that has already sent a frame, which never arrived.
    let mut bytes = Vec::new();
    let mut writer = FrameWriter::new(&mut bytes);
    writer.send(Kind::Request, 1, &run_request("true")).unwrap();
    let first = bytes.len();
    let mut bytes = Vec::new();
    let mut writer = FrameWriter::new(&mut bytes);
    writer.send(Kind::Request, 1, &run_request("true")).unwrap();
    writer.send(Kind::Request, 2, &run_request("true")).unwrap();
    (&socket).write_all(&bytes[first..]).unwrap();
    let last: Event = reader.read().unwrap().message().unwrap();
    let text = format!("{last:?}");
    assert!(text.contains("frame number 2 where 1"), "{text}");
    assert!(!process.wait().unwrap().success());
}

#[test]
fn a_new_session_ends_the_one_before() {
    let (mut process, socket) = spawn();
    let (mut reader, mut writer) = by_hand(&socket, 1);
    writer
        .send(Kind::Request, 1, &run_request("sleep 60"))
        .unwrap();
    let Event::Started { pid, .. } = reader.read().unwrap().message().unwrap() else {
        panic!("not started")
    };
    drop((reader, writer));
    let session = Session::over_socket(socket, Instant::now() + LIMIT).unwrap();
    assert!(gone_within(pid, SECOND));
    let output = session.run(&sh("echo again", LIMIT)).unwrap();
    assert_eq!(output.stdout, b"again\n");
    drop(session);
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_repeated_hello_changes_nothing() {
    let (mut process, socket) = spawn();
    let (mut reader, mut writer) = by_hand(&socket, 1);
    let name = "by hand".to_owned();
    writer.hello(&Hello { nonce: 1, name }).unwrap();
    writer
        .send(Kind::Request, 1, &to_json(&Request::Info).unwrap())
        .unwrap();
    let frame = reader.read().unwrap();
    assert!(matches!(frame.message().unwrap(), Event::Info(_)));
    drop((reader, writer, socket));
    assert!(process.wait().unwrap().success());
}

/// The other end of a session, played by a thread.
fn against(play: impl FnOnce(UnixStream) + Send + 'static) -> Result<Session, SessionError> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::spawn(move || play(theirs));
    Session::over_socket(ours, Instant::now() + 2 * SECOND)
}

fn drain(mut socket: UnixStream) {
    let _ = socket.read_to_end(&mut Vec::new());
}

#[test]
fn silence_noise_and_another_version_are_told_apart() {
    let error = against(drain).unwrap_err();
    assert!(matches!(error, SessionError::NoAnswer { .. }), "{error}");
    let noise = |mut socket: UnixStream| {
        socket.write_all(&[b'#'; 100_000]).unwrap();
        drain(socket);
    };
    let error = against(noise).unwrap_err();
    assert!(matches!(error, SessionError::NoAnswer { .. }), "{error}");
    let error = against(drop).unwrap_err();
    assert!(matches!(error, SessionError::Lost { .. }), "{error}");

    let newer = |mut socket: UnixStream| {
        let mut hello = Vec::new();
        let name = String::new();
        FrameWriter::new(&mut hello)
            .hello(&Hello { nonce: 0, name })
            .unwrap();
        hello[4] = 99;
        let crc = crc32fast::hash(&hello[..20]);
        hello[20..24].copy_from_slice(&crc.to_le_bytes());
        socket.write_all(&hello).unwrap();
        drain(socket);
    };
    match against(newer).unwrap_err() {
        SessionError::Lost { cause, .. } => {
            assert!(matches!(*cause, ProtocolError::Version { theirs: 99, .. }));
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_client_that_is_early_is_heard() {
    // Like a guest that drops what comes before it opens its port.
    let (ours, theirs) = UnixStream::pair().unwrap();
    let late = thread::spawn(move || {
        let mut early = [0; 10];
        (&theirs).read_exact(&mut early).unwrap();
        thread::sleep(SECOND / 2);
        let writer = theirs.try_clone().unwrap();
        vnicbench_agent::serve(&vnicbench_agent::Agent::default(), theirs, writer)
    });
    let session = Session::over_socket(ours, Instant::now() + LIMIT).unwrap();
    assert!(session.info().unwrap().cpus > 0);
    drop(session);
    late.join().unwrap().unwrap();
}

#[test]
fn answers_to_nothing_and_a_second_beginning_are_errors() {
    for second in [true, false] {
        let session = against(move |socket| {
            let mut reader = FrameReader::new(socket.try_clone().unwrap());
            let mut writer = FrameWriter::new(socket.try_clone().unwrap());
            let hello = reader.find_hello().unwrap().0;
            writer.hello(&hello).unwrap();
            let _request = reader.read();
            if second {
                writer.hello(&Hello { nonce: 0, ..hello }).unwrap();
            } else {
                writer.send(Kind::Stdout, 77, b"what?").unwrap();
            }
            drain(socket);
        })
        .unwrap();
        let started = Instant::now();
        match session.info().unwrap_err() {
            SessionError::Lost { cause, .. } => {
                let text = cause.to_string();
                let wanted = if second { "began anew" } else { "request 77" };
                assert!(text.contains(wanted), "{text}");
            }
            error => panic!("{error}"),
        }
        assert!(started.elapsed() < 5 * SECOND);
    }
}
