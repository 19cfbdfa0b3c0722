use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::*;
use crate::place::Place;

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl ChangeLog for Notes {
    fn making(&mut self, change: &ChangeRecord) -> Result<(), HostError> {
        let note = format!("{} -> {}", change.old, change.new);
        self.0.lock().unwrap().push(note);
        Ok(())
    }
    fn undone(&mut self, change: &ChangeRecord, failure: Option<&str>) {
        let note = format!("undone {} {}", change.entry, failure.unwrap_or_default());
        self.0.lock().unwrap().push(note);
    }
}

/// A state directory and files that stand for the host's.
struct Host(TempDir);

impl Host {
    fn new(files: &[(&str, &str)]) -> Self {
        let host = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(host.path(name), format!("{text}\n")).unwrap();
        }
        host
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn item(&self, name: &str) -> Item {
        Item::File {
            path: self.path(name),
        }
    }
    fn text(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(name)).unwrap();
        text.trim_end().to_owned()
    }
    fn state(&self) -> PathBuf {
        self.path("state")
    }
    fn journal(&self) -> PathBuf {
        self.state().join("host.jsonl")
    }
    fn open(&self) -> Result<Changes, HostError> {
        Changes::open(&self.state(), Box::new(Notes::default()))
    }
    fn restore(&self) -> Restored {
        restore(&self.state(), &mut |line| println!("{line}")).unwrap()
    }
}

/// Leaves the changes as a crash would.
fn crash(changes: Changes) {
    let Changes { made, ledger, .. } = &*std::mem::ManuallyDrop::new(changes);
    assert!(!made.is_empty());
    // The lock goes with the file; nothing else of a leaked value matters.
    ledger.release();
}

fn counts(restored: &Restored) -> (usize, usize, usize) {
    let Restored {
        undone,
        already,
        conflicts,
    } = restored;
    (*undone, *already, conflicts.len())
}

#[test]
fn items_of_older_journals_are_read() {
    let item = |text: &str| serde_json::from_str::<Item>(text).unwrap();
    let up = |place: Place| Item::LinkUp {
        place,
        name: "eth0".into(),
    };
    let texts = [
        (
            r#"{"what":"link-up","netns":null,"name":"eth0"}"#,
            Place::Here,
        ),
        (
            r#"{"what":"link-up","netns":"vnb-gen","name":"eth0"}"#,
            Place::Namespace("vnb-gen".into()),
        ),
        (
            r#"{"what":"link-up","netns":{"ssh":"root@tester"},"name":"eth0"}"#,
            crate::ssh::Destination::new("root@tester".parse().unwrap()).into(),
        ),
    ];
    for (text, place) in texts {
        assert_eq!(item(text), up(place.clone()));
        assert_eq!(serde_json::to_string(&up(place)).unwrap(), text);
    }
    assert!(
        serde_json::from_str::<Item>(r#"{"what":"link-up","netns":{"ssh":"-v"},"name":"a"}"#)
            .is_err()
    );
}

#[test]
fn undoes_backwards_and_leaves_no_journal() {
    let host = Host::new(&[("a", "1"), ("b", "x")]);
    let notes = Notes::default();
    let mut changes = Changes::open(&host.state(), Box::new(notes.clone())).unwrap();
    changes.set(host.item("a"), "2").unwrap();
    changes.set(host.item("b"), "y").unwrap();
    changes.set(host.item("a"), "3").unwrap();
    changes.set(host.item("b"), "y").unwrap();
    assert_eq!((host.text("a"), host.text("b")), ("3".into(), "y".into()));
    let lines = fs::read_to_string(host.journal()).unwrap();
    assert_eq!(
        lines.lines().count(),
        3,
        "what is so already is no change: {lines}"
    );
    assert!(lines.starts_with(r#"{"entry":1,"time":"2"#), "{lines}");
    assert!(changes.undo().is_empty());
    assert_eq!((host.text("a"), host.text("b")), ("1".into(), "x".into()));
    assert!(!host.journal().exists());
    let notes = notes.0.lock().unwrap();
    assert_eq!(
        *notes,
        [
            "1 -> 2",
            "x -> y",
            "2 -> 3",
            "undone 3 ",
            "undone 2 ",
            "undone 1 "
        ]
    );
}

#[test]
fn dropping_undoes() {
    let host = Host::new(&[("a", "1")]);
    host.open().unwrap().set(host.item("a"), "2").unwrap();
    assert_eq!(host.text("a"), "1");
    host.open().unwrap();
}

#[test]
fn the_journal_has_a_change_before_it_is_made() {
    let host = Host::new(&[]);
    // A file that can be read and not written: the change fails after its entry.
    let item = Item::File {
        path: "/proc/version".into(),
    };
    let mut changes = host.open().unwrap();
    changes.set(item, "x").unwrap_err();
    let lines = fs::read_to_string(host.journal()).unwrap();
    assert!(lines.contains(r#""path":"/proc/version""#), "{lines}");
    assert!(changes.undo().is_empty(), "it is as it was");
}

#[test]
fn a_change_that_cannot_be_noted_is_not_made() {
    struct Full;
    impl ChangeLog for Full {
        fn making(&mut self, _: &ChangeRecord) -> Result<(), HostError> {
            Err(HostError::Interrupted)
        }
        fn undone(&mut self, _: &ChangeRecord, _: Option<&str>) {}
    }
    let host = Host::new(&[("a", "1")]);
    let mut changes = Changes::open(&host.state(), Box::new(Full)).unwrap();
    changes.set(host.item("a"), "2").unwrap_err();
    drop(changes);
    assert_eq!(host.text("a"), "1");
    assert!(!host.journal().exists());
}

#[test]
fn a_value_that_does_not_stay_is_an_error_and_is_undone() {
    // It takes anything and holds nothing. As a state, "" is what it was before, too.
    let host = Host::new(&[]);
    let mut changes = host.open().unwrap();
    let item = Item::File {
        path: "/dev/null".into(),
    };
    let error = changes.set(item, "7").unwrap_err().to_string();
    assert_eq!(error, r#"setting /dev/null to "7": it is "" after that"#);
    assert!(changes.undo().is_empty());
}

#[test]
fn what_is_not_there_cannot_be_set() {
    let host = Host::new(&[]);
    let error = host
        .open()
        .unwrap()
        .set(host.item("none"), "1")
        .unwrap_err();
    assert!(error.to_string().ends_with("it isn't there"), "{error}");
    assert!(!host.path("none").exists());
}

#[test]
fn one_run_at_a_time() {
    let host = Host::new(&[("a", "1")]);
    let mut changes = host.open().unwrap();
    changes.set(host.item("a"), "2").unwrap();
    let error = host.open().err().unwrap().to_string();
    let process = format!(
        "another vnicbench runs here (process {})",
        std::process::id()
    );
    assert!(error.starts_with(&process), "{error}");
    let error = restore(&host.state(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, HostError::Busy { .. }), "{error}");
    assert_eq!(host.text("a"), "2");
}

#[test]
fn a_stale_journal_blocks_until_it_is_restored() {
    let host = Host::new(&[("a", "1"), ("b", "x"), ("gone", "1")]);
    let mut changes = host.open().unwrap();
    for (name, new) in [("a", "2"), ("b", "y"), ("gone", "2")] {
        changes.set(host.item(name), new).unwrap();
    }
    crash(changes);
    let error = host.open().err().unwrap().to_string();
    assert!(error.contains("left 3 changes"), "{error}");
    assert!(
        error.ends_with("put them back first: vnicbench restore"),
        "{error}"
    );
    fs::write(host.path("b"), "x\n").unwrap();
    fs::remove_file(host.path("gone")).unwrap();
    assert_eq!(counts(&host.restore()), (1, 2, 0));
    assert_eq!((host.text("a"), host.text("b")), ("1".into(), "x".into()));
    assert!(!host.path("gone").exists());
    assert_eq!(counts(&host.restore()), (0, 0, 0), "twice is fine");
    host.open().unwrap();
}

#[test]
fn someone_elses_value_is_reported_and_left() {
    let host = Host::new(&[("a", "1"), ("b", "x")]);
    let mut changes = host.open().unwrap();
    changes.set(host.item("a"), "2").unwrap();
    changes.set(host.item("b"), "y").unwrap();
    fs::write(host.path("a"), "9\n").unwrap();
    let failures = changes.undo();
    let expected = format!(
        "{a}: it was 1, this tool made it 2, and now it is 9, which someone else did, so it is left; to have it as it was: echo 1 > {a}",
        a = host.path("a").display()
    );
    assert_eq!(failures, [expected]);
    assert_eq!((host.text("a"), host.text("b")), ("9".into(), "x".into()));
    drop(changes);
    assert!(matches!(
        host.open(),
        Err(HostError::Stale { changes: 1, .. })
    ));
    assert_eq!(counts(&host.restore()), (0, 0, 1));
    fs::write(host.path("a"), "1\n").unwrap();
    assert_eq!(counts(&host.restore()), (0, 1, 0));
}

#[test]
fn a_cut_last_line_was_no_change() {
    let host = Host::new(&[("a", "1")]);
    let mut changes = host.open().unwrap();
    changes.set(host.item("a"), "2").unwrap();
    crash(changes);
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(host.journal())
        .unwrap();
    file.write_all(br#"{"entry":2,"time":"20"#).unwrap();
    assert_eq!(counts(&host.restore()), (1, 0, 0));

    // Also zeros, as a file system may leave them after a power cut.
    fs::write(host.journal(), [0; 40]).unwrap();
    host.open().unwrap();
}

#[test]
fn a_spoilt_journal_is_named_with_its_line() {
    let host = Host::new(&[]);
    drop(host.open().unwrap());
    fs::write(host.journal(), "nonsense\n{\"dropped\":1}\n").unwrap();
    let error = host.open().err().unwrap().to_string();
    assert!(error.contains("host.jsonl:1: "), "{error}");
}

#[test]
fn a_journal_that_others_can_write_is_not_obeyed() {
    use std::os::unix::fs::PermissionsExt;
    let host = Host::new(&[("a", "1")]);
    let mut changes = host.open().unwrap();
    changes.set(host.item("a"), "2").unwrap();
    crash(changes);
    fs::set_permissions(host.journal(), PermissionsExt::from_mode(0o666)).unwrap();
    let error = restore(&host.state(), &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("others can write it"), "{error}");
    assert_eq!(host.text("a"), "2");
}

#[test]
fn after_a_reboot_nothing_is_ours() {
    let host = Host::new(&[("a", "1")]);
    let mut changes = host.open().unwrap();
    changes.set(host.item("a"), "2").unwrap();
    crash(changes);
    let text = fs::read_to_string(host.journal()).unwrap();
    let mut record: ChangeRecord = serde_json::from_str(text.trim_end()).unwrap();
    record.boot = "another".into();
    fs::write(
        host.journal(),
        serde_json::to_string(&record).unwrap() + "\n",
    )
    .unwrap();
    assert_eq!(counts(&host.restore()), (0, 1, 0));
    assert_eq!(host.text("a"), "2");
}

#[test]
fn our_own_middle_is_known() {
    let host = Host::new(&[("sriov_numvfs", "2"), ("driver_override", "(null)")]);
    let mut changes = host.open().unwrap();
    changes.set(host.item("sriov_numvfs"), "4").unwrap();
    changes
        .set(host.item("driver_override"), "vfio-pci")
        .unwrap();
    // Killed between the two writes of the first undoing.
    fs::write(host.path("sriov_numvfs"), "0\n").unwrap();
    crash(changes);
    assert_eq!(counts(&host.restore()), (2, 0, 0));
    assert_eq!(host.text("sriov_numvfs"), "2");
    assert_eq!(host.text("driver_override"), "");
}

/// Not a test by itself: what [`killed_after_each_step`] kills.
#[test]
fn child_that_is_killed() {
    let Some(directory) = std::env::var_os("VNICBENCH_TEST_HOST").map(PathBuf::from) else {
        return;
    };
    let item = |name: &str| Item::File {
        path: directory.join(name),
    };
    let mut changes = Changes::open(&directory.join("state"), Box::new(Notes::default())).unwrap();
    changes.set(item("a"), "2").unwrap();
    changes.set(item("sriov_numvfs"), "4").unwrap();
    changes.set(item("a"), "3").unwrap();
    assert!(changes.undo().is_empty());
}

fn child(host: &Host, fault: &str) -> std::process::ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "journal::tests::child_that_is_killed"])
        .env("VNICBENCH_TEST_HOST", host.0.path())
        .env("VNICBENCH_FAULT", fault)
        .output()
        .unwrap()
        .status
}

#[test]
fn killed_after_each_step() {
    // Three changes and three drops.
    for step in 1..=7 {
        let host = Host::new(&[("a", "1"), ("sriov_numvfs", "2")]);
        let status = child(&host, &format!("kill:{step}"));
        if step <= 6 {
            assert_eq!(status.signal(), Some(9), "step {step}");
            if step == 1 {
                assert_eq!(host.text("a"), "1", "written down and not made yet");
            }
            let restored = host.restore();
            assert!(restored.conflicts.is_empty(), "{restored:?}");
        } else {
            assert!(status.success());
        }
        assert_eq!(
            (host.text("a"), host.text("sriov_numvfs")),
            ("1".into(), "2".into())
        );
        assert!(!host.journal().exists());
        host.open().unwrap();
    }
}

#[test]
fn restoring_is_killed_and_restored() {
    for step in 1..=3 {
        let host = Host::new(&[("a", "1"), ("sriov_numvfs", "2")]);
        child(&host, "kill:4");
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::tests::child_that_restores"])
            .env("VNICBENCH_TEST_HOST", host.0.path())
            .env("VNICBENCH_FAULT", format!("kill:{step}"))
            .output()
            .unwrap()
            .status;
        assert_eq!(status.signal(), (step <= 2).then_some(9));
        host.restore();
        assert_eq!(
            (host.text("a"), host.text("sriov_numvfs")),
            ("1".into(), "2".into())
        );
    }
}

/// Not a test by itself: what [`restoring_is_killed_and_restored`] kills.
#[test]
fn child_that_restores() {
    if let Some(directory) = std::env::var_os("VNICBENCH_TEST_HOST").map(PathBuf::from) {
        restore(&directory.join("state"), &mut |_| ()).unwrap();
    }
}

#[test]
fn a_busy_file_fails_the_run_and_not_the_undoing() {
    let host = Host::new(&[("a", "1"), ("sriov_numvfs", "2")]);
    // The second half of the change from 2 VFs to 4.
    assert!(!child(&host, "ebusy:3").success());
    assert_eq!(
        (host.text("a"), host.text("sriov_numvfs")),
        ("1".into(), "2".into())
    );
    assert!(!host.journal().exists());
}

#[test]
fn items_are_data() {
    let item = Item::Vf {
        pf: "ens1".into(),
        vf: 3,
        field: VfField::MaxTxRate,
    };
    let text = serde_json::to_string(&item).unwrap();
    assert_eq!(
        text,
        r#"{"what":"vf","pf":"ens1","vf":3,"field":"max-tx-rate"}"#
    );
    assert_eq!(serde_json::from_str::<Item>(&text).unwrap(), item);
}

#[test]
fn no_cgroup_is_all_processes() {
    for name in ["", "/", ".", "..", "a/../..", "/x"] {
        assert!(cgroup_path(name).is_err(), "{name:?}");
    }
}

/// With real interfaces and namespaces.
mod with_ip {
    use super::*;
    use crate::place::Place;

    fn ip(words: &str) -> bool {
        Command::new("ip")
            .args(words.split(' '))
            .output()
            .is_ok_and(|output| output.status.success())
    }

    /// Whether this machine lets us; says so if not.
    fn allowed(probe: &str) -> bool {
        let netns = format!("vnb-t-{probe}");
        let allowed =
            ip(&format!("netns add {netns}")) && ip(&format!("link add {netns} type bridge"));
        ip(&format!("link delete {netns}"));
        ip(&format!("netns delete {netns}"));
        if !allowed {
            println!("skipped: no namespaces or bridges may be made here");
        }
        allowed
    }

    fn place(netns: Option<&str>) -> Place {
        netns.map_or(Place::Here, |name| Place::Namespace(name.into()))
    }

    fn link(netns: Option<&str>, name: &str, make: &str) -> Item {
        Item::Link {
            place: place(netns),
            name: name.into(),
            make: make.split(' ').map(str::to_owned).collect(),
        }
    }

    fn up(netns: Option<&str>, name: &str) -> Item {
        Item::LinkUp {
            place: place(netns),
            name: name.into(),
        }
    }

    /// All that a topology does, on made-up ports; `tag` keeps tests apart.
    fn build(changes: &mut Changes, tag: &str) {
        let netns = format!("vnb-t-{tag}");
        let name = |part: &str| format!("vnb-t-{tag}{part}");
        let (bridge, tap, veth, peer, inner) =
            (name("b"), name("t"), name("v"), name("w"), name("l"));
        let inside = Some(netns.as_str());
        let port = name("p");
        let mut set = |item: Item, new: &str| changes.set(item, new).unwrap();
        set(
            Item::Namespace {
                name: netns.clone(),
            },
            "present",
        );
        set(
            link(
                None,
                &bridge,
                &format!("link add name {bridge} type bridge"),
            ),
            "present",
        );
        set(
            link(None, &tap, &format!("tuntap add dev {tap} mode tap")),
            "present",
        );
        let make = format!("link add name {veth} type veth peer name {peer} netns {netns}");
        set(link(None, &veth, &make), "present");
        let make = format!("link add name {inner} type bridge");
        set(link(inside, &inner, &make), "present");
        for each in [&tap, &veth] {
            set(Item::Master { name: each.clone() }, &bridge);
            set(up(None, each), "up");
        }
        set(
            Item::Mtu {
                place: Place::Here,
                name: veth.clone(),
            },
            "1400",
        );
        let mtu = Item::Mtu {
            place: Place::Namespace(netns.clone()),
            name: peer.clone(),
        };
        set(mtu.clone(), "1400");
        assert_eq!(mtu.read().unwrap().as_deref(), Some("1400"));
        set(up(inside, &peer), "up");
        let address = |netns: Option<&str>, dev: &str, address: &str| Item::Address {
            place: place(netns),
            dev: dev.into(),
            address: address.into(),
        };
        set(address(None, &bridge, "198.18.77.1/24"), "present");
        set(address(inside, &peer, "198.18.77.2/24"), "present");
        set(address(inside, &peer, "fd77:0::2/64"), "present");
        // The port is somebody's: it was up before.
        set(up(None, &port), "down");
        let address = std::path::Path::new("/sys/class/net")
            .join(&port)
            .join("address");
        let mac = std::fs::read_to_string(address).unwrap().trim().to_owned();
        let name = port.clone();
        set(Item::LinkNamespace { name, mac }, &netns);
        set(up(inside, &port), "up");
    }

    /// What [`build`] has touched.
    fn state(tag: &str) -> Vec<(String, String)> {
        let state = host_state(&[]);
        let ours = format!("vnb-t-{tag}");
        state
            .into_iter()
            .filter(|(key, _)| key.contains(&ours))
            .collect()
    }

    fn with_port(tag: &str, test: impl FnOnce(&Host)) {
        if !allowed(&format!("{tag}x")) {
            return;
        }
        // A veth end stands for a physical port.
        let port = format!("vnb-t-{tag}p");
        let other = format!("vnb-t-{tag}q");
        assert!(ip(&format!(
            "link add name {port} type veth peer name {other}"
        )));
        assert!(ip(&format!("link set dev {port} up")));
        let _gone = Gone(tag.to_owned());
        let before = state(tag);
        assert_eq!(before.len(), 2);
        test(&Host::new(&[]));
        assert_eq!(before, state(tag));
    }

    /// Takes the made-up port away, also after a failure.
    struct Gone(String);

    impl Drop for Gone {
        fn drop(&mut self) {
            ip(&format!("link delete vnb-t-{}q", self.0));
            ip(&format!("netns delete vnb-t-{}", self.0));
        }
    }

    #[test]
    fn builds_and_undoes() {
        with_port("a", |host| {
            let mut changes = host.open().unwrap();
            build(&mut changes, "a");
            assert!(state("a").len() > 4);
            assert_eq!(changes.undo(), Vec::<String>::new());
            assert!(!host.journal().exists());
        });
    }

    #[test]
    fn restores_after_a_crash() {
        with_port("c", |host| {
            let mut changes = host.open().unwrap();
            build(&mut changes, "c");
            let count = changes.made.len();
            crash(changes);
            let restored = host.restore();
            assert_eq!(restored.conflicts, Vec::<String>::new());
            assert_eq!(restored.undone + restored.already, count);
        });
    }

    #[test]
    fn restores_what_lost_its_carrier() {
        with_port("g", |host| {
            let mut changes = host.open().unwrap();
            build(&mut changes, "g");
            crash(changes);
            // Somebody has cleaned up by hand; the port is a veth, which goes with the
            // namespace, so it is taken out first.
            let pid = std::process::id();
            assert!(ip(&format!("-n vnb-t-g link set dev vnb-t-gp netns {pid}")));
            assert!(ip("netns delete vnb-t-g"));
            assert!(ip("link delete vnb-t-gb"));
            let restored = host.restore();
            assert_eq!(restored.conflicts, Vec::<String>::new());
        });
    }

    #[test]
    fn a_cgroup_ends_its_processes() {
        let name = format!("vnicbench-t-{}", std::process::id());
        let allowed = cgroup_path(&name)
            .is_ok_and(|path| fs::create_dir(&path).is_ok() && fs::remove_dir(&path).is_ok());
        if !allowed {
            println!("skipped: no cgroups of version 2 may be made here");
            return;
        }
        let path = cgroup_path(&name).unwrap();
        let host = Host::new(&[]);
        let mut changes = host.open().unwrap();
        changes
            .set(Item::Cgroup { name: name.clone() }, "present")
            .unwrap();
        let mut sleeper = Command::new("sleep").arg("100").spawn().unwrap();
        let below = path.join("below");
        fs::create_dir(&below).unwrap();
        fs::write(below.join("cgroup.procs"), sleeper.id().to_string()).unwrap();
        crash(changes);
        assert_eq!(counts(&host.restore()), (1, 0, 0));
        assert_eq!(sleeper.wait().unwrap().signal(), Some(9));
        assert!(!path.exists());
    }
}
