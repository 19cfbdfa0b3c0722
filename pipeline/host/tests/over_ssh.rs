//! Another host by ssh, for which a namespace with an sshd of its own stands. Needs root,
//! Debian's openssh-server and the agent (`cargo build -p vnicbench-agent`).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vnicbench_host::journal::{ChangeLog, ChangeRecord, Changes, Item, restore};
use vnicbench_host::{Destination, HostError, Node, Place, Survey};
use vnicbench_model::{Environment, Kit};

const NAMESPACE: &str = "vnb-t-ssh";
const ADDRESS: &str = "10.255.254.2";

fn run(words: &str) -> bool {
    let mut words = words.split(' ');
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// The namespace, its sshd, and what a client needs; all of it goes when this is dropped.
struct Tester {
    directory: TempDir,
    sshd: Option<Child>,
    agent: PathBuf,
}

impl Tester {
    /// Says why not, where it can't be.
    fn new() -> Option<Self> {
        let missing = |what: &str| {
            println!("skipped: {what}");
            None
        };
        let profile = std::env::current_exe().unwrap();
        let agent = profile.ancestors().nth(2)?.join("vnicbench-agent");
        if !agent.exists() {
            return missing("the agent isn't built");
        }
        if !Path::new("/usr/sbin/sshd").exists() {
            return missing("no sshd; on Debian: apt-get install openssh-server");
        }
        if !run(&format!("ip netns add {NAMESPACE}")) {
            return missing("no namespaces may be made here");
        }
        let mut tester = Self {
            directory: tempfile::tempdir().unwrap(),
            sshd: None,
            agent,
        };
        for words in [
            "ip link add name vnb-t-s0 type veth peer name mgmt netns vnb-t-ssh",
            "ip link add name vnb-t-s1 type veth peer name port netns vnb-t-ssh",
            "ip address add 10.255.254.1/30 dev vnb-t-s0",
            "ip link set dev vnb-t-s0 up",
            "ip -n vnb-t-ssh address add 10.255.254.2/30 dev mgmt",
            "ip -n vnb-t-ssh link set dev mgmt up",
            "ip -n vnb-t-ssh link set dev lo up",
            // One that was never up has another queue than one that is down again.
            "ip -n vnb-t-ssh link set dev port up",
            "ip -n vnb-t-ssh link set dev port down",
        ] {
            assert!(run(words), "{words}");
        }
        tester.configure();
        tester.start();
        Some(tester)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn configure(&self) {
        for name in ["host_key", "key"] {
            let path = self.path(name);
            let keygen = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(path)
                .status();
            assert!(keygen.unwrap().success());
        }
        fs::create_dir(self.path("home")).unwrap();
        let at = self.directory.path().display();
        // Not the home of whoever runs this. The login shell takes the words as it would.
        let server = format!(
            "ListenAddress {ADDRESS}\nHostKey {at}/host_key\nPidFile none\nUsePAM no\nStrictModes no\n\
             AuthorizedKeysFile {at}/key.pub\nUseDNS no\n\
             ForceCommand cd {at}/home && eval \"$SSH_ORIGINAL_COMMAND\"\n"
        );
        fs::write(self.path("sshd_config"), server).unwrap();
        let client =
            format!("Host tester\n    HostName {ADDRESS}\n    UserKnownHostsFile {at}/known\n");
        fs::write(self.path("config"), client).unwrap();
        let key = fs::read_to_string(self.path("host_key.pub")).unwrap();
        fs::write(self.path("known"), format!("{ADDRESS} {key}")).unwrap();
    }

    fn start(&mut self) {
        fs::create_dir_all("/run/sshd").unwrap();
        let sshd = Command::new("ip")
            .args([
                "netns",
                "exec",
                NAMESPACE,
                "/usr/sbin/sshd",
                "-D",
                "-e",
                "-f",
            ])
            .arg(self.path("sshd_config"))
            .stderr(fs::File::create(self.path("sshd.log")).unwrap())
            .spawn();
        self.sshd = Some(sshd.unwrap());
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect((ADDRESS, 22)).is_err() {
            assert!(Instant::now() < until, "sshd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        if let Some(mut sshd) = self.sshd.take() {
            let _ = sshd.kill();
            let _ = sshd.wait();
        }
    }

    fn destination(&self) -> Destination {
        Destination {
            key: Some(self.path("key")),
            config: Some(self.path("config")),
            ..Destination::new("root@tester".parse().unwrap())
        }
    }

    fn agent(&self) -> Vec<String> {
        vec![self.agent.display().to_string(), "serve".into()]
    }

    fn kit(&self) -> Kit {
        Kit {
            environment: Environment::default(),
            programs: BTreeMap::from([("agent".into(), self.agent())]),
            guests: Vec::new(),
            qemus: Vec::new(),
        }
    }

    /// What the agents' directory there has, with when it was last written.
    fn installed(&self) -> Vec<(String, std::time::SystemTime)> {
        let entries = fs::read_dir(self.path("home/.cache/vnicbench")).unwrap();
        entries
            .map(|entry| {
                let entry = entry.unwrap();
                let time = entry.metadata().unwrap().modified().unwrap();
                (entry.file_name().into_string().unwrap(), time)
            })
            .collect()
    }

    /// All that `ip` says of the port and what is on it.
    fn state(&self) -> String {
        let output = Command::new("ip")
            .args(["-n", NAMESPACE, "-o", "address", "show"])
            .output();
        let links = Command::new("ip")
            .args(["-n", NAMESPACE, "-o", "link", "show"])
            .output();
        let text = [output.unwrap().stdout, links.unwrap().stdout].concat();
        // Lifetimes and addresses that the kernel gives itself come and go.
        let text = String::from_utf8(text).unwrap();
        let kept = text.lines().filter(|line| !line.contains("inet6"));
        kept.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Tester {
    fn drop(&mut self) {
        self.stop();
        run("ip link delete vnb-t-s0");
        run("ip link delete vnb-t-s1");
        run(&format!("ip netns delete {NAMESPACE}"));
    }
}

struct Silent;

impl ChangeLog for Silent {
    fn making(&mut self, _: &ChangeRecord) -> Result<(), HostError> {
        Ok(())
    }
    fn undone(&mut self, _: &ChangeRecord, _: Option<&str>) {}
}

fn agents(tester: &Tester) -> usize {
    let name = tester.installed().remove(0).0;
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let is_agent = |path: &Path| {
        let executable = fs::read_link(path.join("exe")).unwrap_or_default();
        executable.file_name().is_some_and(|file| *file == *name)
    };
    processes.filter(|entry| is_agent(&entry.path())).count()
}

/// One test, since there is one namespace.
#[test]
fn another_host() {
    let Some(mut tester) = Tester::new() else {
        return;
    };
    an_agent_runs_there_and_ends_with_the_session(&tester);
    its_nics_are_known(&tester);
    changes_there_are_undone(&mut tester);
}

fn an_agent_runs_there_and_ends_with_the_session(tester: &Tester) {
    let place = Place::from(tester.destination());
    let node = Node::start(&tester.kit(), "generator", &place, None).unwrap();
    assert!(node.is_elsewhere());
    let list =
        vnicbench_agent::Command::new("ip", Duration::from_secs(20)).args(["link", "show", "port"]);
    let output = node.session().run(&list).unwrap();
    assert!(output.exit.success(), "{output:?}");
    assert_eq!(agents(tester), 1);
    let installed = tester.installed();
    assert_eq!(installed.len(), 1, "{installed:?}");
    // What it runs ends with it, as if this process had been killed.
    let sleep = vnicbench_agent::Command::new("sleep", Duration::from_secs(300)).arg("277.25");
    let _job = node
        .session()
        .start(&sleep, Box::new(std::io::sink()), Box::new(std::io::sink()));
    drop((_job, node));
    assert_eq!(agents(tester), 0);
    let again = Node::start(&tester.kit(), "generator", &place, None).unwrap();
    assert_eq!(tester.installed(), installed, "it was copied again");
    drop(again);
    let file = tester.path("home/.cache/vnicbench").join(&installed[0].0);
    fs::write(&file, "not an agent").unwrap();
    drop(Node::start(&tester.kit(), "generator", &place, None).unwrap());
    assert_eq!(tester.installed().len(), 1, "what is spoilt is replaced");
}

fn its_nics_are_known(tester: &Tester) {
    let tools = BTreeSet::from(["ping", "no-such-tool"]);
    let survey = Survey::take(&tester.agent(), &tester.destination(), &tools).unwrap();
    let nic = |name: &str| survey.nics.iter().find(|nic| nic.name == name).unwrap();
    assert_eq!(nic("port").in_use, None);
    assert_eq!(nic("port").driver, "veth");
    let why = nic("mgmt").in_use.as_deref();
    assert_eq!(why, Some("ssh comes over it, it has an address"));
    assert!(survey.nics.iter().all(|nic| nic.name != "lo"));
    let problems = survey.problems.join("\n");
    assert!(problems.contains("no-such-tool; there"), "{problems}");
    assert!(
        !problems.contains("ping") && !problems.contains("root's"),
        "{problems}"
    );
    assert!(
        survey
            .tool("ping")
            .is_some_and(|line| line.contains("iputils"))
    );
}

fn changes_there_are_undone(tester: &mut Tester) {
    let before = tester.state();
    let state = tester.path("state");
    let mut changes = Changes::open(&state, Box::new(Silent)).unwrap();
    change(&mut changes, tester);
    assert_ne!(tester.state(), before);
    assert_eq!(changes.undo(), Vec::<String>::new());
    assert_eq!(tester.state(), before);

    // A run that was killed: its journal, without the undoing.
    change(&mut changes, tester);
    let copy = tester.path("copy");
    assert!(run(&format!(
        "cp -a {} {}",
        state.display(),
        copy.display()
    )));
    tester.stop();
    let restored = restore(&copy, &mut |_| {}).unwrap();
    assert_eq!(restored.conflicts.len(), 5, "{restored:?}");
    let text = &restored.conflicts[0];
    assert!(text.contains("reaching root@tester by ssh"), "{text}");
    assert!(
        text.contains("once that host answers: vnicbench restore"),
        "{text}"
    );
    let reopened = Changes::open(&copy, Box::new(Silent));
    assert!(matches!(reopened, Err(HostError::Stale { changes: 5, .. })));
    tester.start();
    let restored = restore(&copy, &mut |_| {}).unwrap();
    assert_eq!(restored.conflicts, Vec::<String>::new());
    assert_eq!(tester.state(), before);
    // These find everything as it was.
    assert_eq!(changes.undo(), Vec::<String>::new());
}

/// What a topology does there.
fn change(changes: &mut Changes, tester: &Tester) {
    let place = Place::from(tester.destination());
    let up = |name: &str| Item::LinkUp {
        place: place.clone(),
        name: name.into(),
    };
    let address = |dev: &str, address: &str| Item::Address {
        place: place.clone(),
        dev: dev.into(),
        address: address.into(),
    };
    let made = Item::Link {
        place: place.clone(),
        name: "vnb-t-lower".into(),
        // Unlike a VLAN it needs no module.
        make: [
            "link",
            "add",
            "name",
            "vnb-t-lower",
            "type",
            "veth",
            "peer",
            "name",
            "vnb-t-upper",
        ]
        .map(str::to_owned)
        .into(),
    };
    let mtu = Item::Mtu {
        place: place.clone(),
        name: "port".into(),
    };
    changes
        .set(address("port", "198.18.0.1/24"), "present")
        .unwrap();
    changes.set(made, "present").unwrap();
    changes
        .set(address("vnb-t-lower", "198.18.64.1/24"), "present")
        .unwrap();
    changes.set(mtu, "1400").unwrap();
    changes.set(up("port"), "up").unwrap();
    let gone = Item::LinkUp {
        place: place.clone(),
        name: "no-such-port".into(),
    };
    assert!(changes.set(gone, "up").is_err());
}
