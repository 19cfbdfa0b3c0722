//! A matrix becomes a plan, the plan trials, the trials a campaign under `raw/`.

mod campaign;
mod emulated;
mod error;
mod event;
mod fleet;
mod trial;
mod workload;

pub use campaign::{Request, check, run};
pub use emulated::{EmulatedRequest, run_emulated};
pub use error::RunError;
pub use event::{Event, Progress};
