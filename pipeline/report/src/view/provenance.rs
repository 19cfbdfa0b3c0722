//! From which sources everything was built, and of which versions further kernels and QEMUs are.

use std::collections::BTreeSet;

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
        (true, false) => "nixpkgs",
        (false, true) => "flake",
        (true, true) => "both",
    };
    Some(say!(words, "caution-sources", why = why))
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
            column(say!(words, "column-name"), Style::Text, 2),
            column(say!(words, "column-from"), Style::Text, 2),
            column(say!(words, "column-guest-kernel"), Style::Code, 4),
            column(say!(words, "column-qemu"), Style::Code, 4),
            column(say!(words, "column-levels"), Style::Text, 3),
            column(say!(words, "column-different"), Style::Text, 4),
        ];
        let rows = environment
            .variants
            .iter()
            .map(|v| variant(v, matrix, words));
        let caption = say!(words, "variants-caption");
        blocks.push(desk.table("variants", caption, columns, rows.collect()));
    }
    blocks
}

fn sources(provenance: &Provenance, words: &Words) -> Vec<Block> {
    let Provenance { flake, nixpkgs, .. } = provenance;
    let (locked, used) = (&nixpkgs.locked, &nixpkgs.used);
    let items = vec![
        fact(say!(words, "fact-flake"), commit(flake, words)),
        fact(say!(words, "fact-nixpkgs-locked"), pin(locked, words)),
        fact(say!(words, "fact-nixpkgs-used"), pin(used, words)),
    ];
    let mut blocks = vec![Block::Facts { items }];
    let mut items = Vec::new();
    if used.nar_hash != locked.nar_hash {
        items.push(say!(
            words,
            "nixpkgs-other-hash",
            used = text::foreign(&used.nar_hash),
            locked = text::foreign(&locked.nar_hash)
        ));
    }
    match (&used.rev, &locked.rev) {
        (Some(used), Some(locked)) if used != locked => items.push(say!(
            words,
            "nixpkgs-other-commit",
            used = text::foreign(used),
            locked = text::foreign(locked)
        )),
        _ => {}
    }
    if items.is_empty() {
        blocks.push(paragraph(say!(words, "nixpkgs-locked")));
    } else {
        blocks.push(note(say!(words, "nixpkgs-differs")));
        blocks.push(Block::List { items });
    }
    blocks
}

fn commit(flake: &Flake, words: &Words) -> String {
    match &flake.rev {
        Some(rev) => text::foreign(rev),
        None => say!(words, "flake-of-no-commit"),
    }
}

fn pin(pin: &Pin, words: &Words) -> String {
    let rev = pin.rev.as_deref();
    let rev = rev.map_or_else(|| say!(words, "no-known-commit"), text::foreign);
    format!("{rev}, narHash {}", text::foreign(&pin.nar_hash))
}

fn variant(variant: &Variant, matrix: &Matrix, words: &Words) -> Vec<String> {
    let shown = |version: &Option<String>| {
        let version = version.as_deref();
        version.map_or_else(|| "–".into(), text::foreign)
    };
    let (kernels, qemus) = matrix.versions();
    let of = |version: &Option<String>, levels: BTreeSet<String>| -> Vec<String> {
        let is = |level: &String| version.as_ref().is_some_and(|v| is_version(level, v));
        let levels = levels.into_iter().filter(is);
        levels.map(|level| text::foreign(&level)).collect()
    };
    let kernels = of(&variant.kernel, kernels).into_iter();
    let kernels = kernels.map(|version| say!(words, "guest-kernel", version = version));
    let qemus = of(&variant.qemu, qemus).into_iter();
    let qemus = qemus.map(|version| say!(words, "qemu", version = version));
    let levels: Vec<String> = kernels.chain(qemus).collect();
    let differences: Vec<String> = variant
        .differences
        .iter()
        .map(|d| text::foreign(d))
        .collect();
    let or_none = |all: Vec<String>, separator: &str| match all.is_empty() {
        true => say!(words, "none-of-these"),
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
