//! `restore`: the host as it was before a run that was killed.

use anyhow::Result;
use vnicbench_host::journal;

use crate::Verdict;
use crate::arguments::Restore;

/// Undoes what the journal says was changed; a second time there is nothing left to do.
pub(crate) fn restore(arguments: &Restore) -> Result<Verdict> {
    let restored = journal::restore(&arguments.state.directory, &mut |text| eprintln!("{text}"))?;
    if arguments.json {
        println!("{}", serde_json::to_string(&restored)?);
    } else {
        println!(
            "{} undone, {} needed nothing, {} left",
            restored.undone,
            restored.already,
            restored.conflicts.len()
        );
    }
    for conflict in &restored.conflicts {
        eprintln!("left: {conflict}");
    }
    Ok(if restored.conflicts.is_empty() {
        Verdict::Yes
    } else {
        Verdict::No
    })
}
