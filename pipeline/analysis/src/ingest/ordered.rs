//! Work on many threads whose results come in the order of the work.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Results of one job that wait to be taken; more of them stop its worker.
const WAITING: usize = 4;
/// Jobs that may be done before the one whose results are being taken.
const AHEAD: usize = 1024;

/// Does each of `jobs` on one of `workers` threads and hands what `work` sends to `take`: first
/// all of the first job, then all of the second, and so on, whichever was done first. No more
/// is held than a few results of a few jobs, but for small jobs, which may run ahead.
///
/// # Errors
///
/// The first error of `take`, which ends the work: what is sent later is dropped.
pub(crate) fn in_order<J: Send, T: Send, E>(
    jobs: impl Iterator<Item = J> + Send,
    workers: usize,
    work: impl Fn(J, &dyn Fn(T)) + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let (queue, queued) = sync_channel::<(J, SyncSender<T>)>(workers);
    let (order, ordered) = sync_channel::<Receiver<T>>(AHEAD);
    let queued = Mutex::new(queued);
    let worker = || {
        loop {
            // A worker that panicked was not holding the lock, but for its own wait.
            let next = match queued.lock() {
                Ok(queued) => queued.recv(),
                Err(_) => return,
            };
            let Ok((job, results)) = next else { return };
            work(job, &|result| {
                // Nobody takes any more once there was an error.
                let _ = results.send(result);
            });
        }
    };
    thread::scope(|scope| {
        scope.spawn(move || {
            for job in jobs {
                let (results, taken) = sync_channel(WAITING);
                if order.send(taken).is_err() || queue.send((job, results)).is_err() {
                    return;
                }
            }
        });
        for _ in 0..workers {
            scope.spawn(worker);
        }
        let taken = ordered.iter().flatten().try_for_each(&mut take);
        drop(ordered);
        taken
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn run(workers: usize, fail_at: Option<u64>) -> Result<Vec<u64>, u64> {
        let mut taken = Vec::new();
        let work = |job: u64, send: &dyn Fn(u64)| {
            thread::sleep(Duration::from_micros(job * 7919 % 500));
            (0..job % 10).for_each(|part| send(job * 10 + part));
        };
        in_order(0..300, workers, work, |result| {
            if fail_at == Some(result) {
                return Err(result);
            }
            taken.push(result);
            Ok(())
        })?;
        Ok(taken)
    }

    #[test]
    fn order_is_the_jobs() {
        let alone = run(1, None).unwrap();
        assert_eq!(alone.len(), 30 * 45);
        assert!(alone.is_sorted());
        assert_eq!(run(7, None).unwrap(), alone);
    }

    #[test]
    fn an_error_ends_all() {
        assert_eq!(run(4, Some(1231)).err(), Some(1231));
    }
}
