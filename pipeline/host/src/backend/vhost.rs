use vnicbench_model::Instance;

use super::virtio::over_tap;
use super::{Driver, NicOfGuest, Plug, QemuNic, Wire};
use crate::error::HostError;
use crate::nic::Ports;
use crate::topology::{Builder, Slot};

/// A tap on the bridge, which the kernel's vhost-net reads and writes.
pub(crate) struct Vhost;

impl Driver for Vhost {
    fn modules(&self, _: Instance, _: &Ports) -> Vec<&'static str> {
        vec!["bridge", "tun", "vhost_net"]
    }

    fn wire(&self) -> Wire {
        Wire::Bridge
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        builder.tap(slot).map(Plug::Tap)
    }

    fn qemu(&self, plug: &Plug, nic: &NicOfGuest<'_>) -> QemuNic {
        over_tap(plug, nic, true)
    }
}
