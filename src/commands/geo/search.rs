//! Members within a shape: GEOSEARCH, GEOSEARCHSTORE, and the older commands that know circles only.

use super::cell::Point;
use super::shape::{Region, Shape};
use super::{parse_point, parse_unit, reply_distance, reply_point};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::sorted_set::{Bounds, ScoreEnd};
use keyspace::values::{SortedSet, Value};

/// `GEOSEARCH key FROMMEMBER member | FROMLONLAT longitude latitude BYRADIUS ... | BYBOX ... | BYPOLYGON ... [ASC | DESC]
/// [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]`
pub fn geosearch(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    search(cx, args, Grammar { source: 1, from: From::Options, stores: false })
}

/// `GEOSEARCHSTORE destination source ... [STOREDIST]`
pub fn geosearchstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    search(cx, args, Grammar { source: 2, from: From::Options, stores: true })
}

/// `GEORADIUS key longitude latitude radius M | KM | FT | MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]]
/// [ASC | DESC] [STORE key | STOREDIST key]`
pub fn georadius(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    search(cx, args, Grammar { source: 1, from: From::Place, stores: true })
}

/// `GEORADIUS_RO`: the same without the options that store.
pub fn georadius_ro(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    search(cx, args, Grammar { source: 1, from: From::Place, stores: false })
}

/// `GEORADIUSBYMEMBER key member radius ...`: as GEORADIUS.
pub fn georadiusbymember(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    search(cx, args, Grammar { source: 1, from: From::Member, stores: true })
}

/// `GEORADIUSBYMEMBER_RO`: the same without the options that store.
pub fn georadiusbymember_ro(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    search(cx, args, Grammar { source: 1, from: From::Member, stores: false })
}

fn search(cx: &mut Ctx<'_>, args: Args<'_>, grammar: Grammar) -> Result<Done, CommandError> {
    let key = cx.key(&args, grammar.source);
    let place = cx.read_place_of::<SortedSet>(&key)?;
    let set = place.map(|place| cx.value::<SortedSet>(place));
    let query = Query::parse(args, grammar, set.as_deref())?;
    let (found, unit) = match (&set, &query.region) {
        (Some(set), Some(region)) => (query.find(set, region), region.unit),
        _ => (Vec::new(), 1.0),
    };

    match query.store {
        None => query.reply(cx, &found, unit),
        Some(at) => {
            let event = if grammar.from == From::Options { "geosearchstore" } else { "georadiusstore" };
            query.store(cx, args, at, &found, unit, event);
        }
    }
    Ok(Done::Replied)
}

/// What a command takes.
#[derive(Clone, Copy, Debug)]
struct Grammar {
    /// The argument that is the key.
    source: usize,
    from: From,
    stores: bool,
}

/// How a command says where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// By its options, which say the shape too.
    Options,
    /// By a place, and a radius.
    Place,
    /// By a member, and a radius.
    Member,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Nearest,
    Farthest,
}

/// A member that was found.
#[derive(Debug)]
struct Found {
    name: Vec<u8>,
    score: f64,
    point: Point,
    distance: f64,
}

#[derive(Debug, Default)]
struct Query {
    /// Where to look; nowhere if the key is not there.
    region: Option<Region>,
    with_distance: bool,
    with_hash: bool,
    with_point: bool,
    sort: Option<Sort>,
    count: Option<usize>,
    /// Whether any `count` members will do.
    any: bool,
    /// The argument that is the key to store to.
    store: Option<usize>,
    store_distance: bool,
}

/// What the options have said of the region so far.
#[derive(Debug, Default)]
struct Parts {
    /// The place, which is not known where it is that of a member and there are none.
    from: Option<Option<Point>>,
    /// Whether the place is that of a member.
    by_member: bool,
    shape: Option<Shape>,
    unit: f64,
}

impl Query {
    fn parse(args: Args<'_>, grammar: Grammar, set: Option<&SortedSet>) -> Result<Query, CommandError> {
        let (mut query, mut parts) = (Query::default(), Parts::default());
        let mut at = match grammar.from {
            From::Options => grammar.source + 1,
            From::Place => {
                parts.from = Some(Some(parse_point(args.at(2), args.at(3))?));
                parts.circle(args.at(4), args.at(5))?;
                6
            }
            From::Member => {
                // Quirk of the reference: nobody looks at the radius when there is no key.
                if let Some(set) = set {
                    parts.from = Some(Some(place_of(set, args.at(2))?));
                    parts.circle(args.at(3), args.at(4))?;
                }
                5
            }
        };
        if grammar.from == From::Options && grammar.stores {
            query.store = Some(1);
        }
        while let Some(word) = args.get(at) {
            let left = args.len() - at - 1;
            at += 1 + match grammar.from {
                _ if query.flag(word) => 0,
                _ if parse::is(word, "count") && left >= 1 => query.parse_count(args.at(at + 1))?,
                From::Options if grammar.stores && parse::is(word, "storedist") => {
                    query.store_distance = true;
                    0
                }
                From::Options => parts.option(args, at, set)?.ok_or(CommandError::SYNTAX)?,
                _ if !grammar.stores || left < 1 => return Err(CommandError::SYNTAX),
                _ if parse::is(word, "store") || parse::is(word, "storedist") => {
                    query.store = Some(at + 1);
                    query.store_distance = parse::is(word, "storedist");
                    1
                }
                _ => return Err(CommandError::SYNTAX),
            };
        }
        query.check(args, grammar, &parts)?;
        query.region = parts.region();
        Ok(query)
    }

    /// Reads an option of one word; answers whether it is one.
    fn flag(&mut self, word: &[u8]) -> bool {
        match word {
            _ if parse::is(word, "withdist") => self.with_distance = true,
            _ if parse::is(word, "withhash") => self.with_hash = true,
            _ if parse::is(word, "withcoord") => self.with_point = true,
            _ if parse::is(word, "any") => self.any = true,
            _ if parse::is(word, "asc") => self.sort = Some(Sort::Nearest),
            _ if parse::is(word, "desc") => self.sort = Some(Sort::Farthest),
            _ => return false,
        }
        true
    }

    fn parse_count(&mut self, text: &[u8]) -> Result<usize, CommandError> {
        match parse::integer(text)? {
            count @ 1.. => self.count = Some(usize::try_from(count).unwrap_or(usize::MAX)),
            _ => return Err(CommandError::of("COUNT must be > 0")),
        }
        Ok(1)
    }

    /// Refuses options that do not go together.
    fn check(&self, args: Args<'_>, grammar: Grammar, parts: &Parts) -> Result<(), CommandError> {
        let command = String::from_utf8_lossy(parse::quoted(args.at(0)));
        let by_options = grammar.from == From::Options;
        let is_polygon = matches!(parts.shape, Some(Shape::Polygon(_)));
        if self.store.is_some() && (self.with_distance || self.with_hash || self.with_point) {
            let what = if by_options { "GEOSEARCHSTORE" } else { "STORE option in GEORADIUS" };
            return Err(CommandError::of(format!(
                "{what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
            )));
        }
        if by_options && parts.from.is_none() && !is_polygon {
            return Err(CommandError::of(format!(
                "exactly one of FROMMEMBER or FROMLONLAT can be specified for {command}"
            )));
        }
        if by_options && parts.shape.is_none() {
            return Err(CommandError::of(format!(
                "exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for {command}"
            )));
        }
        if self.any && self.count.is_none() {
            return Err(CommandError::of("the ANY argument requires COUNT argument"));
        }
        Ok(())
    }

    /// The members within, sorted and no more than asked for.
    fn find(&self, set: &SortedSet, region: &Region) -> Vec<Found> {
        let mut found = Vec::new();
        let enough = if self.any { self.count.unwrap_or(usize::MAX) } else { usize::MAX };
        for cell in region.cells() {
            if found.len() >= enough {
                break;
            }
            let scores = cell.scores();
            let end = |score: u64, open| ScoreEnd { score: score as f64, open };
            let ranks = set.ranks(&Bounds::Scores(end(scores.start, false), end(scores.end, true)));
            set.walk(ranks, false, |name, score| {
                let point = Point::of_score(score);
                if let Some(distance) = region.distance_within(point) {
                    found.push(Found { name: name.to_vec(), score, point, distance });
                }
                found.len() < enough
            });
        }
        // The first of those that come in no order are nobody's wish, unless any will do.
        match self.sort.or(self.count.filter(|_| !self.any).map(|_| Sort::Nearest)) {
            None => {}
            Some(Sort::Nearest) => found.sort_by(|a, b| a.distance.total_cmp(&b.distance)),
            Some(Sort::Farthest) => found.sort_by(|a, b| b.distance.total_cmp(&a.distance)),
        }
        found.truncate(self.count.unwrap_or(usize::MAX));
        found
    }

    fn reply(&self, cx: &mut Ctx<'_>, found: &[Found], unit: f64) {
        let reply = &mut cx.reply;
        let extras =
            usize::from(self.with_distance) + usize::from(self.with_hash) + usize::from(self.with_point);
        reply.array(found.len());
        for one in found {
            if extras > 0 {
                reply.array(1 + extras);
            }
            reply.bulk(&one.name);
            if self.with_distance {
                reply_distance(reply, one.distance / unit);
            }
            if self.with_hash {
                reply.integer(one.score as i64);
            }
            if self.with_point {
                reply_point(reply, one.point);
            }
        }
    }

    fn store(
        &self,
        cx: &mut Ctx<'_>,
        args: Args<'_>,
        at: usize,
        found: &[Found],
        unit: f64,
        event: &'static str,
    ) {
        let destination = cx.key(&args, at);
        let rules = &cx.settings.rules;
        let mut result = SortedSet::new(rules, found.len(), 0);
        for one in found {
            let score = if self.store_distance { one.distance / unit } else { one.score };
            result.put(rules, &one.name, |_| Some(score));
        }
        if result.is_empty() {
            cx.store_nothing(&destination);
        } else {
            cx.store(&destination, result.into_any());
            cx.changed(&destination, event, found.len() as u64);
        }
        cx.reply.integer(found.len() as i64);
    }
}

/// The place of a member.
fn place_of(set: &SortedSet, name: &[u8]) -> Result<Point, CommandError> {
    set.score(name)
        .map(Point::of_score)
        .ok_or_else(|| CommandError::of([b"member ", parse::quoted(name), b" does not exist"].concat()))
}

/// A length, given as a number.
fn length(text: &[u8], otherwise: &str) -> Result<f64, CommandError> {
    base::double::parse_f64(text).ok_or_else(|| CommandError::of(otherwise))
}

impl Parts {
    fn circle(&mut self, radius: &[u8], unit: &[u8]) -> Result<(), CommandError> {
        let radius = length(radius, "need numeric radius")?;
        if radius < 0.0 {
            return Err(CommandError::of("radius cannot be negative"));
        }
        self.unit = parse_unit(unit)?;
        self.shape = Some(Shape::Circle { radius });
        Ok(())
    }

    /// Reads the option at `at`, if it says something of the region; answers how many arguments belong to it.
    ///
    /// The same option may come twice: the last one counts. Different places, or different shapes, are refused.
    fn option(
        &mut self,
        args: Args<'_>,
        at: usize,
        set: Option<&SortedSet>,
    ) -> Result<Option<usize>, CommandError> {
        let (word, left) = (args.at(at), args.len() - at - 1);
        let is = |name: &str, operands: usize| left >= operands && parse::is(word, name);
        let (is_circle, is_box, is_polygon) = match self.shape {
            None => (false, false, false),
            Some(Shape::Circle { .. }) => (true, false, false),
            Some(Shape::Box { .. }) => (false, true, false),
            Some(Shape::Polygon(_)) => (false, false, true),
        };
        if is("frommember", 1) && !is_polygon && !self.is_from_place() {
            self.from = Some(set.map(|set| place_of(set, args.at(at + 1))).transpose()?);
            self.by_member = true;
            return Ok(Some(1));
        }
        if is("fromlonlat", 2) && !is_polygon && !self.by_member {
            self.from = Some(Some(parse_point(args.at(at + 1), args.at(at + 2))?));
            return Ok(Some(2));
        }
        if is("byradius", 2) && !is_box && !is_polygon {
            self.circle(args.at(at + 1), args.at(at + 2))?;
            return Ok(Some(2));
        }
        if is("bybox", 3) && !is_circle && !is_polygon {
            let width = length(args.at(at + 1), "need numeric width")?;
            let height = length(args.at(at + 2), "need numeric height")?;
            if width < 0.0 || height < 0.0 {
                return Err(CommandError::of("height or width cannot be negative"));
            }
            self.unit = parse_unit(args.at(at + 3))?;
            self.shape = Some(Shape::Box { width, height });
            return Ok(Some(3));
        }
        if is("bypolygon", 2) && !is_circle && !is_box && self.from.is_none() {
            return self.polygon(args, at + 1).map(Some);
        }
        Ok(None)
    }

    fn is_from_place(&self) -> bool {
        self.from.is_some() && !self.by_member
    }

    /// Reads the number of corners and the corners; answers how many arguments that takes.
    fn polygon(&mut self, args: Args<'_>, at: usize) -> Result<usize, CommandError> {
        let count = base::int::parse_i64(args.at(at)).and_then(|count| i32::try_from(count).ok());
        let count = count.ok_or_else(|| CommandError::of("invalid number of vertices"))?;
        let most = (args.len() - at - 1) / 2;
        let count = usize::try_from(count).ok().filter(|count| (3..=most).contains(count));
        let count =
            count.ok_or_else(|| CommandError::of("GEOSEARCH BYPOLYGON must have at least 3 vertices"))?;
        let corner = |i| parse_point(args.at(at + 1 + 2 * i), args.at(at + 2 + 2 * i));
        let corners = (0..count).map(corner).collect::<Result<_, _>>()?;
        self.unit = 1.0;
        self.shape = Some(Shape::Polygon(corners));
        Ok(1 + 2 * count)
    }

    fn region(self) -> Option<Region> {
        Some(Region::new(self.from.flatten(), self.shape?, self.unit))
    }
}
