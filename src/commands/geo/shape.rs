//! Shapes on the globe: how far apart places are, what lies within a shape, and which cells cover it.

use super::cell::{Area, Cell, FINEST, LATITUDE, LONGITUDE, Point};

/// The radius of the globe in metres.
const RADIUS: f64 = 6_372_797.560856;
/// Half the edge of the square map, in metres; roughly.
const HALF_MAP: f64 = 20_037_726.37;

fn radians(degrees: f64) -> f64 {
    degrees * (std::f64::consts::PI / 180.0)
}

fn degrees(radians: f64) -> f64 {
    radians / (std::f64::consts::PI / 180.0)
}

/// How far apart two latitudes are, in metres.
fn latitude_distance(a: f64, b: f64) -> f64 {
    RADIUS * (radians(b) - radians(a)).abs()
}

/// How far apart two places are, in metres along a great circle: the haversine formula.
pub(super) fn distance(a: Point, b: Point) -> f64 {
    let v = ((radians(b.longitude) - radians(a.longitude)) / 2.0).sin();
    if v.abs() <= 1e-15 {
        return latitude_distance(a.latitude, b.latitude);
    }
    let (a, b) = (radians(a.latitude), radians(b.latitude));
    let u = ((b - a) / 2.0).sin();
    let h = u * u + a.cos() * b.cos() * v * v;
    2.0 * RADIUS * h.sqrt().asin()
}

/// A shape, with lengths in some unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Circle {
        radius: f64,
    },
    /// Along meridians and circles of latitude.
    Box {
        width: f64,
        height: f64,
    },
    /// Of these corners, on the map.
    Polygon(Vec<Point>),
}

/// A shape where it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Region {
    pub(super) center: Point,
    pub(super) shape: Shape,
    /// The metres of a unit.
    pub(super) unit: f64,
}

impl Region {
    /// Puts a shape at a place. A polygon is where it is: its centre is that of its corners in space.
    pub(super) fn new(center: Option<Point>, shape: Shape, unit: f64) -> Region {
        let center = match (&shape, center) {
            (Shape::Polygon(corners), _) => centroid(corners),
            (_, Some(center)) => center,
            (_, None) => Point { longitude: 0.0, latitude: 0.0 },
        };
        Region { center, shape, unit }
    }

    /// The distance of a place from the centre in metres, if it lies within.
    pub(super) fn distance_within(&self, point: Point) -> Option<f64> {
        let is_beyond = match &self.shape {
            Shape::Circle { radius } => {
                let distance = distance(self.center, point);
                return if distance > radius * self.unit { None } else { Some(distance) };
            }
            Shape::Box { width, height } => {
                let beside = Point { longitude: self.center.longitude, ..point };
                latitude_distance(point.latitude, self.center.latitude) > height * self.unit / 2.0
                    || distance(point, beside) > width * self.unit / 2.0
            }
            Shape::Polygon(corners) => !is_inside(point, corners),
        };
        (!is_beyond).then(|| distance(self.center, point))
    }

    /// The cells to look for places in, the one of the centre first. Some may be there twice.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        let bounds = self.bounds();
        let mut step = step_for(self.reach(&bounds), self.center.latitude);
        let mut middle = Cell::of(self.center, step);
        // Near its edge, the neighbours of the centre's cell may not reach far enough.
        let falls_short = middle.neighbour(0, 1).area().max.latitude < bounds.max.latitude
            || middle.neighbour(0, -1).area().min.latitude > bounds.min.latitude
            || middle.neighbour(1, 0).area().max.longitude < bounds.max.longitude
            || middle.neighbour(-1, 0).area().min.longitude > bounds.min.longitude;
        if step > 1 && falls_short {
            step -= 1;
            middle = Cell::of(self.center, step);
        }
        let area = middle.area();
        let is_useless = move |east: i8, north: i8| {
            step >= 2
                && (north < 0 && area.min.latitude < bounds.min.latitude
                    || north > 0 && area.max.latitude > bounds.max.latitude
                    || east < 0 && area.min.longitude < bounds.min.longitude
                    || east > 0 && area.max.longitude > bounds.max.longitude)
        };
        const AROUND: [(i8, i8); 9] =
            [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];
        let wanted = AROUND.into_iter().filter(move |&(east, north)| !is_useless(east, north));
        let mut last = None;
        wanted.filter_map(move |(east, north)| {
            let cell = middle.neighbour(east, north);
            // Around a small globe, neighbours meet. (Quirk of the reference: the first is not compared, nor any two
            // that do not follow each other, so that a place may be found twice.)
            if last == Some(cell) {
                return None;
            }
            last = ((east, north) != (0, 0)).then_some(cell);
            Some(cell)
        })
    }

    /// Corners between which everything within lies, the centre being no further off an edge than the shape is large.
    fn bounds(&self) -> Area {
        let (width, height) = match &self.shape {
            Shape::Circle { radius } => (self.unit * radius, self.unit * radius),
            Shape::Box { width, height } => (self.unit * width / 2.0, self.unit * height / 2.0),
            Shape::Polygon(corners) => return bounds_of(corners),
        };
        let Point { longitude, latitude } = self.center;
        let up = degrees(height / RADIUS);
        // A degree of longitude is the shorter the further from the equator.
        let nearer_pole = if latitude < 0.0 { latitude - up } else { latitude + up };
        let aside = degrees(width / RADIUS / radians(nearer_pole).cos());
        Area {
            min: Point { longitude: longitude - aside, latitude: latitude - up },
            max: Point { longitude: longitude + aside, latitude: latitude + up },
        }
    }

    /// How far from the centre something within may be, in metres.
    fn reach(&self, bounds: &Area) -> f64 {
        match &self.shape {
            Shape::Circle { radius } => radius * self.unit,
            Shape::Box { width, height } => {
                ((width / 2.0) * (width / 2.0) + (height / 2.0) * (height / 2.0)).sqrt() * self.unit
            }
            Shape::Polygon(_) => {
                let Area { min, max } = *bounds;
                let corners = [
                    Point { longitude: min.longitude, latitude: max.latitude },
                    max,
                    min,
                    Point { longitude: max.longitude, latitude: min.latitude },
                ];
                corners.map(|corner| distance(self.center, corner)).into_iter().fold(0.0, f64::max)
            }
        }
    }
}

/// The step whose cells are so large that a centre's cell and its neighbours cover what is within reach, as a rule.
fn step_for(mut reach: f64, latitude: f64) -> u32 {
    if reach == 0.0 {
        return FINEST;
    }
    let mut step = 1i32;
    while reach < HALF_MAP {
        reach *= 2.0;
        step += 1;
    }
    step -= 2;
    // Towards the poles cells become narrow.
    step -= i32::from(latitude.abs() > 66.0) + i32::from(latitude.abs() > 80.0);
    step.clamp(1, FINEST as i32) as u32
}

fn bounds_of(corners: &[Point]) -> Area {
    let mut area = Area {
        min: Point { longitude: LONGITUDE, latitude: LATITUDE },
        max: Point { longitude: -LONGITUDE, latitude: -LATITUDE },
    };
    for corner in corners {
        area.min.longitude = area.min.longitude.min(corner.longitude);
        area.min.latitude = area.min.latitude.min(corner.latitude);
        area.max.longitude = area.max.longitude.max(corner.longitude);
        area.max.latitude = area.max.latitude.max(corner.latitude);
    }
    area
}

/// The place below the middle of places in space.
fn centroid(corners: &[Point]) -> Point {
    let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
    for corner in corners {
        let (longitude, latitude) = (radians(corner.longitude), radians(corner.latitude));
        x += latitude.cos() * longitude.cos();
        y += latitude.cos() * longitude.sin();
        z += latitude.sin();
    }
    let level = f64::sqrt(x * x + y * y);
    Point { longitude: degrees(y.atan2(x)), latitude: degrees(z.atan2(level)) }
}

/// Whether a ray eastwards from a point crosses the edges of a polygon an odd number of times.
fn is_inside(point: Point, corners: &[Point]) -> bool {
    let mut inside = false;
    let mut previous = corners[corners.len() - 1];
    for &corner in corners {
        let (a, b) = (corner, previous);
        if (a.latitude > point.latitude) != (b.latitude > point.latitude) {
            let crossing = (b.longitude - a.longitude) * (point.latitude - a.latitude)
                / (b.latitude - a.latitude)
                + a.longitude;
            inside ^= point.longitude < crossing;
        }
        previous = corner;
    }
    inside
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
    fn two_cities_are_as_far_apart_as_the_reference_says() {
        let at = |longitude, latitude| Point::of_score(Point { longitude, latitude }.score());
        let far = distance(at(13.361389, 38.115556), at(15.087269, 37.502669));
        assert_eq!(format!("{far:.4}"), "166274.1516");
    }

    #[test]
    fn a_polygon_holds_what_lies_within_its_corners() {
        let corner = |longitude, latitude| Point { longitude, latitude };
        // An L, whose notch does not belong to it.
        let corners = vec![
            corner(0.0, 0.0),
            corner(4.0, 0.0),
            corner(4.0, 1.0),
            corner(1.0, 1.0),
            corner(1.0, 4.0),
            corner(0.0, 4.0),
        ];
        let region = Region::new(None, Shape::Polygon(corners), 1.0);
        for (longitude, latitude, within) in
            [(0.5, 0.5, true), (3.0, 0.5, true), (0.5, 3.0, true), (3.0, 3.0, false), (-1.0, 0.5, false)]
        {
            assert_eq!(region.distance_within(corner(longitude, latitude)).is_some(), within);
        }
    }

    proptest! {
        /// Away from the edges of the map, all that lies within a circle or a box stands in its cells.
        #[test]
        fn cells_cover_their_shape(
            longitude in -100.0..100.0, latitude in -60.0..60.0, size in 1.0..2_000_000.0, round: bool,
            east in -1.0..1.0, north in -1.0..1.0,
        ) {
            let shape = if round { Shape::Circle { radius: size } } else { Shape::Box { width: size, height: size / 2.0 } };
            let region = Region::new(Some(Point { longitude, latitude }), shape, 1.0);
            let reach = degrees(size / RADIUS);
            let other = Point { longitude: longitude + east * reach * 2.0, latitude: latitude + north * reach };
            prop_assume!(other.is_on_map() && region.distance_within(other).is_some());
            let score = other.score() as u64;
            prop_assert!(region.cells().any(|cell| cell.scores().contains(&score)));
        }

        #[test]
        fn any_place_has_cells(center in point(), size in prop_oneof![Just(0.0), 0.0..1e9, Just(f64::INFINITY)]) {
            let region = Region::new(Some(center), Shape::Circle { radius: size }, 1.0);
            prop_assert!((1..=9).contains(&region.cells().count()));
        }
    }
}
