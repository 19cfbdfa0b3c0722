use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use crate::ssh::Destination;
use crate::test_host::TestHost;

/// A made-up host; each test makes it as it should be and then takes something away.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn link(self, path: &str, target: &str) -> Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    fn without(self, path: &str) -> Self {
        let path = self.0.path().join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    fn root(&self) -> Root {
        Root::new(self.0.path())
    }
}

const MODULES: &str = "lib/modules/6.12/modules.dep";

/// A host that can run everything, tuned for measuring.
fn fit() -> Tree {
    let cpu = "sys/devices/system/cpu";
    Tree::new()
        .file("proc/self/status", "Name:\tx\nUid:\t1000\t0\t0\t0\n")
        .file("proc/sys/kernel/osrelease", "6.12\n")
        .file("proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu vmx\n")
        .file("proc/cmdline", "ro quiet\n")
        .file("proc/interrupts", " 1: 0 IR-IO-APIC 1-edge i8042\n")
        .file(
            "proc/meminfo",
            "MemTotal: 1 kB\nHugePages_Total: 8\nHugePages_Free: 6\nHugepagesize: 2048 kB\n",
        )
        .file("proc/swaps", "Filename Type\n")
        .file("usr/sbin/ip", "")
        .file("usr/sbin/modprobe", "")
        .file("usr/bin/ethtool", "")
        .file("dev/kvm", "")
        .file(
            MODULES,
            "kernel/net/bridge/bridge.ko.xz: kernel/net/llc/llc.ko.xz\nkernel/drivers/net/veth.ko:\n\
             kernel/drivers/vhost/vhost_net.ko:\nkernel/drivers/net/macvtap.ko.zst:\n\
             kernel/drivers/vfio/pci/vfio-pci.ko:\nkernel/drivers/vfio/vfio_iommu_type1.ko:\n\
             kernel/drivers/net/igbvf.ko:\n",
        )
        .file("lib/modules/6.12/modules.builtin", "kernel/drivers/net/tun.ko\n")
        .file(&format!("{cpu}/cpu0/cpufreq/scaling_governor"), "performance\n")
        .file(&format!("{cpu}/cpu1/cpufreq/scaling_governor"), "performance\n")
        .file(&format!("{cpu}/cpu2/topology/core_id"), "2\n")
        .file(&format!("{cpu}/cpu3/topology/core_id"), "3\n")
        .file(&format!("{cpu}/intel_pstate/no_turbo"), "1\n")
        .file(&format!("{cpu}/smt/active"), "0\n")
        .file(&format!("{cpu}/isolated"), "2-7\n")
        .file(
            "sys/devices/system/clocksource/clocksource0/current_clocksource",
            "tsc\n",
        )
        .file("sys/class/net/eth1/device/sriov_numvfs", "0\n")
        .file("sys/class/net/eth1/device/numa_node", "1\n")
        .file("sys/class/net/eth2/device/numa_node", "-1\n")
        .file("sys/bus/pci/devices/0000:01:00.0/class", "0x020000\n")
        .link(
            "sys/bus/pci/devices/0000:01:00.0/iommu_group",
            "../../../../kernel/iommu_groups/3",
        )
        .file("sys/bus/pci/devices/0000:00:01.0/class", "0x060400\n")
        .file("sys/kernel/iommu_groups/3/devices/0000:01:00.0", "")
        .file("sys/kernel/iommu_groups/3/devices/0000:00:01.0", "")
}

fn nic(name: &str, total_vfs: u32) -> Nic {
    Nic {
        name: name.into(),
        mac: String::new(),
        driver: "igb".into(),
        pci: (total_vfs > 0).then(|| "0000:01:00.0".into()),
        device: None,
        speed_mbps: None,
        total_vfs,
        up: false,
        in_use: None,
    }
}

/// Looks at a tree with a PF, its generator, and the facts changed.
fn examine_with(tree: &Tree, change: impl FnOnce(&mut Facts<'_>)) -> Diagnosis {
    let nics = [nic("eth1", 7), nic("eth2", 0)];
    examine_ports(tree, &nics, &PortSelection::default(), change)
}

fn examine_ports<'a>(
    tree: &Tree,
    nics: &'a [Nic],
    selection: &'a PortSelection,
    change: impl FnOnce(&mut Facts<'a>),
) -> Diagnosis {
    let search = vec![PathBuf::from("/usr/bin")].leak();
    let mut facts = Facts {
        nics: Ok(nics),
        selection,
        generator: None,
        search,
        boot: Boot::Works,
        qemu: Some("QEMU emulator version 10.0.2".into()),
        journal: None,
    };
    change(&mut facts);
    diagnose(&tree.root(), &facts)
}

fn examine(tree: &Tree) -> Diagnosis {
    examine_with(tree, |_| ())
}

/// The arms that can't run.
fn cannot(diagnosis: &Diagnosis) -> Vec<String> {
    let verdicts = diagnosis.backends.iter().filter(|verdict| !verdict.can);
    verdicts
        .map(|verdict| format!("{}-{}", verdict.backend, verdict.instance))
        .collect()
}

/// The worst finding of a check.
fn finding<'a>(diagnosis: &'a Diagnosis, check: &str) -> &'a Finding {
    let mut of_check = diagnosis.findings.iter();
    of_check.find(|finding| finding.check == check).unwrap()
}

#[test]
fn a_fit_host_can_run_everything() {
    let found = examine(&fit());
    let bad: Vec<&Finding> = found
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Ok)
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(cannot(&found), [""; 0]);
    assert_eq!(found.backends.len(), arms().count());
    assert_eq!(
        finding(&found, "sr-iov").text,
        "eth1: 7 VFs possible, 0 made, 7 free"
    );
    let nodes: Vec<_> = found
        .nics
        .iter()
        .map(|nic| (nic.numa_node, nic.role))
        .collect();
    assert_eq!(
        nodes,
        [(Some(1), Some("PF")), (None, Some("generator of the PF"))]
    );
}

#[test]
fn an_empty_host_is_survived_and_can_run_nothing() {
    let found = examine_with(&Tree::new(), |facts| {
        facts.nics = Err("no ip".into());
        facts.boot = Boot::NotTried("no".into());
        facts.qemu = None;
    });
    assert!(found.backends.iter().all(|verdict| !verdict.can));
    assert!(found.backends.iter().all(|verdict| !verdict.why.is_empty()));
    assert_eq!(finding(&found, "root").severity, Severity::Warning);
}

/// What is taken away or put in the way, which check tells, how bad it is, and what then
/// can't run.
#[test]
fn each_check_sees_what_is_wrong() {
    let cpu = "sys/devices/system/cpu";
    let vfio = ["sriov-vm"].as_slice();
    let vms = [
        "virtio-vm",
        "vhost-vm",
        "macvtap-vm",
        "vhost-user-vm",
        "sriov-vm",
    ]
    .as_slice();
    let none: &[&str] = &[];
    let all: Vec<String> = arms().map(|arm| arm.to_string()).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    use Severity::{Note, Problem, Warning};
    let pci = "sys/bus/pci/devices";
    let cases: Vec<(Tree, &str, Severity, &str, &[&str])> = vec![
        (
            fit().file("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n"),
            "root",
            Warning,
            "sudo vnicbench doctor",
            none,
        ),
        (fit().without("usr/sbin/ip"), "programs", Problem, "apt-get install iproute2", &all),
        (fit().without("usr/bin/ethtool"), "programs", Problem, "apt-get install ethtool", &["vhost-user-vm"]),
        (
            fit().without("usr/sbin/modprobe").file("sys/module/bridge/x", "").file("sys/module/veth/x", ""),
            "modules",
            Problem,
            "apt-get install kmod",
            &["vhost-vm", "macvtap-vm", "sriov-vm"],
        ),
        (
            fit().file(MODULES, "x/bridge.ko:\nx/veth.ko:\nx/vfio-pci.ko:\nx/vfio_iommu_type1.ko:\nx/macvtap.ko:\nx/igbvf.ko:\n"),
            "modules",
            Problem,
            "linux-image-amd64",
            &["vhost-vm", "macvtap-vm"],
        ),
        (
            fit().file(MODULES, "x/bridge.ko:\nx/veth.ko:\nx/vfio-pci.ko:\nx/vfio_iommu_type1.ko:\nx/macvtap.ko:\nx/vhost_net.ko:\n"),
            "modules",
            Problem,
            "linux-image-amd64",
            &["sriov-container"],
        ),
        (fit().without("lib/modules"), "modules", Warning, "modprobe", none),
        (
            fit().file("proc/sys/kernel/modules_disabled", "1\n"),
            "modules",
            Problem,
            "boot a kernel",
            &["virtio-vm", "vhost-vm", "macvtap-vm", "vhost-user-vm", "sriov-vm", "sriov-container", "veth-container"],
        ),
        (fit().without(&format!("{cpu}/cpu3")), "polling", Note, "", none),
        (fit().without("sys/kernel/iommu_groups"), "iommu", Problem, "intel_iommu=on", vfio),
        (
            fit().without("sys/kernel/iommu_groups").file("proc/cmdline", "intel_iommu=on\n"),
            "iommu",
            Problem,
            "asked for it already",
            vfio,
        ),
        (
            fit().without("sys/kernel/iommu_groups").file("proc/cpuinfo", "AuthenticAMD svm\n"),
            "iommu",
            Problem,
            "AMD-Vi",
            vfio,
        ),
        (
            fit().file("proc/interrupts", "1: 0 IO-APIC 1-edge\n2: 0 PCI-MSI-0000:00:04.0 0-edge\n"),
            "interrupt remapping",
            Problem,
            "allow_unsafe_interrupts",
            vfio,
        ),
        (
            fit()
                .file("proc/interrupts", "1: 0 IO-APIC 1-edge\n")
                .file("sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n"),
            "interrupt remapping",
            Warning,
            "",
            none,
        ),
        (fit().without("proc/interrupts"), "interrupt remapping", Note, "", none),
        (
            fit().file("sys/kernel/iommu_groups/3/devices/0000:02:00.0", ""),
            "iommu groups",
            Warning,
            "ACS",
            none,
        ),
        (
            fit()
                .link(&format!("{pci}/0000:01:00.0/virtfn0"), "../0000:01:10.0")
                .link(&format!("{pci}/0000:01:10.0/iommu_group"), "../../../../kernel/iommu_groups/4")
                .file("sys/kernel/iommu_groups/4/devices/0000:01:10.0", "")
                .file("sys/kernel/iommu_groups/4/devices/0000:01:10.2", ""),
            "iommu groups",
            Problem,
            "ACS",
            vfio,
        ),
        (
            fit().file("sys/class/net/eth1/device/sriov_numvfs", "3\n"),
            "sr-iov",
            Warning,
            "echo 0 > /sys/class/net/eth1/device/sriov_numvfs",
            none,
        ),
        (fit().without("dev/kvm"), "kvm", Problem, "modprobe kvm_intel", vms),
        (
            fit().without("dev/kvm").file("proc/cpuinfo", "AuthenticAMD svm\n"),
            "kvm",
            Problem,
            "modprobe kvm_amd",
            vms,
        ),
        (
            fit().file("sys/class/net/vnb-br/x", ""),
            "leftovers",
            Problem,
            "ip link delete dev vnb-br",
            &all,
        ),
        (
            fit().file("run/netns/vnb-gen", ""),
            "leftovers",
            Problem,
            "ip netns delete vnb-gen",
            &all,
        ),
        (
            fit().file(&format!("{cpu}/cpu1/cpufreq/scaling_governor"), "powersave\n"),
            "governor",
            Warning,
            "cpupower frequency-set -g performance",
            none,
        ),
        (
            fit()
                .without(&format!("{cpu}/cpu0/cpufreq"))
                .without(&format!("{cpu}/cpu1/cpufreq")),
            "governor",
            Note,
            "",
            none,
        ),
        (
            fit().file(&format!("{cpu}/intel_pstate/no_turbo"), "0\n"),
            "turbo",
            Note,
            "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo",
            none,
        ),
        (
            fit()
                .without(&format!("{cpu}/intel_pstate"))
                .file(&format!("{cpu}/cpufreq/boost"), "1\n"),
            "turbo",
            Note,
            "echo 0 > /sys/devices/system/cpu/cpufreq/boost",
            none,
        ),
        (
            fit().file(&format!("{cpu}/smt/active"), "1\n"),
            "smt",
            Note,
            "echo off > /sys/devices/system/cpu/smt/control",
            none,
        ),
        (fit().file(&format!("{cpu}/isolated"), "\n"), "isolated CPUs", Note, "isolcpus=", none),
        (
            fit().file(
                "sys/devices/system/clocksource/clocksource0/current_clocksource",
                "hpet\n",
            ),
            "clock source",
            Warning,
            "echo tsc",
            none,
        ),
        (
            fit().file("proc/cpuinfo", "GenuineIntel vmx hypervisor\n"),
            "machine",
            Warning,
            "",
            none,
        ),
        (
            fit().file("proc/meminfo", "HugePages_Total: 0\nHugePages_Free: 0\nHugepagesize: 2048 kB\n"),
            "huge pages",
            Note,
            "vm.nr_hugepages",
            none,
        ),
        (
            fit().file("proc/swaps", "Filename Type\n/dev/sda2 partition\n"),
            "swap",
            Warning,
            "swapoff -a",
            none,
        ),
    ];
    for (tree, check, severity, mend, stopped) in cases {
        let found = examine(&tree);
        let finding = finding(&found, check);
        assert_eq!(finding.severity, severity, "{finding:#?}");
        let said = finding.mend.as_deref().unwrap_or_default();
        assert!(said.contains(mend), "{finding:#?}");
        assert_eq!(said.is_empty(), mend.is_empty(), "{finding:#?}");
        let mut stopped = stopped.to_vec();
        let mut cannot = cannot(&found);
        stopped.sort_unstable();
        cannot.sort_unstable();
        assert_eq!(cannot, stopped, "{check}: {:#?}", found.backends);
    }
}

#[test]
fn kvm_is_what_a_boot_says() {
    let boot = |boot: Boot| {
        let found = examine_with(&fit(), |facts| facts.boot = boot);
        let kvm = finding(&found, "kvm");
        (kvm.severity, kvm.text.clone(), cannot(&found).len())
    };
    let (severity, text, stopped) = boot(Boot::Fails("it hangs".into()));
    assert_eq!((severity, stopped), (Severity::Problem, 5));
    assert!(text.contains("it hangs"), "{text}");
    let (severity, text, stopped) = boot(Boot::NotTried("no packages".into()));
    assert_eq!((severity, stopped), (Severity::Warning, 0));
    assert!(text.contains("no packages"), "{text}");
}

#[test]
fn a_journal_is_stale_if_it_is_there() {
    let tree = fit().file("var/lib/vnicbench/journal", "x");
    let with = |path: &'static str| {
        let found = examine_with(&tree, |facts| facts.journal = Some(Path::new(path)));
        finding(&found, "leftovers").clone()
    };
    assert_eq!(with("/none").severity, Severity::Ok);
    let stale = with("/var/lib/vnicbench/journal");
    assert_eq!(stale.severity, Severity::Problem);
    assert_eq!(stale.mend.as_deref(), Some("vnicbench restore"));
}

#[test]
fn ports_say_what_is_in_the_way_of_whom() {
    let look = |nics: &[Nic], selection: &PortSelection| {
        let found = examine_ports(&fit(), nics, selection, |_| ());
        (cannot(&found), finding(&found, "ports").clone())
    };
    let nobody = PortSelection::default();
    let mut routed = nic("eth1", 7);
    routed.in_use = Some("it carries the default route".into());

    // Two without SR-IOV: all but VFs, once it is said which is which.
    let (stopped, _) = look(&[nic("eth2", 0), nic("eth3", 0)], &nobody);
    assert_eq!(stopped, ["sriov-vm", "sriov-container"]);
    // More than are needed: which ones has to be said, and nothing is in the way.
    let (stopped, finding) = look(&[nic("eth1", 7), nic("eth2", 7), nic("eth3", 0)], &nobody);
    assert_eq!(stopped, [""; 0]);
    assert!(finding.text.contains("say which with --pf"), "{finding:?}");
    // The only one is in use.
    let (stopped, _) = look(std::slice::from_ref(&routed), &nobody);
    assert_eq!(stopped.len(), arms().count());
    // It is named, with and without --i-know.
    let nics = [routed, nic("eth2", 0)];
    let named = PortSelection {
        pf: Some("eth1".into()),
        ..PortSelection::default()
    };
    let (stopped, finding) = look(&nics, &named);
    assert_eq!(stopped.len(), arms().count());
    assert!(finding.text.contains("--i-know"), "{finding:?}");
    let known = PortSelection {
        i_know: true,
        ..named
    };
    assert_eq!(look(&nics, &known).0, [""; 0]);
}

#[test]
fn only_the_port_that_would_be_used_stops_anyone() {
    let mut other = nic("eth3", 8);
    other.driver = "strange".into();
    other.in_use = Some("it has an address".into());
    let nics = [nic("eth1", 7), nic("eth2", 0), other];
    let found = examine_ports(&fit(), &nics, &PortSelection::default(), |_| ());
    assert_eq!(cannot(&found), [""; 0]);
    let known = PortSelection {
        pf: Some("eth3".into()),
        i_know: true,
        generator: Some("eth2".into()),
        ..PortSelection::default()
    };
    let found = examine_ports(&fit(), &nics, &known, |_| ());
    assert_eq!(cannot(&found), ["sriov-vm", "sriov-container"]);
    let text = &finding(&found, "sr-iov").text;
    assert!(text.contains("the driver strange"), "{text}");
}

#[test]
fn a_generators_host_is_looked_at_too() {
    let nics = [nic("eth1", 7)];
    let selection = PortSelection {
        generator: Some("eth0".into()),
        generator_host: Some(Destination::new("tester".parse().unwrap())),
        ..PortSelection::default()
    };
    let survey = |problems: &[&str]| Survey::of("tester", vec![nic("eth0", 0)], problems);
    let fine = survey(&[]);
    let found = examine_ports(&fit(), &nics, &selection, |facts| {
        facts.generator = Some(Ok(&fine));
    });
    assert_eq!(cannot(&found), [""; 0]);
    let text = &finding(&found, "ports").text;
    assert!(text.contains("eth0 is the generator of the PF"), "{text}");

    let lacking = survey(&["tester has no iperf3"]);
    let states = [
        (Ok(&lacking), "tester has no iperf3"),
        (Err("no route to tester".to_owned()), "no route to tester"),
    ];
    for (state, said) in states {
        let found = examine_ports(&fit(), &nics, &selection, |facts| {
            facts.generator = Some(state);
        });
        assert_eq!(finding(&found, "generator's host").text, said);
        assert_eq!(cannot(&found).len(), arms().count());
    }
}

#[test]
fn concerns_name_arms_that_exist_or_will() {
    let arms: Vec<String> = arms().map(|arm| arm.to_string()).collect();
    let found = examine(&fit());
    for finding in &found.findings {
        for concern in &finding.concerns {
            let known = arms.iter().any(|arm| arm == concern) || *concern == "macvtap-vm";
            assert!(known, "{finding:?}");
        }
    }
}

/// The machine that runs the tests, whatever it is.
#[test]
fn this_machine_is_described_as_json() {
    let nics = crate::nic::nics();
    let facts = Facts {
        nics: nics.as_deref().map_err(ToString::to_string),
        selection: &TestHost::ports(),
        generator: None,
        search: &[PathBuf::from("/usr/bin")],
        boot: Boot::NotTried("this is a test".into()),
        qemu: None,
        journal: None,
    };
    let json = serde_json::to_value(diagnose(&Root::new("/"), &facts)).unwrap();
    let checks: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["check"].as_str())
        .collect();
    for check in ["kvm", "iommu", "kernel", "governor", "swap", "ports"] {
        assert!(checks.contains(&check), "no {check} in {checks:?}");
    }
    assert_eq!(json["backends"].as_array().unwrap().len(), arms().count());
}
