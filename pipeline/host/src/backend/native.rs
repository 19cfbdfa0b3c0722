use vnicbench_model::Instance;

use super::{Driver, NicOfGuest, Plug, QemuNic, Wire};
use crate::error::HostError;
use crate::nic::Ports;
use crate::place::Place;
use crate::topology::{Builder, Slot};

/// The PF itself answers; on the bridge if it is the bridge's port.
pub(crate) struct Native;

impl Driver for Native {
    fn modules(&self, _: Instance, _: &Ports) -> Vec<&'static str> {
        Vec::new()
    }

    fn wire(&self) -> Wire {
        Wire::Pf
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        let port = builder.pf_or_its_bridge();
        builder.address(&Place::Here, &port, &slot.address)?;
        Ok(Plug::Inside)
    }

    fn qemu(&self, _: &Plug, _: &NicOfGuest<'_>) -> QemuNic {
        QemuNic::default()
    }
}
