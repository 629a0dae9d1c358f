//! Tests of the geo commands.

use super::*;
use crate::Handler;
use crate::sorted_set::zrange;
use crate::testing::Bench;

fn check(bench: &mut Bench, cases: &[(Handler, &str, &str)]) {
    for (handler, line, reply) in cases {
        assert_eq!(bench.run(*handler, line), *reply, "{line}");
    }
}

fn sicily() -> Bench {
    let mut bench = Bench::new();
    bench.run(geoadd, "geoadd s 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
    bench
}

#[test]
fn places_are_stored_and_read() {
    let mut bench = sicily();
    assert_eq!(bench.facts(), ["zadd s"]);
    assert_eq!(bench.writes(), ["zadd s 3479099956230698 Palermo 3479447370796909 Catania"]);
    check(
        &mut bench,
        &[
            (
                geopos,
                "geopos s Palermo nowhere",
                "*2 *2 $20 13.36138933897018433 $20 38.11555639549629859 *-1",
            ),
            (geohash, "geohash s Palermo Catania no", "*3 $11 sqc8b49rny0 $11 sqdtr74hyu0 $-1"),
            (geodist, "geodist s Palermo Catania", "$11 166274.1516"),
            (geodist, "geodist s Palermo Catania km", "$8 166.2742"),
            (geodist, "geodist s Palermo nowhere", "$-1"),
            (
                geodist,
                "geodist s Palermo Catania yd",
                "-ERR unsupported unit provided. please use M, KM, FT, MI",
            ),
            (geoadd, "geoadd s nx ch 1 1 Palermo", ":0"),
            (geoadd, "geoadd s xx ch 14 38 Palermo", ":1"),
            (geoadd, "geoadd s 200 38 x", "-ERR invalid longitude,latitude pair 200.000000,38.000000"),
            (geoadd, "geoadd s nx xx 1 1 x", "-ERR syntax error"),
            (geoadd, "geoadd s 1 1", "-ERR syntax error"),
            (geoadd, "geoadd s 1 x x", "-ERR value is not a valid float"),
        ],
    );
}

#[test]
fn shapes_are_searched() {
    check(
        &mut sicily(),
        &[
            (
                georadius,
                "georadius s 15 37 200 km withdist asc",
                "*2 *2 $7 Catania $7 56.4413 *2 $7 Palermo $8 190.4424",
            ),
            (georadius, "georadius s 15 37 100 km", "*1 $7 Catania"),
            (georadiusbymember, "georadiusbymember s Palermo 200 km desc count 1", "*1 $7 Catania"),
            (geosearch, "geosearch s fromlonlat 15 37 bybox 400 400 km asc", "*2 $7 Catania $7 Palermo"),
            (
                geosearch,
                "geosearch s frommember Palermo byradius 1 m withhash",
                "*1 *2 $7 Palermo :3479099956230698",
            ),
            (geosearch, "geosearch s bypolygon 4 14 37 16 37 16 38 14 38", "*1 $7 Catania"),
            (geosearch, "geosearch no frommember x byradius 1 m", "*0"),
            (geosearchstore, "geosearchstore d s fromlonlat 15 37 byradius 200 km storedist", ":2"),
            (zrange, "zrange d 0 0", "*1 $7 Catania"),
            (georadius, "georadius s 15 37 100 km store d", ":1"),
            (zrange, "zrange d 0 -1 withscores", "*2 $7 Catania $16 3479447370796909"),
            (geosearchstore, "geosearchstore d s fromlonlat 1 1 byradius 1 m", ":0"),
            (zrange, "zrange d 0 -1", "*0"),
        ],
    );
}

#[test]
fn refusals_come_in_the_order_of_the_reference() {
    let only_from = "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch";
    let only_by = "-ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for geosearch";
    check(
        &mut sicily(),
        &[
            (geosearch, "geosearch s byradius 1 m asc desc", only_from),
            (geosearch, "geosearch s fromlonlat 1 1 asc desc", only_by),
            (geosearch, "geosearch s frommember Palermo fromlonlat 1 1 byradius 1 m", "-ERR syntax error"),
            (geosearch, "geosearch s fromlonlat 1 1 byradius 1 m bybox 1 1 m", "-ERR syntax error"),
            (geosearch, "geosearch s frommember Rome byradius 1 m", "-ERR member Rome does not exist"),
            (geosearch, "geosearch s fromlonlat 1 1 byradius -1 m", "-ERR radius cannot be negative"),
            (geosearch, "geosearch s fromlonlat 1 1 byradius x m", "-ERR need numeric radius"),
            (geosearch, "geosearch s fromlonlat 1 1 bybox 1 -1 m", "-ERR height or width cannot be negative"),
            (
                geosearch,
                "geosearch s fromlonlat 1 1 byradius 1 m any",
                "-ERR the ANY argument requires COUNT argument",
            ),
            (geosearch, "geosearch s fromlonlat 1 1 byradius 1 m count 0", "-ERR COUNT must be > 0"),
            (
                geosearch,
                "geosearch s bypolygon 2 1 1 2 2",
                "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices",
            ),
            (geosearch, "geosearch s bypolygon x 1 1 2 2", "-ERR invalid number of vertices"),
            (
                geosearchstore,
                "geosearchstore d s fromlonlat 1 1 byradius 1 m withdist",
                "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
            ),
            (
                georadius,
                "georadius s 1 1 1 m store d withhash",
                "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
            ),
            (georadius_ro, "georadius_ro s 1 1 1 m store d", "-ERR syntax error"),
        ],
    );
}
