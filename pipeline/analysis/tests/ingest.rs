//! Directories of anyone's logs, as tables.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use vnicbench_analysis::{Ingested, Layout, ingest};

const PING: &str = "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n\
    64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms\n\
    64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.123 ms\n\
    \n\
    --- 10.0.0.2 ping statistics ---\n\
    3 packets transmitted, 2 received, 33% packet loss, time 2003ms\n\
    rtt min/avg/max/mdev = 0.123/0.222/0.321/0.099 ms\n";
const CSV: &str = "20261123183259,10.0.0.1,43202,10.0.0.2,5001,1,0.0-1.0,1000,8000\n\
    20261123183300,10.0.0.1,43202,10.0.0.2,5001,1,1.0-2.0,3000,24000\n\
    20261123183300,10.0.0.1,43202,10.0.0.2,5001,1,0.0-2.0,4000,16000\n";
const STRESS: &str = "stress-ng: info:  [1] dispatching hogs: 1 cpu\n\
    stress-ng: metrc: [1] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s\n\
    stress-ng: metrc: [1] cpu              226734    120.00    121.16      0.83       1889.44         1858.70\n\
    stress-ng: info:  [1] successful run completed in 2 mins, 0.00 secs\n";

fn logs() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("vhost/16vm/ping-vm1.0.log", PING);
    write(
        "vhost/16vm/ping-vm1.1.log",
        &PING.replace("time=0.321", "time<1"),
    );
    write("virtio/2vm/iperf2-vm1.0.log", CSV);
    write("virtio/2vm/stress-ng-vm1.0.log", STRESS);
    write(
        "virtio/2vm/ping-vm2.0.log",
        "Connection to 10.0.0.1 closed.\n",
    );
    write("notes.txt", PING);
    dir
}

fn layout(dir: &Path) -> Layout {
    let path = dir.join("layout.toml");
    fs::write(
        &path,
        "paths = [\"{backend}/{vms}vm/{tool}-vm{vm}.{trial}.log\"]\n[factors]\nhost = \"lab\"\n",
    )
    .unwrap();
    Layout::read(&path).unwrap()
}

fn run(logs: &Path, layout: &Layout, out: &Path) -> Ingested {
    ingest(logs, layout, out, &mut |_, _| {}).unwrap()
}

fn read(out: &Path, name: &str) -> String {
    fs::read_to_string(out.join(name)).unwrap()
}

#[test]
fn paths_become_factors_and_logs_rows() {
    let (logs, out) = (logs(), tempfile::tempdir().unwrap());
    let layout = layout(out.path());
    let ingested = run(logs.path(), &layout, out.path());
    assert_eq!((ingested.logs, ingested.useful), (5, 4));
    assert_eq!(ingested.without_place, [logs.path().join("notes.txt")]);
    assert_eq!(ingested.unreadable, [""; 0]);
    assert_eq!(ingested.tables.len(), 14);
    assert_eq!(
        read(out.path(), "samples.csv"),
        "file,host,backend,vms,vm,trial,run,index,sequence,rtt_ms,censored,line\n\
         vhost/16vm/ping-vm1.0.log,lab,vhost,16,1,0,0,0,1,0.321,false,2\n\
         vhost/16vm/ping-vm1.0.log,lab,vhost,16,1,0,0,1,2,0.123,false,3\n\
         vhost/16vm/ping-vm1.1.log,lab,vhost,16,1,1,0,0,1,1.0,true,2\n\
         vhost/16vm/ping-vm1.1.log,lab,vhost,16,1,1,0,1,2,0.123,false,3\n"
    );
    assert_eq!(
        read(out.path(), "intervals.csv").lines().nth(2).unwrap(),
        "virtio/2vm/iperf2-vm1.0.log,lab,virtio,2,1,0,0,1,sent,1.0,2.0,3000,24000.0,,false,2"
    );
    let trials = read(out.path(), "trials.csv");
    assert_eq!(trials.lines().count(), 5);
    assert!(
        trials.contains(",10.0.0.2,3,2,0,0,0.123,0.222,0.321,0.099,"),
        "{trials}"
    );
    assert!(read(out.path(), "measures.csv").contains(",cpu,bogo-ops,226734.0,1,3\n"));
    let logs = read(out.path(), "logs.csv");
    assert!(
        logs.contains("ping-vm2.0.log,lab,virtio,2,2,0,ping,,unrecognised,0,0,"),
        "{logs}"
    );
    let bytes: u64 = logs
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').rev().skip(1).take(3))
        .map(|bytes| bytes.parse::<u64>().unwrap())
        .sum();
    let ping = 2 * PING.len() - "time=0.321".len() + "time<1".len();
    let rest = CSV.len() + STRESS.len() + "Connection to 10.0.0.1 closed.\n".len();
    assert_eq!(bytes as usize, ping + rest);
}

#[test]
fn the_same_logs_give_the_same_bytes() {
    let (logs, out) = (logs(), tempfile::tempdir().unwrap());
    for number in 0..200 {
        fs::write(
            logs.path().join(format!("{number}.log")),
            PING.repeat(number % 7),
        )
        .unwrap();
    }
    let ingested = run(logs.path(), &Layout::default(), out.path());
    // Its own results, in the same directory, are no logs.
    let inside = logs.path().join("tables");
    run(logs.path(), &Layout::default(), &inside);
    run(logs.path(), &Layout::default(), &inside);
    for path in ingested.tables {
        let name = path.file_name().unwrap();
        let bytes = fs::read(&path).unwrap();
        assert!(bytes == fs::read(inside.join(name)).unwrap(), "{name:?}");
    }
}

#[test]
fn nothing_there_is_nothing_written_of() {
    let (logs, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ingested = run(logs.path(), &Layout::default(), out.path());
    assert_eq!(ingested.logs, 0);
    assert_eq!(read(out.path(), "warnings.csv"), "file,kind,line,text\n");
    let none = logs.path().join("none");
    let missing = ingest(&none, &Layout::default(), out.path(), &mut |_, _| {});
    assert!(missing.unwrap_err().to_string().contains("cannot list"));
}
