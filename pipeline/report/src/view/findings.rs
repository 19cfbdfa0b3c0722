//! Figures of an experiment over several of its panels: workloads beside each other, against a
//! factor, neighbours as a matrix, tunings and mixes.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel, Row};
use vnicbench_model::{Arm, Cell, Neighbour, NeighbourAt, Setting, Workload};
use vnicbench_stats::{Outcome, Verdict};

use super::{Block, Desk};
use crate::figure::groups::{self, Kind};
use crate::figure::{FigureError, heat, lines};
use crate::number::{self, Scale};
use crate::text;

/// The most figures that workloads are beside each other in.
const MOST_SHEETS: usize = 3;

/// All such figures of an experiment.
pub(super) fn blocks(
    analysis: &Analysis,
    experiment: &str,
    desk: &mut Desk,
) -> Result<Vec<Block>, FigureError> {
    let panels: Vec<&Panel> = analysis
        .panels
        .iter()
        .filter(|panel| panel.experiment == experiment)
        .collect();
    let mut metrics: Vec<Metric> = Vec::new();
    for panel in &panels {
        if !metrics.contains(&panel.metric) {
            metrics.push(panel.metric);
        }
    }
    let mut blocks = Vec::new();
    for metric in metrics {
        let alike: Vec<&Panel> = panels
            .iter()
            .copied()
            .filter(|p| p.metric == metric)
            .collect();
        blocks.extend(neighbours(&alike, desk)?);
        blocks.extend(workloads(&alike, desk)?);
        for factor in Factor::ALL {
            blocks.extend(against(&alike, factor, desk)?);
        }
        blocks.extend(mixes(&alike, desk)?);
        blocks.extend(tunings(&alike, desk)?);
        blocks.extend(super::versions::figures(&alike, desk)?);
    }
    if !blocks.is_empty() {
        let id = text::anchor(&format!("{experiment}-overview"));
        blocks.insert(
            0,
            Block::Heading {
                id,
                text: "Overview".into(),
            },
        );
    }
    Ok(blocks)
}

/// One scale for several panels of a metric.
fn scale(panels: &[&Panel]) -> Scale {
    let values = panels
        .iter()
        .flat_map(|panel| &panel.rows)
        .filter_map(|row| row.estimate.estimate())
        .map(|estimate| estimate.value());
    match panels.first() {
        Some(panel) => Scale::of(panel.metric, values),
        None => Scale::PLAIN,
    }
}

/// What the figures of a metric are called.
pub(super) fn id(panels: &[&Panel], what: &str) -> String {
    let first = panels.first();
    let experiment = first.map_or("", |panel| panel.experiment.as_str());
    let metric = first.map_or("", |panel| panel.metric.name());
    text::anchor(&format!("{experiment}-{metric}-{what}"))
}

pub(super) fn label(panels: &[&Panel]) -> &'static str {
    panels.first().map_or("", |panel| panel.metric.label())
}

/// The workloads of an experiment beside each other, in as many figures as pages hold.
fn workloads(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let compared = [
        Metric::Goodput,
        Metric::Retransmits,
        Metric::UdpLoss,
        Metric::UdpJitter,
        Metric::CpuPerGbit,
    ];
    let has = panels.first().is_some_and(|p| compared.contains(&p.metric));
    if panels.len() < 2 || !has {
        return Ok(Vec::new());
    }
    let scale = scale(panels);
    let mut sheets: Vec<Vec<groups::Group<'_>>> = Vec::new();
    let mut lines = groups::MOST_LINES;
    for panel in panels {
        let plain: Vec<&Row> = panel.rows.iter().take(groups::MOST_LINES - 1).collect();
        if lines + plain.len() + 1 > groups::MOST_LINES {
            sheets.push(Vec::new());
            lines = 0;
        }
        lines += plain.len() + 1;
        let rows = plain.into_iter().map(|row| groups::Row {
            arm: row.arm,
            label: text::arm_in(row.arm, &row.setting),
            outcome: &row.estimate,
        });
        let group = groups::Group {
            heading: panel.workload.clone(),
            rows: rows.collect(),
        };
        if let Some(sheet) = sheets.last_mut() {
            sheet.push(group);
        }
    }
    let axis = format!("{}{}", label(panels), scale.suffix());
    let several = sheets.len();
    // All are with their panels; these are to be seen at a glance.
    sheets.truncate(MOST_SHEETS);
    let mut blocks = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let mut title = format!("{}, all workloads", label(panels));
        if several > 1 {
            title.push_str(&format!(" ({} of {several})", index + 1));
        }
        let id = id(panels, &format!("workloads-{}", index + 1));
        let figure = groups::draw(&id, title.clone(), &axis, Kind::Values(scale), sheet)?;
        let outcomes = sheet
            .iter()
            .flat_map(|group| group.rows.iter().map(|row| row.outcome));
        let caption = format!(
            "{title}. Estimate and interval. {}.",
            super::panels::provenance(outcomes)
        );
        blocks.push(desk.figure(figure, caption));
    }
    Ok(blocks)
}

/// What a metric is drawn against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Factor {
    Payload,
    Interval,
    Streams,
    Message,
    Rate,
    Instances,
    Nics,
}

impl Factor {
    const ALL: [Self; 7] = [
        Self::Payload,
        Self::Interval,
        Self::Streams,
        Self::Message,
        Self::Rate,
        Self::Instances,
        Self::Nics,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Interval => "Time between requests",
            Self::Streams => "Streams",
            Self::Message => "Message size",
            Self::Rate => "Offered rate",
            Self::Instances => "Instances",
            Self::Nics => "NICs of an instance",
        }
    }

    /// The level of a cell: to sort by, to show. None where the workload has no such factor.
    fn level(self, cell: &Cell) -> Option<(f64, String)> {
        let shown = |value: f64, text: String| Some((value, text));
        match (self, cell.workload) {
            (Self::Payload, Workload::Ping { payload, .. }) => {
                shown(payload.0 as f64, payload.to_string())
            }
            (Self::Interval, Workload::Ping { interval, .. }) => {
                shown(interval.seconds(), interval.to_string())
            }
            (Self::Streams, Workload::Iperf3 { streams, .. } | Workload::Iperf { streams, .. }) => {
                shown(f64::from(streams), streams.to_string())
            }
            (Self::Message, Workload::Iperf3 { message, .. } | Workload::Iperf { message, .. }) => {
                message.and_then(|size| shown(size.0 as f64, size.to_string()))
            }
            (Self::Rate, Workload::Iperf3 { rate, .. }) => {
                rate.and_then(|rate| shown(rate.0 as f64, rate.to_string()))
            }
            (Self::Instances, _) => {
                let n = cell.setting.vms;
                shown(f64::from(n), n.to_string())
            }
            (Self::Nics, _) => {
                let n = cell.setting.nics;
                shown(f64::from(n), n.to_string())
            }
            _ => None,
        }
    }

    /// The workload and the conditions but for this factor.
    fn rest(self, cell: &Cell) -> (String, Setting) {
        let mut setting = cell.setting.clone();
        match self {
            Self::Instances => setting.vms = 1,
            Self::Nics => setting.nics = 1,
            _ => {}
        }
        // All factors but this one, in their order.
        let others = [
            Self::Payload,
            Self::Interval,
            Self::Streams,
            Self::Message,
            Self::Rate,
        ];
        let others = others.into_iter().filter(|other| *other != self);
        let levels = others.filter_map(|other| Some(other.level(cell)?.1));
        let kind = match cell.workload {
            Workload::Ping { .. } => "ping".to_owned(),
            Workload::Iperf3 {
                protocol,
                direction,
                ..
            } => format!("iperf3 {protocol} {direction}"),
            Workload::Iperf { direction, .. } => format!("iperf {direction}"),
        };
        let rest = std::iter::once(kind).chain(levels);
        (rest.collect::<Vec<_>>().join(", "), setting)
    }
}

/// A row at a level of a factor: its arm, the level to sort by and to show.
type Point<'a> = (Arm, f64, String, &'a Row);

/// A metric against a factor that has several levels, all else at the first levels that are
/// measured at more than one of it.
fn against(
    panels: &[&Panel],
    factor: Factor,
    desk: &mut Desk,
) -> Result<Option<Block>, FigureError> {
    let mut found: Vec<((String, Setting), Vec<Point<'_>>)> = Vec::new();
    for (panel, row) in panels
        .iter()
        .flat_map(|p| p.rows.iter().map(move |row| (p, row)))
    {
        let Some(cell) = desk.cell(&panel.experiment, &row.cell) else {
            continue;
        };
        let Some((place, name)) = factor.level(cell) else {
            continue;
        };
        let rest = factor.rest(cell);
        let point = (row.arm, place, name, row);
        match found.iter_mut().find(|(known, _)| *known == rest) {
            Some((_, points)) => points.push(point),
            None => found.push((rest, vec![point])),
        }
    }
    let several = |points: &[Point<'_>]| {
        let first = points.first().map(|point| point.1);
        points.iter().any(|point| Some(point.1) != first)
    };
    let groups = found.iter().filter(|(_, points)| several(points)).count();
    let Some(((workload, setting), points)) = found.iter().find(|(_, points)| several(points))
    else {
        return Ok(None);
    };
    let mut names: Vec<(f64, String)> = Vec::new();
    for (_, place, name, _) in points {
        if !names.iter().any(|(known, _)| known == place) {
            names.push((*place, name.clone()));
        }
    }
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let scale = scale(panels);
    let mut series: Vec<lines::Series<'_>> = Vec::new();
    for (arm, place, _, row) in points {
        let Some(level) = names.iter().position(|(known, _)| known == place) else {
            continue;
        };
        let point = (level, &row.estimate);
        match series.iter_mut().find(|line| line.arm == *arm) {
            Some(line) => line.points.push(point),
            None => series.push(lines::Series {
                arm: *arm,
                label: text::arm_in(*arm, setting),
                note: slope(panels, factor, *arm, setting, scale),
                points: vec![point],
            }),
        }
    }
    for line in &mut series {
        line.points.sort_by_key(|(level, _)| *level);
    }
    let levels = lines::Levels {
        factor: factor.name().to_owned(),
        names: names.into_iter().map(|(_, name)| name).collect(),
    };
    let title = format!("{} against {}", label(panels), factor.name().to_lowercase());
    let id = id(panels, &format!("against-{}", factor.name().to_lowercase()));
    let figure = lines::draw(&id, title.clone(), label(panels), scale, &levels, &series)?;
    let outcomes = series
        .iter()
        .flat_map(|line| line.points.iter().map(|(_, outcome)| *outcome));
    let others = if groups > 1 {
        format!(" One of {groups} combinations of the other factors: {workload}.")
    } else {
        format!(" {workload}.")
    };
    let slopes = if series.iter().any(|line| !line.note.is_empty()) {
        " Below the names: what each further instance adds, with its interval."
    } else {
        ""
    };
    let caption = format!(
        "{title}, estimates with intervals.{others}{slopes} {}.",
        super::panels::provenance(outcomes)
    );
    Ok(Some(desk.figure(figure, caption)))
}

/// What each further instance adds, where that is known.
fn slope(panels: &[&Panel], factor: Factor, arm: Arm, setting: &Setting, scale: Scale) -> String {
    let mut slopes = panels.iter().flat_map(|panel| &panel.slopes);
    let slope = slopes.find(|slope| slope.arm == arm && slope.setting == *setting);
    match slope {
        Some(slope) if factor == Factor::Instances && slope.estimate.estimate().is_some() => {
            format!("+{} each", number::outcome(&slope.estimate, scale))
        }
        _ => String::new(),
    }
}

/// What a neighbour's load does to each arm, as a matrix for each workload.
fn neighbours(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let mut blocks = Vec::new();
    for (index, panel) in panels.iter().enumerate() {
        let to_idle: Vec<&Comparison> = panel
            .comparisons
            .iter()
            .filter(|c| c.contrast == Contrast::ToIdle)
            .collect();
        let mut columns: Vec<&Setting> = Vec::new();
        let mut arms: Vec<Arm> = Vec::new();
        for comparison in &to_idle {
            if !columns.contains(&&comparison.setting) {
                columns.push(&comparison.setting);
            }
            if !arms.contains(&comparison.arm) {
                arms.push(comparison.arm);
            }
        }
        let sheets = columns.len().div_ceil(heat::MOST_COLUMNS);
        for (sheet, columns) in columns.chunks(heat::MOST_COLUMNS).enumerate() {
            let rows = arms.iter().map(|arm| heat::Row {
                arm: *arm,
                label: text::arm(*arm),
                cells: columns
                    .iter()
                    .map(|setting| {
                        let mut all = to_idle.iter();
                        let found = all.find(|c| c.arm == *arm && c.setting == **setting);
                        found.map(|c| heat_cell(c))
                    })
                    .collect(),
            });
            let matrix = heat::Matrix {
                columns: columns.iter().map(|setting| neighbour(setting)).collect(),
                rows: rows.collect(),
                lower_is_better: panel.metric.lower_is_better(),
            };
            let mut title = format!(
                "{} beside a neighbour under load, as a ratio to that beside an idle one",
                panel.metric.label()
            );
            if sheets > 1 {
                title.push_str(&format!(" ({} of {sheets})", sheet + 1));
            }
            let id = id(panels, &format!("neighbours-{}-{}", index + 1, sheet + 1));
            let figure = heat::draw(&id, title.clone(), &matrix)?;
            let shown: Vec<&Outcome> = to_idle
                .iter()
                .filter(|c| columns.contains(&&c.setting))
                .map(|c| ratio(c))
                .collect();
            let caption = format!(
                "{title}, {}. Each cell: ratio, interval, verdict at 5 %; intervals of all loads hold at once where the campaign has \
                 the blocks for it. Blue is better than beside an idle neighbour, orange worse. {}.",
                panel.workload,
                super::panels::provenance(shown.into_iter())
            );
            let table = text::anchor(&format!("{}-ratios", panel.id));
            blocks.push(desk.figure_of(figure, caption, &table));
        }
    }
    Ok(blocks)
}

/// The ratio that holds together with the others of its family, if there is one.
fn ratio(comparison: &Comparison) -> &Outcome {
    let joint = comparison
        .joint
        .as_ref()
        .and_then(|joint| joint.ratio.as_ref());
    joint
        .filter(|ratio| ratio.estimate().is_some())
        .unwrap_or(&comparison.ratio)
}

fn heat_cell(comparison: &Comparison) -> heat::Cell {
    let joint = comparison.joint.as_ref().and_then(|joint| joint.verdict);
    let verdict: Option<Verdict> = joint.or(comparison.verdict);
    match ratio(comparison) {
        Outcome::Estimate(estimate) => {
            let shown = number::estimate(estimate, Scale::PLAIN);
            heat::Cell {
                ratio: Some(estimate.value()),
                lines: [
                    shown.value,
                    shown.interval,
                    verdict.map_or_else(String::new, |verdict| verdict.to_string()),
                ],
            }
        }
        Outcome::Insufficient(few) => heat::Cell {
            ratio: None,
            lines: [
                "–".into(),
                format!("n = {}", few.n),
                format!("needs {}", few.needs),
            ],
        },
    }
}

/// A neighbour as the heading of a column.
fn neighbour(setting: &Setting) -> [String; 2] {
    let load = match setting.neighbour {
        Neighbour::Idle => "idle".to_owned(),
        load => load.to_string(),
    };
    let workers = setting
        .workers
        .map_or_else(String::new, |n| format!("{n} x "));
    let place = match setting.neighbour_at {
        NeighbourAt::Vm => "in a VM beside",
        NeighbourAt::Host => "on the host",
    };
    [format!("{workers}{load}"), place.to_owned()]
}

/// Mixes beside what they are made of, under the same conditions.
fn mixes(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let mut blocks = Vec::new();
    for (index, panel) in panels.iter().enumerate() {
        let mixed: Vec<&Row> = panel
            .rows
            .iter()
            .filter(|row| row.arm.mix.is_some())
            .collect();
        let mut shown: Vec<groups::Group<'_>> = Vec::new();
        for mix in mixed {
            let parts = panel.rows.iter().filter(|row| {
                let part = row.arm.mix.is_none() && row.arm.instance == mix.arm.instance;
                let mut likes = row.setting.clone();
                likes.nics = mix.setting.nics;
                part && mix.arm.backends().any(|b| b == row.arm.backend) && likes == mix.setting
            });
            let rows = std::iter::once(mix).chain(parts).map(|row| groups::Row {
                arm: row.arm,
                label: text::arm_in(row.arm, &row.setting),
                outcome: &row.estimate,
            });
            shown.push(groups::Group {
                heading: text::arm_in(mix.arm, &mix.setting),
                rows: rows.collect(),
            });
        }
        let lines: usize = shown.iter().map(|group| group.rows.len() + 1).sum();
        if shown.is_empty() || lines > groups::MOST_LINES {
            continue;
        }
        let scale = super::panels::scale(panel);
        let title = format!("{} of mixes beside their parts", panel.metric.label());
        let axis = format!("{}{}", panel.metric.label(), scale.suffix());
        let id = id(panels, &format!("mixes-{}", index + 1));
        let figure = groups::draw(&id, title.clone(), &axis, Kind::Values(scale), &shown)?;
        let outcomes = shown
            .iter()
            .flat_map(|group| group.rows.iter().map(|row| row.outcome));
        let caption = format!(
            "{title}, {}. {}.",
            panel.workload,
            super::panels::provenance(outcomes)
        );
        blocks.push(desk.figure(figure, caption));
    }
    Ok(blocks)
}

/// What the tunings do, as ratios to the same untuned.
fn tunings(panels: &[&Panel], desk: &mut Desk) -> Result<Option<Block>, FigureError> {
    let title = format!("{} tuned, as a ratio to the same untuned", label(panels));
    let axis = format!("{}, ratio to untuned", label(panels));
    let id = id(panels, "tunings");
    ratios(panels, Contrast::ToUntuned, id, title, &axis, desk)
}

/// The ratios of a contrast, workload by workload.
pub(super) fn ratios(
    panels: &[&Panel],
    contrast: Contrast,
    id: String,
    title: String,
    axis: &str,
    desk: &mut Desk,
) -> Result<Option<Block>, FigureError> {
    let mut shown: Vec<groups::Group<'_>> = Vec::new();
    let mut lines = 0;
    for panel in panels {
        let comparisons = panel.comparisons.iter().filter(|c| c.contrast == contrast);
        let rows: Vec<_> = comparisons
            .map(|comparison| groups::Row {
                arm: comparison.arm,
                label: text::arm_in(comparison.arm, &comparison.setting),
                outcome: ratio(comparison),
            })
            .collect();
        lines += rows.len() + 1;
        if !rows.is_empty() && lines <= groups::MOST_LINES {
            shown.push(groups::Group {
                heading: panel.workload.clone(),
                rows,
            });
        }
    }
    if shown.is_empty() {
        return Ok(None);
    }
    let figure = groups::draw(&id, title.clone(), axis, Kind::Ratios, &shown)?;
    let outcomes = shown
        .iter()
        .flat_map(|group| group.rows.iter().map(|row| row.outcome));
    let caption = format!(
        "{title}. The grey band is a difference of at most 5 %. Intervals hold at once where the campaign has the blocks for it. {}.",
        super::panels::provenance(outcomes)
    );
    Ok(Some(desk.figure(figure, caption)))
}
