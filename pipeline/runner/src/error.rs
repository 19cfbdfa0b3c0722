use vnicbench_host::HostError;
use vnicbench_model::StoreError;

/// What ends a campaign before its plan does. A trial that fails doesn't.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The host can't, or something on it failed.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Raw logs can't be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runner in the test host ended badly; it has said why.
    #[error("the runner in the emulated test host failed: {0}")]
    Inner(String),
}

impl RunError {
    /// Whether someone asked for the end.
    pub fn is_interrupt(&self) -> bool {
        matches!(self, Self::Host(HostError::Interrupted))
    }
}
