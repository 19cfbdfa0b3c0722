//! The agent: the one way in which vnicbench runs anything, anywhere.
//!
//! The same request loop ([`serve()`]) is init of the measured guests and of the
//! emulated test host (over a virtio-serial port, see [`init`]) and an ordinary child
//! process for network namespaces and the host itself (over stdin and stdout, see
//! [`serve_stdio`]). The other end of the channel is a [`Session`].
//!
//! Programs are started by argument vector, never through a shell; each has a time
//! limit, its own process group and its two outputs kept apart. The channel is framed
//! ([`frame`]): what is lost or garbled on it is an error, not a wait without end.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod barrier;
mod cgroup;
mod children;
mod client;
mod exec;
pub mod frame;
pub mod init;
mod job;
mod kmod;
mod listening;
mod machine;
mod message;
mod nic;
mod port;
mod serve;

pub use client::{Command, Job, Output, Session, SessionError};
pub use exec::exec;
pub use frame::ProtocolError;
pub use message::{
    Barrier, Event, Exit, Hello, Info, Nic, NicReport, Protocol, Ready, Request, Run,
};
pub use serve::{Agent, serve, serve_stdio};
