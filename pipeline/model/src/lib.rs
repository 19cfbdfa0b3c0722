//! The vocabulary of vnicbench as types: units, the matrix, its cells and trials, and the
//! on-disk formats of a campaign.
//!
//! Nothing here measures, computes statistics or draws; the only I/O is reading and writing
//! the files whose formats are defined here.

pub mod backend;
pub mod campaign;
pub mod cell;
pub mod claims;
pub mod difference;
pub mod duration;
pub mod fault;
pub mod kit;
pub mod matrix;
mod place;
pub mod plan;
pub mod provenance;
pub mod roster;
mod schema;
pub mod store;
pub mod trial;
pub mod units;

pub use backend::Backend;
pub use campaign::{
    Artifact, Audit, Campaign, Environment, GeneratorAudit, NicAudit, Package, Testbed, Variant,
};
pub use cell::{
    Arm, Backing, Cell, Direction, Instance, Mix, Neighbour, NeighbourAt, Network, Protocol,
    Question, Route, Setting, Workload,
};
pub use claims::{Arms, Basis, Claim, ClaimDirection, Claims, ClaimsError, Estimand, Scope};
pub use difference::{Difference, differences, values};
pub use duration::{Estimate, Measured, Times, Typical, estimate};
pub use kit::{GuestKit, Kit, QemuKit, VersionError};
pub use matrix::{BootPolicy, Experiment, HostSpec, Matrix, MatrixError, Precision, Tuning};
pub use plan::{Plan, PlannedTrial};
pub use provenance::{Flake, Nixpkgs, Pin, Provenance, ProvenanceError};
pub use roster::{Member, NicNeed, Role, Roster};
pub use store::{CampaignDir, Digests, Stopped, StoreError, TrialDir, TrialState};
pub use trial::{CommandRecord, Phase, Trial, TrialOutcome};
pub use units::{BitRate, ByteSize, TimeSpan, UnitError};
