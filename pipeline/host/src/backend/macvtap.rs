use std::path::PathBuf;

use vnicbench_model::Instance;

use super::{Driver, NicOfGuest, Plug, QemuNic, Wire};
use crate::error::HostError;
use crate::nic::Ports;
use crate::place::Place;
use crate::topology::{Builder, Slot};

/// A macvtap on the PF, served by vhost-net: libvirt's "direct" interface. Where the PF is
/// the bridge's port it is on the bridge, since a port can't have both on top of it.
pub(crate) struct Macvtap;

impl Driver for Macvtap {
    fn modules(&self, _: Instance, _: &Ports) -> Vec<&'static str> {
        vec!["macvtap", "vhost_net"]
    }

    fn wire(&self) -> Wire {
        Wire::Pf
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        let below = builder.pf_segment(slot.vlan)?;
        let interface = slot.interface("mvt");
        let (mac, queues) = (slot.mac.as_str(), slot.queues.to_string());
        let words = [
            "link", "add", "link", &below, "name", &interface, "address", mac, "numrxqueues", &queues,
            "numtxqueues", &queues, "type", "macvtap", "mode", "bridge",
        ];
        builder.link(&Place::Here, &interface, &words)?;
        builder.up(&Place::Here, &interface)?;
        let index = builder.ifindex(&interface)?;
        let device = PathBuf::from(format!("/dev/tap{index}"));
        Ok(Plug::Device { interface, device })
    }

    fn qemu(&self, plug: &Plug, nic: &NicOfGuest<'_>) -> QemuNic {
        let Plug::Device { device, .. } = plug else {
            return QemuNic::default();
        };
        // A descriptor for each queue.
        let queues = nic.tuning.queues.unwrap_or(1) as usize;
        let numbers: Vec<String> = (nic.descriptor..).take(queues).map(|n| n.to_string()).collect();
        let how = match &numbers[..] {
            [one] => format!("fd={one}"),
            many => format!("fds={}", many.join(":")),
        };
        // QEMU counts the descriptors by itself.
        let argv = nic.virtio(&how, true);
        let argv = argv.into_iter().map(|word| match word.split_once(",queues=") {
            Some((netdev, _)) if word.starts_with("tap,") => netdev.to_owned(),
            _ => word,
        });
        QemuNic {
            argv: argv.collect(),
            open: vec![device.clone(); queues],
            ..QemuNic::default()
        }
    }
}
