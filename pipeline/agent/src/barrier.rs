//! Runs that start together.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::message::Barrier;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The barriers of a session, by name. They stay, so that a name used again is noticed.
#[derive(Debug, Default)]
pub(crate) struct Barriers(Mutex<HashMap<String, Arc<Gate>>>);

impl Barriers {
    pub(crate) fn gate(&self, barrier: &Barrier) -> Arc<Gate> {
        let mut gates = lock(&self.0);
        let gate = gates.entry(barrier.name.clone()).or_insert_with(|| {
            Arc::new(Gate {
                parties: barrier.parties,
                state: Mutex::default(),
                changed: Condvar::new(),
            })
        });
        Arc::clone(gate)
    }
}

/// What the runs of one barrier wait at.
#[derive(Debug)]
pub(crate) struct Gate {
    parties: u32,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
enum State {
    /// So many have arrived.
    Waiting(u32),
    Open,
    /// It will never open; why.
    Shut(String),
}

impl Default for State {
    fn default() -> Self {
        State::Waiting(0)
    }
}

impl Gate {
    /// Keeps a gate that isn't open yet from ever being so.
    pub(crate) fn shut(&self, why: &str) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Waiting(_)) {
            *state = State::Shut(why.to_owned());
            self.changed.notify_all();
        }
    }

    /// Arrives and waits for the others.
    ///
    /// # Errors
    /// Why the gate doesn't open.
    pub(crate) fn pass(&self, barrier: &Barrier) -> Result<(), String> {
        if barrier.parties != self.parties {
            let (ours, first) = (barrier.parties, self.parties);
            self.shut(&format!("one run says {first} parties, another {ours}"));
        }
        let mut state = lock(&self.state);
        match &mut *state {
            State::Waiting(arrived) => {
                *arrived = arrived.saturating_add(1);
                if *arrived >= self.parties {
                    *state = State::Open;
                    self.changed.notify_all();
                }
            }
            State::Open => return Err("it was used before; give each start a new name".into()),
            State::Shut(_) => {}
        }
        let limit = Duration::from_millis(barrier.limit_ms);
        let waited = self
            .changed
            .wait_timeout_while(state, limit, |s| matches!(s, State::Waiting(_)));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if let State::Waiting(arrived) = *state {
            let why = format!(
                "only {arrived} of {} runs have arrived after {:.1} s",
                self.parties,
                limit.as_secs_f64()
            );
            *state = State::Shut(why);
            self.changed.notify_all();
        }
        match &*state {
            State::Shut(why) => Err(why.clone()),
            _ => Ok(()),
        }
    }
}
