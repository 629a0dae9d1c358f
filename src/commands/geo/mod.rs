//! The geo commands: sorted sets whose scores are places. `cell.rs` turns places to scores and back, `shape.rs` knows
//! distances and what lies within a shape; both are pure arithmetic, in the order of operations that gives the reference's
//! results to the last bit.

mod add;
mod cell;
mod read;
mod search;
mod shape;
#[cfg(test)]
mod tests;

pub use add::geoadd;
pub use read::{geodist, geohash, geopos};
pub use search::{
    georadius, georadius_ro, georadiusbymember, georadiusbymember_ro, geosearch, geosearchstore,
};

use crate::{CommandError, parse};
use cell::Point;
use resp::{Protocol, Reply};

/// A place, given as its longitude and its latitude.
fn parse_point(longitude: &[u8], latitude: &[u8]) -> Result<Point, CommandError> {
    let point = Point { longitude: parse::float(longitude)?, latitude: parse::float(latitude)? };
    if point.is_on_map() {
        return Ok(point);
    }
    let Point { longitude, latitude } = point;
    Err(CommandError::of(format!("invalid longitude,latitude pair {longitude:.6},{latitude:.6}")))
}

/// The metres of a unit.
fn parse_unit(text: &[u8]) -> Result<f64, CommandError> {
    let units = [("m", 1.0), ("km", 1000.0), ("ft", 0.3048), ("mi", 1609.34)];
    let unit = units.iter().find(|(name, _)| parse::is(text, name));
    unit.map(|unit| unit.1)
        .ok_or_else(|| CommandError::of("unsupported unit provided. please use M, KM, FT, MI"))
}

/// Replies with a distance, with four digits behind the point.
fn reply_distance(reply: &mut Reply<'_>, distance: f64) {
    let mut text = Vec::with_capacity(32);
    base::double::push_fixed(&mut text, distance, 4);
    reply.bulk(&text);
}

/// Replies with a longitude and a latitude, with up to 17 digits behind the point.
fn reply_point(reply: &mut Reply<'_>, point: Point) {
    reply.array(2);
    for degrees in [point.longitude, point.latitude] {
        let text = format!("{degrees:.17}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let text = if text == "-0" { "0" } else { text };
        match reply.protocol() {
            Protocol::Resp2 => reply.bulk(text.as_bytes()),
            Protocol::Resp3 => reply.raw(format!(",{text}\r\n").as_bytes()),
        }
    }
}
