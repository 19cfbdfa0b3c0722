//! What of the host itself is set for the whole campaign.

use std::fs;
use std::path::Path;

use vnicbench_model::HostSpec;

use crate::error::HostError;
use crate::journal::Item;

/// The settings as changes, for the host whose `/sys/devices/system/cpu` is `cpus`.
///
/// # Errors
///
/// [`HostError::Unfit`] for one that this host doesn't have.
pub(super) fn settings(host: &HostSpec, cpus: &Path) -> Result<Vec<(Item, String)>, HostError> {
    let mut settings = Vec::new();
    let lacks = |what: &str| HostError::Unfit {
        problems: vec![format!(
            "the matrix sets {what}, which this host doesn't let the kernel set; take it out of [host]"
        )],
    };
    if let Some(governor) = &host.governor {
        let entries = fs::read_dir(cpus).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .map(|entry| entry.path().join("cpufreq/scaling_governor"))
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(lacks("the governor"));
        }
        settings.extend(
            files
                .into_iter()
                .map(|path| (Item::File { path }, governor.clone())),
        );
    }
    if let Some(turbo) = host.turbo {
        // Intel's driver has the switch the other way round.
        let switches = [("intel_pstate/no_turbo", !turbo), ("cpufreq/boost", turbo)];
        let switches = switches.map(|(file, on)| (cpus.join(file), on));
        let there = switches.into_iter().find(|(path, _)| path.is_file());
        let (path, on) = there.ok_or_else(|| lacks("turbo"))?;
        settings.push((Item::File { path }, u8::from(on).to_string()));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_processor_and_whichever_switch_there_is() {
        let sys = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| {
            let path = sys.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let host = HostSpec {
            governor: Some("performance".into()),
            turbo: Some(false),
        };
        let refusal = settings(&host, sys.path()).unwrap_err().to_string();
        assert!(refusal.contains("sets the governor"), "{refusal}");
        put("cpu0/cpufreq/scaling_governor", "powersave\n");
        put("cpu1/cpufreq/scaling_governor", "powersave\n");
        put("cpufreq/boost", "1\n");
        let states = |host: &HostSpec| -> Vec<(String, String)> {
            let settings = settings(host, sys.path()).unwrap();
            let shown = settings
                .into_iter()
                .map(|(item, state)| (item.to_string(), state));
            shown.collect()
        };
        let found = states(&host);
        assert_eq!(found.len(), 3);
        assert!(
            found[2].0.contains("boost") && found[2].1 == "0",
            "{found:?}"
        );
        put("intel_pstate/no_turbo", "0\n");
        let found = states(&host);
        assert!(
            found[2].0.contains("no_turbo") && found[2].1 == "1",
            "{found:?}"
        );
        assert!(states(&HostSpec::default()).is_empty());
    }
}
