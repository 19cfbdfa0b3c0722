//! Claims files: the shipped ones, and what is wrong with bad ones.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use vnicbench_model::{Cell, Claim, Claims, Matrix};

const GOOD: &str = r#"
format = 1

[[claim]]
id = "delay"
source = "Somebody 2024, doi:10.0/0"
text = "It is faster."
experiment = "latency"
arms = { numerator = { backend = "sriov", instance = "vm" }, denominator = { backend = "virtio" } }
estimand = "ratio"
metric = "rtt-median"
direction = "lower"
"#;

fn matrices() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../matrices")
}

fn parse(text: &str) -> Result<Claims, String> {
    Claims::parse(text, Path::new("a.claims.toml")).map_err(|error| error.to_string())
}

fn only(text: &str) -> Claim {
    parse(text).unwrap().claims.remove(0)
}

/// The numerator's cells with their counterparts.
fn pairs<'a>(claim: &Claim, cells: &'a [Cell]) -> Vec<(&'a Cell, Option<&'a Cell>)> {
    let about = cells.iter().filter(|cell| claim.is_about(cell));
    about
        .map(|cell| (cell, claim.counterpart(cell, cells)))
        .collect()
}

/// Each shipped claim has cells in its matrix, and each of these its counterpart; but for the one
/// that says so.
#[test]
fn the_shipped_claims_are_about_cells_of_their_matrices() {
    for (name, claims) in [
        ("paper", 22),
        ("questions", 4),
        ("smoke", 4),
        ("emulated", 4),
    ] {
        let path = matrices().join(format!("{name}.toml"));
        let matrix = Matrix::read(&path).unwrap();
        let cells = matrix.cells();
        let file = Claims::beside(&path).unwrap().unwrap();
        assert_eq!(file.claims.len(), claims, "{name}");
        for claim in &file.claims {
            let pairs = pairs(claim, &cells);
            assert_eq!(
                pairs.is_empty(),
                claim.id == "eli-speed-up",
                "{name}: {}",
                claim.id
            );
            for (cell, other) in pairs {
                let wants = claim.arms.denominator.is_some();
                assert_eq!(
                    other.is_some(),
                    wants,
                    "{name}: {}: {}",
                    claim.id,
                    cell.id()
                );
                assert_ne!(other.map(Cell::id), Some(cell.id()), "{name}: {}", claim.id);
            }
        }
    }
    assert_eq!(
        Claims::beside(&matrices().join("check.toml")).unwrap(),
        None
    );
}

#[test]
fn claims_survive_being_written() {
    let path = matrices().join("paper.claims.toml");
    let claims = Claims::read(&path).unwrap();
    assert_eq!(parse(&Claims::to_toml(&claims.claims)).unwrap(), claims);
    let json = serde_json::to_string(&claims).unwrap();
    assert_eq!(serde_json::from_str::<Claims>(&json).unwrap(), claims);
}

/// Another back-end is compared under the same kernel; a container, which has none, with the first.
#[test]
fn kernels_can_be_claimed_about() {
    let matrix = Matrix::read(&matrices().join("versions.toml")).unwrap();
    let cells = matrix.cells();
    let about = |arms: &str| -> Vec<(String, String)> {
        let text = GOOD.replace(
            "{ numerator = { backend = \"sriov\", instance = \"vm\" }, denominator = { backend = \"virtio\" } }",
            arms,
        );
        let text = text.replace("experiment = \"latency\"", "experiment = \"kernels\"");
        let claim = only(&text);
        let of = |cell: &Cell| cell.id().replace("-ping-56B-20ms", "");
        let pairs = pairs(&claim, &cells).into_iter();
        pairs
            .map(|(cell, other)| (of(cell), other.map_or_else(String::new, of)))
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        about("{ numerator = { backend = \"sriov\" }, denominator = { backend = \"virtio\" } }"),
        [
            pair("sriov-vm-kernel6.12", "virtio-vm-kernel6.12"),
            // Of another instance only a claim that names it.
            pair("sriov-container", ""),
            pair("sriov-vm-kernel6.1", "virtio-vm-kernel6.1"),
        ]
    );
    let first = "denominator = { backend = \"virtio\", instance = \"vm\" }";
    assert_eq!(
        about(&format!(
            "{{ numerator = {{ backend = \"veth\" }}, {first} }}"
        )),
        [pair("veth-container", "virtio-vm-kernel6.12")]
    );
    assert_eq!(
        about(
            "{ numerator = { backend = \"vhost\", kernel = \"6.1\" }, denominator = { kernel = \"6.12\" } }"
        ),
        [pair("vhost-vm-kernel6.1", "vhost-vm-kernel6.12")]
    );
    let error =
        parse(&GOOD.replace("{ backend = \"virtio\" }", "{ kernel = \"new\" }")).unwrap_err();
    assert!(error.contains("\"new\" is not a version"), "{error}");
}

#[test]
fn scope_arms_and_an_idle_counterpart() {
    let matrix = Matrix::read(&matrices().join("paper.toml")).unwrap();
    let cells = matrix.cells();
    let claims = Claims::read(&matrices().join("paper.claims.toml"))
        .unwrap()
        .claims;
    let named = |id: &str| claims.iter().find(|claim| claim.id == id).unwrap();
    let ids = |id: &str| -> Vec<(String, String)> {
        let pairs = pairs(named(id), &cells).into_iter();
        pairs
            .map(|(cell, other)| (cell.id(), other.map_or_else(String::new, Cell::id)))
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    // The load is on the host, and without it there is no load anywhere.
    assert_eq!(
        ids("kvm-delay-cpu"),
        [
            pair(
                "virtio-vm-ping-56B-10ms-cpu-on-host",
                "virtio-vm-ping-56B-10ms"
            ),
            pair(
                "vhost-vm-ping-56B-10ms-cpu-on-host",
                "vhost-vm-ping-56B-10ms"
            ),
        ]
    );
    assert_eq!(ids("delay-vm").len(), 6);
    assert_eq!(
        ids("dong-scales")[0],
        pair("sriov-vm-iperf-tcp-rx-p1-2vms", "sriov-vm-iperf-tcp-rx-p1")
    );
    assert_eq!(
        ids("multi-network-mix")[0],
        pair(
            "virtio.sriov-vm-iperf-tcp-rx-p1",
            "virtio-vm-iperf-tcp-rx-p1-2nics"
        )
    );
}

#[test]
fn bands() {
    let near = |(low, high): (f64, f64), wanted: (f64, f64)| {
        assert!(
            (low - wanted.0).abs() < 1e-12 && (high - wanted.1).abs() < 1e-12,
            "{low} {high}"
        );
    };
    near(only(GOOD).band(), (1.0 / 1.05, 1.05));
    let with = |extra: &str| only(&format!("{GOOD}{extra}\n")).band();
    near(with("value = 2\ntolerance = 0.25"), (1.6, 2.5));
    let difference = GOOD.replace("\"ratio\"", "\"difference\"");
    near(only(&difference).band(), (0.0, 0.0));
    near(
        only(&format!("{difference}value = -1\ntolerance = 0.5\n")).band(),
        (-1.5, -0.5),
    );
}

#[test]
fn a_bad_claim_is_refused_with_file_line_and_key() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "format = 1",
            "format = 2",
            &["a.claims.toml:2:", "format 2 is not known"],
        ),
        (
            "id = \"delay\"",
            "id = \"De lay\"",
            &[":5:", "id:", "is not a name"],
        ),
        (
            "id = \"delay\"",
            "id = \"delay\"\ncolour = 1",
            &[":6:", "unknown field `colour`"],
        ),
        (
            "source = \"Somebody 2024, doi:10.0/0\"\n",
            "",
            &[":4:", "missing field `source`"],
        ),
        ("\"It is faster.\"", "\" \"", &[":7:", "text: is empty"]),
        (
            "\"rtt-median\"",
            "\"rtt\"",
            &[
                ":11:",
                "metric: \"rtt\" is not known; allowed: rtt-median, goodput",
            ],
        ),
        (
            "\"rtt-median\"",
            "\"ping-loss\"",
            &[":11:", "use estimand = \"difference\""],
        ),
        (
            "\"lower\"",
            "\"faster\"",
            &[":12:", "unknown variant `faster`", "`at-most`"],
        ),
        (
            "\"ratio\"",
            "\"fraction-of-line-rate\"",
            &[":11:", "only goodput"],
        ),
        (
            ", denominator = { backend = \"virtio\" }",
            "",
            &[":9:", "arms: a ratio or difference needs a denominator"],
        ),
        (
            "denominator = { backend = \"virtio\" }",
            "denominator = { backend = [\"virtio\", \"vhost\"] }",
            &[":9:", "one level a factor"],
        ),
        (
            "\"sriov\"",
            "\"sriow\"",
            &[":9:", "arms: backend: \"sriow\" is not a back-end"],
        ),
        (
            "instance = \"vm\"",
            "instanz = \"vm\"",
            &[":9:", "instanz: is not a factor; allowed: backend,"],
        ),
        (
            "\"lower\"",
            "\"lower\"\nscope = { payload = \"1024 B\" }",
            &[":13:", "scope: payload:", "\"1 KiB\""],
        ),
        (
            "\"lower\"",
            "\"lower\"\nscope = { vms = \"many\" }",
            &[":13:", "scope: vms:"],
        ),
        (
            "\"lower\"",
            "\"lower\"\nvalue = 0",
            &[":13:", "value: 0 can't be"],
        ),
        (
            "\"lower\"",
            "\"lower\"\nvalue = nan",
            &[":13:", "value: NaN can't be"],
        ),
        (
            "\"lower\"",
            "\"lower\"\ntolerance = -0.1",
            &[":13:", "tolerance: -0.1 must be 0 or more"],
        ),
        (
            "\"lower\"",
            "\"equivalent\"\ntolerance = 0",
            &[":13:", "tolerance: equivalence needs"],
        ),
        ("format = 1", "format = ", &["a.claims.toml:2:"]),
    ];
    for (from, to, wanted) in cases {
        assert!(GOOD.contains(from), "{from}");
        let error = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
        for part in *wanted {
            assert!(error.contains(part), "{to}: {part:?} is not in: {error}");
        }
    }
    let twice = format!("{GOOD}{}", GOOD.replace("format = 1", ""));
    let error = parse(&twice).unwrap_err();
    assert!(
        error.contains("a.claims.toml:17:") && error.contains("a second claim has this id"),
        "{error}"
    );
    let slope = GOOD
        .replace("\"ratio\"", "\"slope\"")
        .replace("instance = \"vm\"", "vms = 2");
    assert!(
        parse(&slope)
            .unwrap_err()
            .contains("name vms in scope only")
    );
    let none = Claims::read(Path::new("no/such.claims.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        none.contains("cannot read the claims no/such.claims.toml"),
        "{none}"
    );
}
