//! What a made-up host would measure.

use vnicbench_model::{Backend, Cell, Instance, Neighbour, NeighbourAt, Workload};

use crate::noise::Noise;

/// What the NIC carries, in bit/s.
const LINE: f64 = 9.41e9;

/// A trial's numbers, before what varies within it.
pub(crate) struct Numbers {
    /// Median round-trip time in ms.
    pub(crate) rtt_ms: f64,
    /// Share of requests that are lost.
    pub(crate) loss: f64,
    /// What a measured NIC can carry in one direction, in bit/s.
    pub(crate) capacity: f64,
    /// Processors that the host keeps busy.
    pub(crate) busy: f64,
    /// Interrupts of the host in a second.
    pub(crate) interrupts: f64,
    /// Exits of all guests in a second.
    pub(crate) exits: f64,
}

/// Of a back-end: median RTT in ms, what one NIC carries in bit/s, busy processors of an
/// instance.
fn of_backend(backend: Backend) -> (f64, f64, f64) {
    match backend {
        Backend::Virtio => (0.132, 4.1e9, 0.62),
        Backend::Vhost => (0.094, 7.2e9, 0.45),
        Backend::Macvtap => (0.089, 7.8e9, 0.43),
        Backend::VhostUser => (0.058, 9.0e9, 1.05),
        Backend::Sriov => (0.049, LINE, 0.21),
        Backend::Veth => (0.041, LINE, 0.18),
        Backend::Native => (0.034, LINE, 0.15),
    }
}

impl Numbers {
    /// Of `nics` measured at once; blocks, cells and trials vary by themselves.
    pub(crate) fn of(cell: &Cell, block: u32, nics: usize, seed: u64, noise: &mut Noise) -> Self {
        let (mut rtt_ms, mut capacity, mut cpu) = of_backend(cell.arm.backend);
        if cell.arm.instance == Instance::Container {
            rtt_ms *= 0.8;
            cpu *= 0.7;
        }
        let setting = &cell.setting;
        let load = match setting.neighbour {
            Neighbour::Idle => 1.0,
            Neighbour::Cpu => 1.15,
            Neighbour::Memory => 1.25,
            Neighbour::Io => 1.1,
            Neighbour::Hdd => 1.3,
            Neighbour::NetworkRx => 1.9,
            Neighbour::NetworkTx => 2.3,
        };
        let at = match setting.neighbour_at {
            NeighbourAt::Vm => 1.0,
            NeighbourAt::Host => 1.2,
        };
        let tuned = if setting.tuning.is_some() { 0.93 } else { 1.0 };
        if let Workload::Ping {
            payload, interval, ..
        } = cell.workload
        {
            // What sleeps has to wake up.
            let asleep = if interval.seconds() > 0.02 { 1.35 } else { 1.0 };
            rtt_ms *= (1.0 + payload.0 as f64 / 9000.0) * asleep;
        }
        let several = nics as f64;
        let of_block = Noise::of(seed, &format!("block {block}")).factor(0.02);
        let of_trial = noise.factor(0.03);
        rtt_ms *= load * at * tuned * (1.0 + 0.02 * several) * of_block * of_trial;
        capacity = (capacity / load).min(LINE / several) / tuned * noise.factor(0.02);
        let busy = (cpu * several * load * tuned * of_block * noise.factor(0.02)).min(14.0);
        Self {
            rtt_ms,
            loss: if load > 1.5 { 4e-4 } else { 2e-5 },
            capacity,
            busy,
            interrupts: 21_000.0 * busy * noise.factor(0.02),
            exits: match cell.arm.instance {
                Instance::Vm if cell.arm.backend == Backend::Sriov => 900.0 * several,
                Instance::Vm => 31_000.0 * several * noise.factor(0.03),
                _ => 0.0,
            },
        }
    }
}
