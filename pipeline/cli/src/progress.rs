//! Shows events: a bar with the time left on a terminal, plain lines elsewhere, JSON for
//! whoever drives this program.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use vnicbench_runner::{Event, Progress};

/// The way to show events that fits standard error, or JSON lines on standard output.
pub(crate) fn choose(json: bool) -> Box<dyn Progress> {
    if json {
        Box::new(Json)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bar::new())
    } else {
        Box::new(Lines)
    }
}

/// Prints a line on standard error. Nobody may read it any more, which is no reason to
/// leave a host half undone.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Shows how many `things` of how many are done: a bar on a terminal, elsewhere a line for each
/// tenth.
pub(crate) fn counter(things: &str) -> impl FnMut(u64, u64) + use<> {
    let bar = std::io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::new(0);
        let shown = format!("{{bar:30}} {{pos}}/{{len}} {things}, {{eta}} left");
        match ProgressStyle::with_template(&shown) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    });
    let bar = bar.map(Bar);
    let things = things.to_owned();
    move |done, of| match &bar {
        Some(Bar(bar)) => {
            bar.set_length(of);
            bar.set_position(done);
        }
        None if done * 10 / of.max(1) > (done - 1) * 10 / of.max(1) => {
            say(&format!("{done}/{of} {things}"));
        }
        None => {}
    }
}

struct Json;

impl Progress for Json {
    fn event(&mut self, event: &Event) {
        if let Ok(line) = serde_json::to_string(event) {
            // A reader that is gone ends the campaign by its own means.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

/// What an event says in a line; none for those that only move a bar.
fn line(event: &Event) -> Option<String> {
    match event {
        Event::Step { text } => Some(text.clone()),
        Event::Campaign { name, trials } => Some(format!("campaign {name}: {trials} trials")),
        Event::GuestUp { name, seconds } => {
            Some(format!("guest {name} is up after {seconds:.1} s"))
        }
        Event::Trial {
            failure: Some(failure),
            directory,
            ..
        } => Some(format!("FAILED {directory}: {failure}")),
        // Of the latter the error that follows speaks.
        Event::Trial { .. } | Event::NoKvm { .. } => None,
        Event::Warning { text } => Some(format!("warning: {text}")),
    }
}

struct Lines;

impl Progress for Lines {
    fn event(&mut self, event: &Event) {
        if let Some(line) = line(event) {
            say(&line);
        }
        if let Event::Trial {
            done,
            of,
            directory,
            failure: None,
        } = event
        {
            say(&format!("{done}/{of} {directory}"));
        }
    }
}

struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }
}

impl Progress for Bar {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Step { text } => self.0.set_message(text.clone()),
            Event::Campaign { trials, .. } => {
                self.0.set_length(u64::from(*trials));
                if let Ok(style) = ProgressStyle::with_template(
                    "{bar:30} {pos}/{len} trials, {eta} left  {wide_msg}",
                ) {
                    self.0.set_style(style);
                }
                self.0.reset_eta();
            }
            Event::Trial {
                done,
                directory,
                failure,
                ..
            } => {
                self.0.set_position(u64::from(*done));
                self.0.set_message(directory.clone());
                if failure.is_some() {
                    self.0.println(line(event).unwrap_or_default());
                }
            }
            Event::GuestUp { .. } | Event::Warning { .. } => {
                self.0.println(line(event).unwrap_or_default())
            }
            Event::NoKvm { .. } => {}
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
