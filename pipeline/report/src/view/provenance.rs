//! From which sources everything was built, and of which versions further kernels and QEMUs are.

use vnicbench_model::{Environment, Flake, Matrix, Pin, Provenance, Variant, kit::is_version};

use super::{Block, Desk, Style, column, fact, note, paragraph};
use crate::text;
use crate::words::{Words, say};

/// What must not be concluded where the sources aren't those of the lock; none where they are.
pub(super) fn caution(environment: &Environment, words: &Words) -> Option<String> {
    let provenance = environment.provenance.as_ref()?;
    let moved = !provenance.mismatches().is_empty();
    let why = match (moved, provenance.flake.dirty) {
        (false, false) => return None,
        (true, false) => "moved",
        (false, true) => "dirty",
        (true, true) => "both",
    };
    Some(say!(words, "caution-provenance", why = why))
}

/// The sources as facts, mismatches with the lock, and a table of further versions; nothing of a
/// campaign that has none of these.
pub(super) fn blocks(
    environment: &Environment,
    matrix: &Matrix,
    desk: &mut Desk<'_>,
) -> Vec<Block> {
    let words = desk.words;
    let mut blocks = Vec::new();
    if let Some(provenance) = &environment.provenance {
        blocks.extend(sources(provenance, words));
    }
    if !environment.variants.is_empty() {
        let columns = vec![
            column(say!(words, "column-variant"), Style::Text, 2),
            column(say!(words, "column-provider"), Style::Text, 2),
            column(say!(words, "column-kernel"), Style::Code, 4),
            column(say!(words, "column-qemu"), Style::Code, 4),
            column(say!(words, "column-levels"), Style::Text, 3),
            column(say!(words, "column-differences"), Style::Text, 4),
        ];
        let rows = environment.variants.iter().map(|v| variant(v, matrix, words));
        let caption = say!(words, "variants-caption");
        blocks.push(desk.table("variants", caption, columns, rows.collect()));
    }
    blocks
}

fn sources(provenance: &Provenance, words: &Words) -> Vec<Block> {
    let Provenance { flake, nixpkgs, .. } = provenance;
    let items = vec![
        fact(say!(words, "fact-flake"), commit(flake, words)),
        fact(say!(words, "fact-nixpkgs-locked"), pin(&nixpkgs.locked, words)),
        fact(say!(words, "fact-nixpkgs-used"), pin(&nixpkgs.used, words)),
    ];
    let mut blocks = vec![Block::Facts { items }];
    let mismatches = provenance.mismatches();
    if mismatches.is_empty() {
        blocks.push(paragraph(say!(words, "nixpkgs-as-locked")));
    } else {
        let items = mismatches.iter().map(|mismatch| text::foreign(mismatch));
        blocks.push(note(say!(words, "nixpkgs-moved")));
        blocks.push(Block::List {
            items: items.collect(),
        });
    }
    blocks
}

fn commit(flake: &Flake, words: &Words) -> String {
    match &flake.rev {
        Some(rev) => text::foreign(rev),
        None => say!(words, "flake-dirty"),
    }
}

fn pin(pin: &Pin, words: &Words) -> String {
    let rev = pin.rev.as_deref();
    let rev = rev.map_or_else(|| say!(words, "nixpkgs-unknown"), text::foreign);
    format!("{rev}, narHash {}", text::foreign(&pin.nar_hash))
}

fn variant(variant: &Variant, matrix: &Matrix, words: &Words) -> Vec<String> {
    let shown = |version: &Option<String>| {
        let version = version.as_deref();
        version.map_or_else(|| "–".into(), text::foreign)
    };
    let (kernels, qemus) = matrix.versions();
    let is = |level: &String, version: &Option<String>| {
        version.as_ref().is_some_and(|v| is_version(level, v))
    };
    let kernels = kernels.into_iter().filter(|v| is(v, &variant.kernel));
    let qemus = qemus.into_iter().filter(|v| is(v, &variant.qemu));
    let levels: Vec<String> = kernels
        .map(|v| say!(words, "version-kernel", version = text::foreign(&v)))
        .chain(qemus.map(|v| say!(words, "version-qemu", version = text::foreign(&v))))
        .collect();
    let differences: Vec<String> = variant
        .differences
        .iter()
        .map(|d| text::foreign(d))
        .collect();
    let or_none = |all: Vec<String>, separator: &str| match all.is_empty() {
        true => say!(words, "variant-none"),
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
