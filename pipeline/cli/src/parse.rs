//! `parse`: logs to records.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use vnicbench_logs::{Document, Keep, Outcome, packed};

use crate::Verdict;
use crate::arguments::Parse;

/// Prints what each log holds. The result says no if one held nothing that could be read.
pub(crate) fn parse(arguments: &Parse) -> Result<Verdict> {
    let mut out = io::stdout().lock();
    let mut verdict = Verdict::Yes;
    for path in &arguments.files {
        let mut input: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
        };
        let read: Result<()> = packed::logs(&path.to_string_lossy(), &mut input, &mut |log| {
            let name = log.name().to_owned();
            let document = log.parse(arguments.tool, &mut Keep)?;
            if matches!(document.outcome, Outcome::Failed | Outcome::Unrecognised) {
                verdict = Verdict::No;
            }
            if arguments.json {
                writeln!(out, "{}", document.to_json(&name)?)?;
            } else {
                describe(&mut out, &name, &document)?;
            }
            Ok(())
        });
        match read {
            // Whoever reads has seen enough.
            Err(error) if is_broken_pipe(&error) => return Ok(verdict),
            other => {
                other.with_context(|| format!("cannot print what {} holds", path.display()))?
            }
        }
    }
    Ok(verdict)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn describe(out: &mut impl Write, name: &str, document: &Document) -> io::Result<()> {
    let tool = document
        .tool
        .map_or_else(|| "no known tool".to_owned(), |tool| tool.to_string());
    let outcome = word(&document.outcome);
    writeln!(
        out,
        "{}: {tool}, {}, {outcome}",
        printable(name),
        document.dialect
    )?;
    for run in document.ping_runs() {
        let to = run.destination.as_deref().unwrap_or("an unnamed host");
        let sent = run.transmitted.map_or_else(
            || "an unknown number".to_owned(),
            |transmitted| transmitted.to_string(),
        );
        writeln!(
            out,
            "  ping {}: {} of {sent} received, {} duplicates, {} errors",
            printable(to),
            run.received,
            run.duplicates,
            run.errors
        )?;
    }
    for run in document.throughput_runs() {
        let received = run.received.as_ref().map(|end| end.bits_per_second);
        let rate = received.or_else(|| run.sent.as_ref().map(|end| end.bits_per_second));
        let rate = rate.map_or_else(
            || "no rate".to_owned(),
            |rate| format!("{:.3} Mbit/s", rate / 1e6),
        );
        writeln!(
            out,
            "  {}, streams: {}, intervals: {}: {rate}",
            word(&run.protocol),
            run.streams,
            run.intervals.len()
        )?;
        if let Some(error) = &run.error {
            writeln!(out, "  error: {error:?}")?;
        }
    }
    for run in document.stress_runs() {
        for stressor in &run.stressors {
            let (name, rate) = (printable(&stressor.name), stressor.ops_per_real_s);
            writeln!(out, "  {name}: {} bogo-ops, {rate}/s", stressor.bogo_ops)?;
        }
    }
    for run in document.benchmark_runs() {
        let test = run.test.as_deref().unwrap_or("a test without a name");
        writeln!(out, "  {}:", printable(test))?;
        for measure in &run.measures {
            let (name, unit) = (printable(&measure.name), measure.unit.name());
            writeln!(out, "    {name}: {} {unit}", measure.value)?;
        }
    }
    for run in document.counter_runs() {
        let of = run.host.as_deref().unwrap_or("a host without a name");
        writeln!(
            out,
            "  {} of {}: {} samples",
            run.source,
            printable(of),
            run.total
        )?;
    }
    for warning in &document.warnings {
        let kind = word(&warning.kind);
        writeln!(out, "  line {}: {kind}: {:?}", warning.line, warning.text)?;
    }
    Ok(())
}

/// Without what a terminal would obey.
fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// The name that a level has in JSON.
fn word(level: &impl serde::Serialize) -> String {
    match serde_json::to_value(level) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "unknown".to_owned(),
    }
}
