//! Places as numbers: the globe cut into cells, twice as many along each axis at every step.
//!
//! ```text
//!   bits of a cell at step 3:   x2 y2 x1 y1 x0 y0      x counts cells eastwards, y northwards
//! ```
//!
//! A place is stored as the bits of its cell at step 26: 52 of them, which a score holds exactly. The cells of lower steps
//! are prefixes of these, so that all places within one of them have scores in one range.
//!
//! Quirk of the reference: a place at the eastern or northern edge has a coordinate of 2^step, one more than the bits
//! have room for.

use std::ops::Range;

/// A place, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) longitude: f64,
    pub(super) latitude: f64,
}

/// A piece of the globe between two corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) min: Point,
    pub(super) max: Point,
}

/// A cell of some step, from 1 to 26.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    bits: u64,
    step: u32,
}

/// The step of places as they are stored.
pub(super) const FINEST: u32 = 26;
/// Longitudes lie between this and its opposite.
pub(super) const LONGITUDE: f64 = 180.0;
/// Latitudes lie between this and its opposite: those of a square map.
pub(super) const LATITUDE: f64 = 85.051_128_78;

/// Where the bits of y stand.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// Moves the bits of a number apart, to the even positions.
fn spread(word: u32) -> u64 {
    let mut bits = u64::from(word);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, EVEN),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

/// Moves the bits at the even positions together.
fn gather(bits: u64) -> u32 {
    let mut bits = bits & EVEN;
    for (shift, mask) in [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff),
    ] {
        bits = (bits | bits >> shift) & mask;
    }
    bits as u32
}

/// The bits of the cell of a place, where latitudes reach up to `latitude`.
fn interleave(point: Point, step: u32, latitude: f64) -> u64 {
    let cells = (1u64 << step) as f64;
    let along = |value: f64, limit: f64| ((value + limit) / (limit + limit) * cells) as u32;
    spread(along(point.latitude, latitude)) | spread(along(point.longitude, LONGITUDE)) << 1
}

/// A score as a word, whatever it is: as the machine's own conversion leaves those that are no words.
fn word(score: f64) -> u64 {
    const HALF: f64 = (1u64 << 63) as f64;
    match score {
        ..HALF => score as i64 as u64,
        _ if score < 2.0 * HALF => score as u64,
        _ => 0,
    }
}

impl Cell {
    /// The cell of a place.
    pub(super) fn of(point: Point, step: u32) -> Cell {
        Cell { bits: interleave(point, step, LATITUDE), step }
    }

    /// The piece of the globe that it is.
    pub(super) fn area(self) -> Area {
        let cells = (1u64 << self.step) as f64;
        let (x, y) = (gather(self.bits >> 1), gather(self.bits));
        let edge = |count: u32, limit: f64| -limit + f64::from(count) / cells * (limit + limit);
        let corner = |x, y| Point { longitude: edge(x, LONGITUDE), latitude: edge(y, LATITUDE) };
        Area { min: corner(x, y), max: corner(x.wrapping_add(1), y.wrapping_add(1)) }
    }

    /// The cell so many cells further east and north, around the globe; each of them -1, 0 or 1.
    pub(super) fn neighbour(self, east: i8, north: i8) -> Cell {
        let unused = 64 - 2 * self.step;
        let (even, odd) = (EVEN >> unused, !EVEN >> unused);
        // The bits between those of one number are set, so that a carry runs through them, or are no part of it.
        let moved = |bits: u64, by: i8, between: u64| match by {
            0 => bits,
            1.. => bits.wrapping_add(between + 1),
            _ => (bits | between).wrapping_sub(between + 1),
        };
        let x = if east == 0 { self.bits & !EVEN } else { moved(self.bits & !EVEN, east, even) & odd };
        let y = if north == 0 { self.bits & EVEN } else { moved(self.bits & EVEN, north, odd) & even };
        Cell { bits: x | y, step: self.step }
    }

    /// The scores of the places within.
    pub(super) fn scores(self) -> Range<u64> {
        let shift = 2 * (FINEST - self.step);
        self.bits << shift..(self.bits + 1) << shift
    }
}

impl Point {
    /// Whether it is a place that can be stored.
    pub(super) fn is_on_map(self) -> bool {
        self.longitude.abs() <= LONGITUDE && self.latitude.abs() <= LATITUDE
    }

    /// The score of a place.
    pub(super) fn score(self) -> f64 {
        Cell::of(self, FINEST).bits as f64
    }

    /// The place of a score: the middle of its cell. Other scores lead somewhere, too.
    pub(super) fn of_score(score: f64) -> Point {
        let area = Cell { bits: word(score), step: FINEST }.area();
        let middle = |a: f64, b: f64, limit: f64| ((a + b) / 2.0).clamp(-limit, limit);
        Point {
            longitude: middle(area.min.longitude, area.max.longitude, LONGITUDE),
            latitude: middle(area.min.latitude, area.max.latitude, LATITUDE),
        }
    }

    /// The usual geohash of a place, whose latitudes reach to the poles: 11 digits, the last of them always 0 since 52
    /// bits make only ten.
    pub(super) fn geohash(self) -> [u8; 11] {
        const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
        let bits = interleave(self, FINEST, 90.0);
        std::array::from_fn(|at| match at {
            10 => b'0',
            at => DIGITS[(bits >> (47 - 5 * at)) as usize & 31],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Point> {
        (-LONGITUDE..=LONGITUDE, -LATITUDE..=LATITUDE)
            .prop_map(|(longitude, latitude)| Point { longitude, latitude })
    }

    #[test]
    fn a_city_is_where_the_reference_has_it() {
        let palermo = Point { longitude: 13.361389, latitude: 38.115556 };
        assert_eq!(palermo.score(), 3_479_099_956_230_698.0);
        let stored = Point::of_score(palermo.score());
        assert_eq!(stored.longitude.to_string(), "13.361389338970184");
        assert_eq!(stored.latitude.to_string(), "38.1155563954963");
        assert_eq!(stored.geohash(), *b"sqc8b49rny0");
    }

    proptest! {
        #[test]
        fn bits_move_apart_and_together(word: u32) {
            prop_assert_eq!(gather(spread(word)), word);
            prop_assert_eq!(spread(word) & !EVEN, 0);
        }

        #[test]
        fn a_cell_holds_its_places(point in point(), step in 1..=FINEST) {
            let cell = Cell::of(point, step);
            let area = cell.area();
            let near = 1e-9;
            prop_assert!(area.min.longitude <= point.longitude + near && point.longitude <= area.max.longitude + near);
            prop_assert!(area.min.latitude <= point.latitude + near && point.latitude <= area.max.latitude + near);
            prop_assert!(cell.scores().contains(&(point.score() as u64)));
        }

        #[test]
        fn there_and_back_again(point in point(), step in 1..=FINEST, east in -1i8..=1, north in -1i8..=1) {
            let cell = Cell::of(point, step);
            prop_assume!(cell.bits < 1 << (2 * step));
            prop_assert_eq!(cell.neighbour(east, north).neighbour(-east, -north), cell);
        }

        #[test]
        fn any_score_is_somewhere(score: f64) {
            let point = Point::of_score(score);
            prop_assert!(point.is_on_map() || score.is_nan());
        }
    }
}
