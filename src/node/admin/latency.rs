//! `LATENCY`: what took long, and how long commands take.

use crate::admin::help;
use crate::boundary::Now;
use crate::histogram::Histogram;
use crate::latency;
use crate::node::Node;
use crate::session::Session;
use catalog::{CommandId, id};
use commands::{CommandError, Done};
use conn::Args;

type Answer = Result<Done, CommandError>;

/// `LATENCY LATEST`
pub fn latest(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let mut reply = session.reply();
    reply.array(node.latency.iter().len());
    for series in node.latency.iter() {
        let (unix_s, millis) = series.last().map_or((0, 0), |last| (last.unix_s, last.millis));
        reply.array(6);
        reply.bulk(series.event.as_bytes());
        reply.integer(unix_s);
        for figure in [millis, series.max, series.sum, series.count] {
            reply.integer(figure as i64);
        }
    }
    Ok(Done::Replied)
}

/// `LATENCY HISTORY event`
pub fn history(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let mut reply = session.reply();
    let series = node.latency.find(args.at(2));
    reply.array(series.map_or(0, |series| series.samples.len()));
    for sample in series.into_iter().flat_map(|series| &series.samples) {
        reply.array(2);
        reply.integer(sample.unix_s);
        reply.integer(sample.millis as i64);
    }
    Ok(Done::Replied)
}

/// `LATENCY GRAPH event`
pub fn graph(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    let Some(series) = node.latency.find(args.at(2)) else {
        let event = commands::parse::quoted(args.at(2));
        return Err(CommandError::of([b"No samples available for event '".as_slice(), event, b"'"].concat()));
    };
    session.reply().verbatim(b"txt", &latency::graph(series, now.unix_s()));
    Ok(Done::Replied)
}

/// `LATENCY RESET [event ...]`
pub fn reset(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let named = |event: &str| args.from(2).any(|name| name.eq_ignore_ascii_case(event.as_bytes()));
    let forgotten = node.latency.forget(|event| args.len() == 2 || named(event));
    session.reply().integer(forgotten as i64);
    Ok(Done::Replied)
}

/// `LATENCY DOCTOR`
pub fn doctor(node: &mut Node, session: &mut Session, _: Args<'_>, now: Now<'_>) -> Answer {
    let report = latency::diagnose(&node.latency, &node.config, now.unix_s());
    session.reply().verbatim(b"txt", report.as_bytes());
    Ok(Done::Replied)
}

/// `LATENCY HISTOGRAM [command ...]`
pub fn histogram(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let asked: Vec<CommandId> = match args.len() {
        2 => CommandId::all().collect(),
        _ => args
            .from(2)
            .filter_map(|name| node.lexicon.names.by_full_name(name))
            .flat_map(|id| std::iter::once(id).chain(id.subcommands()))
            .collect(),
    };
    let histogram = |id: CommandId| Some((id, node.stats.commands[id.index()].latency.as_deref()?));
    let found: Vec<(CommandId, &Histogram)> = asked.into_iter().filter_map(histogram).collect();
    let mut reply = session.reply();
    reply.map(found.len());
    for (id, histogram) in found {
        reply.bulk(id.full_name().as_bytes());
        reply.map(2);
        reply.bulk(b"calls");
        reply.integer(histogram.total() as i64);
        reply.bulk(b"histogram_usec");
        let distribution = histogram.distribution();
        reply.map(distribution.len());
        for (micros, count) in distribution {
            reply.integer(micros as i64);
            reply.integer(count as i64);
        }
    }
    Ok(Done::Replied)
}

/// `LATENCY HELP`
pub fn help(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    Ok(help::explain(session, const { id("latency") }))
}
