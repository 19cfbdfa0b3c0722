//! A matrix becomes a plan, the plan trials, the trials a campaign under `raw/`.

mod campaign;
mod emulated;
mod error;
mod event;
mod execution;
mod faults;
mod fleet;
mod phases;
mod tester;
mod trial;
mod workload;

pub use campaign::{Fitted, Request, Widest, check, run};
pub use emulated::{EmulatedRequest, Task, run_emulated};
pub use error::RunError;
pub use event::{Event, Progress};
pub use faults::{FAULT_MATRIX, FaultReport, FaultRequest, FaultResult, faults, power_cut};
