//! Replicates on several threads.

use std::thread;

use crate::error::StatsError;

/// Threads there are processors for.
pub(crate) fn available() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// `function` of 0 to `count` - 1, in this order, made on up to `threads` threads, each
/// with a scratch space of its own.
///
/// A result may depend on its number alone, so all are the same on any number of threads.
/// Of several errors the one of the lowest number is returned; a result that isn't finite is
/// one.
pub(crate) fn replicates<S, F>(
    count: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    function: F,
) -> Result<Vec<f64>, StatsError>
where
    F: Fn(u64, &mut S) -> Result<f64, StatsError> + Sync,
{
    let mut results = vec![0.0; count];
    let work = |first: usize, part: &mut [f64]| -> Result<(), StatsError> {
        let mut space = scratch();
        for (offset, result) in part.iter_mut().enumerate() {
            *result = function((first + offset) as u64, &mut space)?;
            if !result.is_finite() {
                return Err(StatsError::Overflow {
                    statistic: "replicate of the bootstrap".to_owned(),
                });
            }
        }
        Ok(())
    };
    let size = count.div_ceil(threads.max(1)).max(1);
    if size >= count {
        work(0, &mut results)?;
        return Ok(results);
    }
    thread::scope(|scope| {
        let work = &work;
        let mut parts = results.chunks_mut(size).enumerate();
        // This thread takes the first part.
        let own = parts.next();
        let others: Vec<_> = parts
            .map(|(part, values)| scope.spawn(move || work(part * size, values)))
            .collect();
        let mut outcome = own.map_or(Ok(()), |(_, values)| work(0, values));
        for other in others {
            let result = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(result);
        }
        outcome
    })?;
    Ok(results)
}
