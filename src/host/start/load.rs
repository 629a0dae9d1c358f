//! The data of before, if it was kept in append-only files.

use super::{Stop, stop};
use crate::clock::Clock;
use crate::log;
use crate::persist::aof::AppendOnly;
use crate::sys;
use base::log::Line;
use node::aof::load::Refused;
use node::boundary::Files;
use node::{Input, Node, Output};

/// Loads the append-only files, if there are to be any, and opens the one that is to be written.
pub(super) fn append_only(node: &mut Node, clock: &Clock) -> Result<AppendOnly, Stop> {
    let files = AppendOnly::new().map_err(|error| {
        stop(&node.config, &Line::warning(format!("Can't start a thread: {}", sys::reason(&error))))
    });
    let mut files = files?;
    if !node.config.aof.appendonly {
        return Ok(files);
    }
    let loaded = load(node, clock, &mut files);
    perform(node, clock, &mut files);
    loaded.map_err(|Refused(lines)| {
        lines.iter().for_each(|line| log::write(&node.config, line));
        Stop(1)
    })?;
    Ok(files)
}

fn load(node: &mut Node, clock: &Clock, files: &mut AppendOnly) -> Result<(), Refused> {
    let mut loading = node.survey_aof(clock.now(), files)?;
    if let Some(loading) = &mut loading {
        while loading.step(clock.now(), node, files)? {
            perform(node, clock, files);
        }
    }
    node.open_aof(clock.now(), files, loading.as_ref())
}

/// Says what the node wants said, and does with files what it wants done.
fn perform(node: &mut Node, clock: &Clock, files: &mut AppendOnly) {
    while let Some(output) = node.next_output() {
        match output {
            Output::Log(line) => log::write(&node.config, &line),
            Output::Files(steps) => {
                let result = files.take(&steps);
                node.handle(clock.now(), Input::Filed(result));
            }
            _ => {}
        }
    }
}
