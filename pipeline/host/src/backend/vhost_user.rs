use std::path::Path;

use vnicbench_model::{Instance, Tuning};

use super::{Driver, NicOfGuest, Plug, QemuNic, Wire};
use crate::error::HostError;
use crate::helper::Helper;
use crate::nic::Ports;
use crate::pin::allowed_cpus;
use crate::place::Place;
use crate::topology::{Builder, Slot};

/// DPDK's vhost-user back-end: a `dpdk-testpmd` for each NIC forwards between the guest's
/// queues and one end of a veth pair whose other end is on the bridge.
pub(crate) struct VhostUser;

/// Packets that can be under way in one testpmd; a burst has 32.
const BUFFERS: usize = 4096;
/// What testpmd needs besides its buffers, in MiB.
const BASE_MEMORY: usize = 32;
/// The largest MTU whose packets fit testpmd's own sizes of buffers.
const USUAL_MTU: usize = 1_900;
/// What DPDK's buffers have in front of a packet.
const HEADROOM: usize = 128;
/// The period of testpmd's statistics, in seconds. Without one it waits for a key, and ends
/// when its input does.
const STATISTICS: &str = "86400";

impl Driver for VhostUser {
    fn modules(&self, _: Instance, _: &Ports) -> Vec<&'static str> {
        vec!["bridge", "veth"]
    }

    fn wire(&self) -> Wire {
        Wire::Bridge
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        let bridge = builder.bridge(slot.vlan)?;
        let (outer, inner) = (slot.interface("veth"), slot.interface("dpdk"));
        // The packet socket takes frames as they would be on a wire: the kernel has to cut what
        // it has merged, and to write the checksums that it would leave to a NIC. And the host
        // must not answer for an address of its own at the end that stands in for the guest.
        let words = [
            "link", "add", "name", &outer, "gso_max_segs", "1", "type", "veth", "peer", "name", &inner, "arp",
            "off",
        ];
        builder.link(&Place::Here, &outer, &words)?;
        builder.without(&outer, "tx")?;
        builder.join(&outer, &bridge)?;
        builder.up(&Place::Here, &outer)?;
        builder.up(&Place::Here, &inner)?;
        Ok(Plug::Veth { outer, inner })
    }

    fn qemu(&self, plug: &Plug, nic: &NicOfGuest<'_>) -> QemuNic {
        let Plug::Veth { inner, .. } = plug else {
            return QemuNic::default();
        };
        let (index, socket) = (nic.index, nic.socket);
        let chardev = format!("socket,id=vhost{index},path={}", socket.display());
        let mut argv = vec!["-chardev".to_owned(), chardev];
        argv.extend(nic.virtio_over("vhost-user", &format!("chardev=vhost{index}")));
        QemuNic {
            argv,
            shared_memory: true,
            helper: Some(Helper {
                program: "dpdk-testpmd",
                arguments: testpmd(inner, socket, nic.tuning, &allowed_cpus()),
                socket: socket.to_owned(),
            }),
            ..QemuNic::default()
        }
    }
}

/// testpmd's arguments: those of DPDK's environment, `--`, its own.
fn testpmd(interface: &str, socket: &Path, tuning: &Tuning, cpus: &[usize]) -> Vec<String> {
    let queues = tuning.queues.unwrap_or(1);
    let cpus: Vec<String> = cpus.iter().map(usize::to_string).collect();
    let cpus = match &cpus[..] {
        [] => "0".to_owned(),
        cpus => cpus.join(","),
    };
    let mut packet_socket = format!("net_af_packet0,iface={interface},qpairs={queues}");
    let mut own = Vec::new();
    let mut memory = BASE_MEMORY + BUFFERS * 4096 / (1 << 20);
    let mtu = tuning.mtu.unwrap_or_default() as usize;
    if mtu > USUAL_MTU {
        // A whole number of pages for each frame, with room for the kernel's header.
        let frame = (mtu + 256).next_multiple_of(4096);
        packet_socket.push_str(&format!(",blocksz={frame},framesz={frame}"));
        own.push(format!("--mbuf-size={}", frame + HEADROOM));
        memory = BASE_MEMORY + BUFFERS * (frame + 1024) / (1 << 20);
    }
    let environment = [
        // Its own number for each thread; where they run is the scheduler's choice, as with
        // QEMU's, or the testpmds of all guests would be on the same two CPUs.
        "--lcores".to_owned(),
        format!("0@({cpus}),1@({cpus})"),
        "--no-pci".into(),
        "--no-huge".into(),
        "-m".into(),
        memory.to_string(),
        // No files and sockets for other processes.
        "--no-shconf".into(),
        "--no-telemetry".into(),
        "--vdev".into(),
        format!("net_vhost0,iface={},queues={queues}", socket.display()),
        "--vdev".into(),
        packet_socket,
        "--".into(),
        "--forward-mode=io".into(),
        "--auto-start".into(),
        format!("--rxq={queues}"),
        format!("--txq={queues}"),
        format!("--total-num-mbufs={BUFFERS}"),
        format!("--stats-period={STATISTICS}"),
    ];
    environment.into_iter().chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tuning: &Tuning) -> QemuNic {
        let plug = Plug::Veth {
            outer: "vnb-veth7".into(),
            inner: "vnb-dpdk7".into(),
        };
        let nic = NicOfGuest {
            index: 1,
            descriptor: 3,
            mac: "02:00:00:00:00:07",
            tuning,
            socket: Path::new("/tmp/x/nic7"),
        };
        VhostUser.qemu(&plug, &nic)
    }

    #[test]
    fn qemu_and_testpmd_meet_at_the_socket() {
        let nic = words(&Tuning::default());
        assert!(nic.shared_memory && nic.open.is_empty());
        assert_eq!(
            nic.argv.join(" "),
            "-chardev socket,id=vhost1,path=/tmp/x/nic7 -netdev vhost-user,id=net1,chardev=vhost1 \
             -device virtio-net-pci,netdev=net1,mac=02:00:00:00:00:07,romfile="
        );
        let helper = nic.helper.unwrap();
        assert_eq!(helper.socket, Path::new("/tmp/x/nic7"));
        let has = |word: &str| helper.arguments.iter().any(|argument| argument == word);
        assert!(has("net_vhost0,iface=/tmp/x/nic7,queues=1"));
        assert!(has("net_af_packet0,iface=vnb-dpdk7,qpairs=1"));
        // Neither huge pages, nor the host's own NICs, nor files of its own.
        assert!(has("--no-huge") && has("--no-pci") && has("--no-shconf"));
    }

    #[test]
    fn levers_reach_both_sides() {
        let nic = words(&Tuning {
            queues: Some(2),
            mtu: Some(9000),
            ..Tuning::default()
        });
        assert!(nic.argv.iter().any(|word| word == "vhost-user,id=net1,chardev=vhost1,queues=2"));
        assert!(nic.argv.iter().any(|word| word.ends_with(",mq=on,vectors=6,host_mtu=9000")));
        let arguments = nic.helper.unwrap().arguments;
        let has = |word: &str| arguments.iter().any(|argument| argument == word);
        assert!(has("net_vhost0,iface=/tmp/x/nic7,queues=2"));
        assert!(has("net_af_packet0,iface=vnb-dpdk7,qpairs=2,blocksz=12288,framesz=12288"));
        assert!(has("--rxq=2") && has("--txq=2") && has("--mbuf-size=12416"));
    }

    #[test]
    fn its_threads_may_run_on_each_cpu() {
        let of = |cpus: &[usize]| testpmd("x", Path::new("s"), &Tuning::default(), cpus)[1].clone();
        assert_eq!(of(&[0, 2, 3]), "0@(0,2,3),1@(0,2,3)");
        assert_eq!(of(&[]), "0@(0),1@(0)");
    }
}
