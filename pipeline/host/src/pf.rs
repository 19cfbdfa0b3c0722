//! What sets the drivers of SR-IOV NICs apart: data, so that another NIC is another line.
//!
//! Common to all of them, and so not in the table: `sriov_numvfs` takes another number only
//! after a 0 (the kernel's drivers/pci/iov.c answers EBUSY), and a VF has no link while its
//! PF is down.

/// A PF's driver, and what `ip link set PF vf N` can ask of it.
///
/// From the `net_device_ops` of each driver in Linux 6.12 (drivers/net/ethernet): `trust` is
/// `ndo_set_vf_trust`, `spoofchk` is `ndo_set_vf_spoofchk`, `link_state` is
/// `ndo_set_vf_link_state`, `rate` is `ndo_set_vf_rate`. mlx5_core has them in its legacy
/// mode, not in switchdev mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PfDriver {
    /// Driver of the PF.
    pub driver: &'static str,
    /// Driver of its VFs.
    pub vf_driver: &'static str,
    /// Whether a VF that was just made answers EAGAIN or EBUSY while it is still being
    /// reset (`i40e_ndo_set_vf_mac`, `ice_check_vf_ready_for_cfg`).
    pub busy_after_reset: bool,
    /// Whether a VF can be trusted.
    pub trust: bool,
    /// Whether the check for forged source addresses can be switched.
    pub spoofchk: bool,
    /// Whether a VF's link can be forced up or down; ixgbe since Linux 6.0.
    pub link_state: bool,
    /// Whether a VF's rate can be limited. The igb that QEMU emulates takes a limit and
    /// doesn't keep to it.
    pub rate: bool,
}

/// The drivers known.
pub const PF_DRIVERS: [PfDriver; 6] = [
    PfDriver {
        driver: "bnxt_en",
        vf_driver: "bnxt_en",
        busy_after_reset: false,
        trust: true,
        spoofchk: true,
        link_state: true,
        rate: true,
    },
    PfDriver {
        driver: "i40e",
        vf_driver: "iavf",
        busy_after_reset: true,
        trust: true,
        spoofchk: true,
        link_state: true,
        rate: true,
    },
    PfDriver {
        driver: "ice",
        vf_driver: "iavf",
        busy_after_reset: true,
        trust: true,
        spoofchk: true,
        link_state: true,
        rate: true,
    },
    PfDriver {
        driver: "igb",
        vf_driver: "igbvf",
        busy_after_reset: false,
        trust: true,
        spoofchk: true,
        link_state: false,
        rate: true,
    },
    PfDriver {
        driver: "ixgbe",
        vf_driver: "ixgbevf",
        busy_after_reset: false,
        trust: true,
        spoofchk: true,
        link_state: true,
        rate: true,
    },
    PfDriver {
        driver: "mlx5_core",
        vf_driver: "mlx5_core",
        busy_after_reset: false,
        trust: true,
        spoofchk: true,
        link_state: true,
        rate: true,
    },
];

impl PfDriver {
    /// The entry of a driver, if it is known.
    pub fn of(driver: &str) -> Option<&'static Self> {
        PF_DRIVERS.iter().find(|known| known.driver == driver)
    }

    /// The names of the drivers known.
    pub fn known() -> String {
        PF_DRIVERS.map(|known| known.driver).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_driver_once() {
        assert!(PF_DRIVERS.is_sorted_by(|a, b| a.driver < b.driver));
        assert_eq!(PfDriver::of("ice").unwrap().vf_driver, "iavf");
        assert_eq!(PfDriver::of("e1000e"), None);
    }
}
