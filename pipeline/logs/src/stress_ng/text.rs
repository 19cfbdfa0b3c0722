//! ```text
//! stress-ng: info:  [1239] dispatching hogs: 2 cpu
//! stress-ng: metrc: [1239] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s
//! stress-ng: metrc: [1239]                           (secs)    (secs)    (secs)   (real time) (usr+sys time)
//! stress-ng: metrc: [1239] cpu              226734    120.00    121.16      0.83       1889.44         1858.70
//! stress-ng: info:  [1239] successful run completed in 2 mins, 0.00 secs
//! ```
//!
//! Older versions tag the metrics `info:` and print them after the end.

use memchr::memmem::find;

use crate::lines::{Line, Lines};
use crate::number::{decimal, whole};
use crate::stress::{End, Open, Run, Stressor, document, duration};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Tool};

#[derive(Default)]
struct Parser {
    runs: Vec<Run>,
    open: Option<Open>,
    warnings: Warnings,
    recognised: bool,
}

pub(crate) fn parse(mut lines: Lines<'_>) -> Result<Document, ReadError> {
    let mut parser = Parser::default();
    let mut last = 0;
    while let Some(line) = lines.next()? {
        last = line.number;
        parser.line(line);
    }
    let Parser {
        mut runs,
        open,
        mut warnings,
        recognised,
    } = parser;
    if let Some(run) = open {
        run.close(last, &mut runs, &mut warnings);
    }
    if !recognised {
        return Ok(Document::foreign(Tool::StressNg, warnings));
    }
    Ok(document(Tool::StressNg, "text", runs, warnings))
}

impl Parser {
    fn line(&mut self, line: Line) {
        let text = line.bytes.trim_ascii();
        let Some((tag, said)) = message(text) else {
            if !text.is_empty() {
                self.warnings.push(WarningKind::Noise, line.number, text);
            }
            return;
        };
        self.recognised = true;
        if !line.ended && !matches!(tag, b"info") {
            self.warnings.push(WarningKind::CutFile, line.number, text);
            return;
        }
        if said.starts_with(b"dispatching hogs: ") {
            let next = Open {
                line: line.number,
                ..Open::default()
            };
            if let Some(run) = self.open.replace(next) {
                run.close(line.number, &mut self.runs, &mut self.warnings);
            }
            return;
        }
        match tag {
            b"fail" | b"error" => {
                self.warnings
                    .push(WarningKind::ToolError, line.number, text);
                self.opened(line.number).failed |= tag == b"fail";
            }
            b"info" | b"metrc" => {
                if let Some(stressor) = metrics(said, line.number) {
                    self.opened(line.number).stressors.push(stressor);
                } else if let Some(at) = find(said, b"run completed in ") {
                    let failed = !said.starts_with(b"successful");
                    let run = self.opened(line.number);
                    run.ended = Some(End::Ok);
                    run.failed |= failed;
                    run.seconds = said.get(at + 17..).and_then(duration);
                } else if let Some(count) = said.strip_prefix(b"failed: ") {
                    self.opened(line.number).failed |= !count.starts_with(b"0");
                }
            }
            _ => {}
        }
    }

    fn opened(&mut self, line: u64) -> &mut Open {
        self.open.get_or_insert_with(|| Open {
            line,
            ..Open::default()
        })
    }
}

/// `stress-ng: info:  [1239] said` as tag and what is said. Old versions write `debug: [1]`.
fn message(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = text.get(find(text, b"stress-ng: ")? + 11..)?;
    let colon = rest.iter().position(|&byte| byte == b':')?;
    let tag = rest.get(..colon)?;
    let rest = rest
        .get(colon + 1..)?
        .trim_ascii_start()
        .strip_prefix(b"[")?;
    let end = rest.iter().position(|&byte| byte == b']')?;
    Some((tag, rest.get(end + 1..)?.trim_ascii()))
}

/// A name and at least six numbers.
fn metrics(said: &[u8], line: u64) -> Option<Stressor> {
    let mut words = said
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let name = words.next()?;
    let bogo_ops = whole(words.next()?)?;
    let mut number = || {
        let (number, rest) = decimal(words.next()?)?;
        rest.is_empty().then_some(number.value)
    };
    Some(Stressor {
        name: String::from_utf8_lossy(name).into_owned(),
        bogo_ops,
        real_s: number()?,
        usr_s: number()?,
        sys_s: number()?,
        ops_per_real_s: number()?,
        ops_per_cpu_s: number()?,
        line,
    })
}
