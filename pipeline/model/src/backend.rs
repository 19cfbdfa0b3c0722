//! The back-ends, in one list that everything else is made from.

use crate::cell::{Instance, levels};

/// The list of back-ends, handed to the macro `$then` with `$extra` in front: the variant,
/// its name in files (and, with `_` for `-`, of its module in `vnicbench-host`), where it can
/// be, and what a report calls it. A new back-end is a line here and that module.
#[macro_export]
macro_rules! backends {
    ($then:path) => {
        $then! {
            /// Port to port on the host with no guest: the calibration.
            Native native "native" [Host] "native",
            /// virtio-net served by QEMU itself over a tap on a bridge.
            Virtio virtio "virtio" [Vm] "virtio",
            /// virtio-net served by the kernel's vhost-net over a tap on a bridge.
            Vhost vhost "vhost" [Vm] "vhost-net",
            /// virtio-net served by the kernel's vhost-net over a macvtap on the port.
            Macvtap macvtap "macvtap" [Vm] "macvtap",
            /// virtio-net served by DPDK, a poll-mode program beside QEMU, over a veth pair on a bridge.
            VhostUser vhost_user "vhost-user" [Vm] "vhost-user",
            /// An SR-IOV virtual function: by VFIO in a VM, moved to the namespace of a container.
            Sriov sriov "sriov" [Vm, Container] "VF",
            /// A veth pair on a bridge: what a container has in place of virtio.
            Veth veth "veth" [Container] "veth",
        }
    };
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident $module:ident $text:literal [$($instance:ident),*] $label:literal,)*) => {
        levels! {
            /// How an instance's NIC is made.
            Backend { $($(#[$doc])* $name = $text),* }
        }

        impl Backend {
            /// The instances that can have such a NIC.
            pub fn instances(self) -> &'static [Instance] {
                match self { $(Self::$name => &[$(Instance::$instance),*]),* }
            }

            /// What a report calls it.
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label),* }
            }
        }
    };
}

backends!(declare);
