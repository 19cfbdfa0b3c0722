//! The JSON Schema of a matrix, for editors.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::backend::Backend;
use crate::cell::{Backing, Direction, Instance, Neighbour, NeighbourAt, Network, Protocol, Route};
use crate::claims::{Claims, OTHER_METRICS, RATIO_METRICS};
use crate::matrix::Matrix;
use crate::units::{BitRate, ByteSize, TimeSpan};

impl Matrix {
    /// The JSON Schema (draft 7, which TOML editors know) of a matrix file. It finds what is wrong
    /// with a name, a unit or a number; [`Matrix::parse`] also what is wrong between them.
    pub fn schema() -> Value {
        of::<Self>()
    }
}

impl Claims {
    /// The JSON Schema of a claims file, as [`Matrix::schema`].
    pub fn schema() -> Value {
        of::<Self>()
    }
}

fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    polish(&mut schema);
    schema
}

/// Metrics that a claim can be about.
pub(crate) fn metrics(_: &mut SchemaGenerator) -> Schema {
    let known = [RATIO_METRICS, OTHER_METRICS].concat();
    json_schema!({ "enum": known })
}

/// Takes out what says nothing in a TOML file: null, Rust's integer types, links of rustdoc.
fn polish(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(polish),
        Value::Object(object) => {
            object.values_mut().for_each(polish);
            without_null(object);
            // A property may be called "format" too; its schema isn't text.
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text
                    .replace("[`", "`")
                    .replace("`]", "`")
                    .replace('\n', " ");
            }
            if object.get("type") == Some(&"array".into()) {
                object.insert("uniqueItems".into(), true.into());
            }
        }
        _ => {}
    }
}

fn without_null(object: &mut Map<String, Value>) {
    if object.get("default") == Some(&Value::Null) {
        object.remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&"null".into()));
        if let [Value::Object(_)] = choices.as_slice() {
            let choices = object.remove("anyOf");
            object.insert("allOf".into(), choices.unwrap_or_default());
        }
    }
}

impl JsonSchema for Backing {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Backing".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let in_vm = Backend::ALL
            .iter()
            .filter(|backend| backend.instances().contains(&Instance::Vm));
        let names: Vec<&str> = in_vm.map(|backend| backend.name()).collect();
        let names = names.join("|");
        json_schema!({
            "anyOf": [
                generator.subschema_for::<Backend>(),
                {
                    "type": "string",
                    "pattern": format!("^({names})[+|]({names})$"),
                    "description": "A mix: a+b are two NICs of each VM, a|b are VMs of both kinds.",
                },
            ],
        })
    }
}

/// Instances that an experiment can list.
pub(crate) fn instances(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "enum": [Instance::Vm.name(), Instance::Container.name()] },
    })
}

/// Directions of a tool that can't send both ways at once.
pub(crate) fn one_way(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "enum": [Direction::Rx.name(), Direction::Tx.name()] },
    })
}

/// One level of a factor, or several.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[allow(dead_code, reason = "only its schema is used")]
enum Levels<T> {
    One(T),
    Any(Vec<T>),
}

/// Levels by factor: the cells that have one of each.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Exclusion", extend("minProperties" = 1))]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) struct ExclusionSchema {
    backend: Option<Levels<Backing>>,
    instance: Option<Levels<Instance>>,
    vms: Option<Levels<u32>>,
    nics: Option<Levels<u32>>,
    network: Option<Levels<Network>>,
    path: Option<Levels<Route>>,
    neighbour: Option<Levels<Neighbour>>,
    neighbour_at: Option<Levels<NeighbourAt>>,
    workers: Option<Levels<u32>>,
    tuning: Option<Levels<String>>,
    kernel: Option<Levels<String>>,
    qemu: Option<Levels<String>>,
    tool: Option<Levels<ToolSchema>>,
    payload: Option<Levels<ByteSize>>,
    interval: Option<Levels<TimeSpan>>,
    protocol: Option<Levels<Protocol>>,
    streams: Option<Levels<u32>>,
    direction: Option<Levels<Direction>>,
    rate: Option<Levels<BitRate>>,
    message: Option<Levels<ByteSize>>,
}

/// Which cells a claim speaks of.
#[derive(JsonSchema)]
#[schemars(rename = "Scope")]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) struct ScopeSchema {
    /// Whether emulated hardware can tell.
    emulated: Option<bool>,
    #[serde(flatten)]
    levels: ExclusionSchema,
}

/// The workload's program.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Tool")]
#[allow(dead_code, reason = "only its schema is used")]
enum ToolSchema {
    Ping,
    Iperf3,
    Iperf,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let schemas = [("matrix", Matrix::schema()), ("claims", Claims::schema())];
        for (name, schema) in schemas {
            let file = format!("../matrices/{name}.schema.json");
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            if std::env::var_os("UPDATE_SCHEMA").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                committed == text,
                "{} is not the types' schema any more; remake it with: \
                 UPDATE_SCHEMA=1 cargo test -p vnicbench-model schema",
                path.display()
            );
        }
    }

    /// A factor that an exclusion can name is one in the schema, and the other way round.
    #[test]
    fn exclusions_have_the_factors_of_cells() {
        let schema = Matrix::schema();
        let properties = schema["definitions"]["Exclusion"]["properties"].as_object();
        let known: BTreeSet<&str> = properties.unwrap().keys().map(String::as_str).collect();
        let text = include_str!("../../matrices/smoke.toml");
        let matrix = Matrix::parse(text, Path::new("smoke.toml")).unwrap();
        let cells = matrix.cells();
        let factors: BTreeSet<&str> = cells
            .iter()
            .flat_map(|cell| cell.factors().into_iter().map(|(factor, _)| factor))
            .collect();
        assert_eq!(known, factors);
    }

    #[test]
    fn nothing_in_it_is_rusts_or_null() {
        let text = Matrix::schema().to_string();
        for foreign in ["null", "uint", "[`", "double"] {
            assert!(!text.contains(foreign), "{foreign}");
        }
        assert_eq!(
            Matrix::schema()["definitions"]["Experiment"]["additionalProperties"],
            false
        );
    }
}
