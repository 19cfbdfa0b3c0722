//! From which sources everything was built, and of which versions further kernels and QEMUs are.

use vnicbench_model::{Environment, Flake, Matrix, Pin, Provenance, Variant, kit::is_version};

use super::{Block, Desk, Style, column, fact, note, paragraph};
use crate::text;

/// What must not be concluded where the sources aren't those of the lock; none where they are.
pub(super) fn caution(environment: &Environment) -> Option<String> {
    let provenance = environment.provenance.as_ref()?;
    let moved = !provenance.mismatches().is_empty();
    let why = match (moved, provenance.flake.dirty) {
        (false, false) => return None,
        (true, false) => "nixpkgs isn't the one of the lock",
        (false, true) => "the flake is of no commit",
        (true, true) => "nixpkgs isn't the one of the lock, and the flake is of no commit",
    };
    Some(format!(
        "That it can be built again: {why}, as “Software” says."
    ))
}

/// The sources as facts, mismatches with the lock, and a table of further versions; nothing of a
/// campaign that has none of these.
pub(super) fn blocks(
    environment: &Environment,
    matrix: &Matrix,
    desk: &mut Desk<'_>,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(provenance) = &environment.provenance {
        blocks.extend(sources(provenance));
    }
    if !environment.variants.is_empty() {
        let columns = vec![
            column("Name", Style::Text, 2),
            column("From", Style::Text, 2),
            column("Guest kernel", Style::Code, 4),
            column("QEMU", Style::Code, 4),
            column("Levels", Style::Text, 3),
            column("Different from its lock", Style::Text, 4),
        ];
        let rows = environment.variants.iter().map(|v| variant(v, matrix));
        let caption = "Further kernels of the guests and further QEMUs; all else is the same.";
        blocks.push(desk.table("variants", caption, columns, rows.collect()));
    }
    blocks
}

fn sources(provenance: &Provenance) -> Vec<Block> {
    let Provenance { flake, nixpkgs, .. } = provenance;
    let items = vec![
        fact("Flake", commit(flake)),
        fact("nixpkgs of the lock", pin(&nixpkgs.locked)),
        fact("nixpkgs used", pin(&nixpkgs.used)),
    ];
    let mut blocks = vec![Block::Facts { items }];
    let mismatches = provenance.mismatches();
    if mismatches.is_empty() {
        blocks.push(paragraph("nixpkgs is that of the lock."));
    } else {
        let items = mismatches.iter().map(|mismatch| text::foreign(mismatch));
        blocks.push(note("Built from another nixpkgs than that of the lock:"));
        blocks.push(Block::List {
            items: items.collect(),
        });
    }
    blocks
}

fn commit(flake: &Flake) -> String {
    match &flake.rev {
        Some(rev) => text::foreign(rev),
        None => "no commit: changed, or with another input than the lock's".into(),
    }
}

fn pin(pin: &Pin) -> String {
    let rev = pin.rev.as_deref();
    let rev = rev.map_or_else(|| "no known commit".into(), text::foreign);
    format!("{rev}, narHash {}", text::foreign(&pin.nar_hash))
}

fn variant(variant: &Variant, matrix: &Matrix) -> Vec<String> {
    let shown = |version: &Option<String>| {
        let version = version.as_deref();
        version.map_or_else(|| "–".into(), text::foreign)
    };
    let (kernels, qemus) = matrix.versions();
    let of = |version: &Option<String>, levels: std::collections::BTreeSet<String>, what| {
        let is = |level: &String| version.as_ref().is_some_and(|v| is_version(level, v));
        let levels = levels.into_iter().filter(is);
        let named = levels.map(|level| format!("{what} {}", text::foreign(&level)));
        named.collect::<Vec<_>>()
    };
    let levels = [
        of(&variant.kernel, kernels, "guest kernel"),
        of(&variant.qemu, qemus, "QEMU"),
    ]
    .concat();
    let differences: Vec<String> = variant
        .differences
        .iter()
        .map(|d| text::foreign(d))
        .collect();
    let or_none = |all: Vec<String>, separator: &str| match all.is_empty() {
        true => "none".to_owned(),
        false => all.join(separator),
    };
    vec![
        text::foreign(&variant.name),
        text::foreign(&variant.provider),
        shown(&variant.kernel),
        shown(&variant.qemu),
        or_none(levels, ", "),
        or_none(differences, "; "),
    ]
}
