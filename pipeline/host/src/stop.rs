//! Being asked to stop: by Ctrl-C, by SIGTERM, or by whoever drives this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use vnicbench_agent::{Exit, Job};

use crate::error::HostError;

/// Shared by everything that waits.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Wraps the flag that a signal handler sets.
    pub fn new(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Whether someone asked.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error if someone asked.
    ///
    /// # Errors
    ///
    /// [`HostError::Interrupted`].
    pub fn check(&self) -> Result<(), HostError> {
        if self.requested() {
            Err(HostError::Interrupted)
        } else {
            Ok(())
        }
    }

    /// Waits for a job to end, or for the request to stop.
    ///
    /// # Errors
    ///
    /// [`HostError::Interrupted`], or what [`Job::wait`] says.
    pub fn wait(&self, job: &mut Job) -> Result<Exit, HostError> {
        loop {
            self.check()?;
            if let Some(exit) = job.wait_timeout(Duration::from_millis(200))? {
                return Ok(exit);
            }
        }
    }

    /// Sleeps, unless someone asks to stop.
    ///
    /// # Errors
    ///
    /// [`HostError::Interrupted`].
    pub fn sleep(&self, span: Duration) -> Result<(), HostError> {
        let until = Instant::now() + span;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }
}
