//! Prints what is made of each file that is named, as a line of JSON.

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let document = vnicbench_logs::parse(std::fs::File::open(&path)?, None)?;
        writeln!(out, "{}", document.to_json(&path)?)?;
    }
    Ok(())
}
