//! `vnicbench`: reads arguments, calls the other crates, prints.

mod arguments;
mod compare;
mod doctor;
mod environment;
mod faults;
mod images;
mod ingest;
mod package;
mod parse;
mod plan;
mod progress;
mod report;
mod restore;
mod run;
mod stat;
mod trees;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// Exit codes of the command line; 0 is done, 130 interrupted and restored.
mod exit {
    /// Usage, or input that can't be used.
    pub(crate) const INPUT: u8 = 2;
    /// A result says no.
    pub(crate) const NO: u8 = 1;
    /// The machine can't.
    pub(crate) const MACHINE: u8 = 3;
    /// Interrupted, and everything undone.
    pub(crate) const INTERRUPTED: u8 = 130;
}

/// What a command that ran to its end has to say.
enum Verdict {
    /// Done.
    Yes,
    /// Done, and the result says no.
    No,
    /// Done, and the result says that the machine can't.
    Cannot,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Reproduce(reproduce) => run::reproduce(&reproduce),
        Command::Run(run) => run::run(&run),
        Command::Doctor(doctor) => doctor::doctor(&doctor),
        Command::Restore(restore) => restore::restore(&restore),
        Command::Faults(faults) => faults::faults(&faults),
        Command::Plan(plan) => plan::plan(&plan),
        Command::Report(report) => report::report(&report),
        Command::Package(package) => package::package(&package),
        Command::Stat(stat) => stat::stat(&stat),
        Command::Ingest(ingest) => ingest::ingest(&ingest),
        Command::Parse(parse) => parse::parse(&parse),
        Command::Compare(compare) => compare::compare(&compare),
        Command::Verify(verify) => verify::verify(&verify),
        Command::Lock(lock) => run::lock(&lock),
        Command::Images(arguments) => images::images(&arguments),
    };
    match result {
        Ok(Verdict::Yes) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(exit::NO),
        Ok(Verdict::Cannot) => ExitCode::from(exit::MACHINE),
        Err(error) => fail(&error),
    }
}

/// Prints the chain of causes and chooses the exit code by the kind of error.
fn fail(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(|cause| {
        cause
            .downcast_ref::<vnicbench_runner::RunError>()
            .is_some_and(|e| e.is_interrupt())
    }) {
        progress::say("vnicbench: interrupted; everything is as it was before");
        return ExitCode::from(exit::INTERRUPTED);
    }
    progress::say(&format!("vnicbench: {error:#}"));
    let machine = error.chain().any(|cause| {
        cause.is::<vnicbench_runner::RunError>()
            || cause.is::<vnicbench_images::ImageError>()
            || cause.is::<vnicbench_host::HostError>()
    });
    ExitCode::from(if machine { exit::MACHINE } else { exit::INPUT })
}
