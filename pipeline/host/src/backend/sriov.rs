use vnicbench_model::Instance;

use super::{Driver, NicOfGuest, Plug, QemuNic, Wire, vf_driver};
use crate::error::HostError;
use crate::journal::{Item, VfField};
use crate::nic::Ports;
use crate::topology::{Builder, Slot};

/// A VF of the PF: by VFIO in a VM, by its host driver's interface in a container.
pub(crate) struct Sriov;

impl Driver for Sriov {
    fn modules(&self, instance: Instance, ports: &Ports) -> Vec<&'static str> {
        match instance {
            // Without vfio_iommu_type1 VFIO finds "no available IOMMU models".
            Instance::Vm => vec!["vfio_iommu_type1", "vfio_pci"],
            _ => vf_driver(ports).into_iter().collect(),
        }
    }

    fn wire(&self) -> Wire {
        Wire::Pf
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        let vf = builder.next_vf()?;
        let pf = builder.ports.pf.name.clone();
        let set = |field| Item::Vf {
            pf: pf.clone(),
            vf: vf.number,
            field,
        };
        builder.set(set(VfField::Mac), &slot.mac)?;
        if let Some(vlan) = slot.vlan {
            builder.set(set(VfField::Vlan), &vlan.to_string())?;
        }
        match &slot.container {
            None => builder.bind(&vf.pci, "vfio-pci")?,
            Some(namespace) => {
                let driver = vf_driver(builder.ports).unwrap_or_default();
                builder.bind(&vf.pci, driver)?;
                builder.move_vf(&vf.pci, driver, namespace)?;
                return Ok(Plug::Inside);
            }
        }
        Ok(Plug::Pci(vf.pci))
    }

    fn qemu(&self, plug: &Plug, _: &NicOfGuest<'_>) -> QemuNic {
        let Plug::Pci(pci) = plug else {
            return QemuNic::default();
        };
        QemuNic {
            argv: vec!["-device".into(), format!("vfio-pci,host={pci}")],
            ..QemuNic::default()
        }
    }

    fn guest_driver(&self, ports: &Ports) -> Option<&'static str> {
        vf_driver(ports)
    }
}
