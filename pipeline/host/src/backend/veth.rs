use vnicbench_model::Instance;

use super::{Driver, NicOfGuest, Plug, QemuNic, Wire};
use crate::error::HostError;
use crate::nic::Ports;
use crate::place::Place;
use crate::topology::{Builder, Slot};

/// A veth pair: one end on the bridge, the other in the container.
pub(crate) struct Veth;

impl Driver for Veth {
    fn modules(&self, _: Instance, _: &Ports) -> Vec<&'static str> {
        vec!["bridge", "veth"]
    }

    fn wire(&self) -> Wire {
        Wire::Bridge
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        let bridge = builder.bridge(slot.vlan)?;
        let (outer, inner) = (slot.interface("veth"), slot.interface("eth"));
        let namespace = slot.container.as_deref().unwrap_or_default();
        let words = [
            "link", "add", "name", &outer, "type", "veth", "peer", "name", &inner, "address", &slot.mac,
            "netns", namespace,
        ];
        builder.link(&Place::Here, &outer, &words)?;
        builder.join(&outer, &bridge)?;
        builder.up(&Place::Here, &outer)?;
        Ok(Plug::Inside)
    }

    fn qemu(&self, _: &Plug, _: &NicOfGuest<'_>) -> QemuNic {
        QemuNic::default()
    }
}
