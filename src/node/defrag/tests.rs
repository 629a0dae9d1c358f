//! Tests of defragmentation, on a node whose memory is said to lie scattered and all of which moves.

use super::Pace;
use super::cycle::share_of_time;
use crate::boundary::Fragmentation;
use crate::testing::Bench;

const MB: u64 = 1 << 20;

fn scattered(gaps: u64) -> Fragmentation {
    Fragmentation { gaps, allocated: 1000 * MB }
}

fn figure(bench: &mut Bench, conn: crate::ConnId, name: &str) -> u64 {
    let text = bench.ask(conn, &["INFO everything"]);
    let line = text.lines().find(|line| line.split(':').next() == Some(name)).unwrap();
    line.split(':').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_cycle_begins_when_it_is_worth_it_and_moves_everything() {
    let mut bench = Bench::new("activedefrag yes");
    let conn = bench.connect(0);
    for n in 0..100 {
        bench.ask(conn, &[&format!("SET key:{n} {n}"), &format!("HSET hash:{n} field value")]);
    }
    bench.ask(conn, &["SCRIPT LOAD return"]);
    bench.fragmentation = scattered(99 * MB);
    bench.wait(300_000);
    assert_eq!(figure(&mut bench, conn, "active_defrag_hits"), 0, "9.9% is below the threshold");
    bench.fragmentation = scattered(110 * MB);
    bench.ask(conn, &["CONFIG SET active-defrag-ignore-bytes 111mb"]);
    bench.wait(300_000);
    assert_eq!(figure(&mut bench, conn, "active_defrag_hits"), 0, "so many bytes are to be ignored");
    bench.ask(conn, &["CONFIG SET active-defrag-ignore-bytes 100mb"]);
    bench.tick = 50;
    bench.wait(100_000);
    assert_eq!(figure(&mut bench, conn, "active_defrag_running"), 1, "a ninetieth of the way from 1% to 25%");
    bench.wait(20_000_000);
    assert!(figure(&mut bench, conn, "active_defrag_key_hits") >= 200);
    assert!(figure(&mut bench, conn, "active_defrag_hits") >= 300);
    bench.fragmentation = scattered(0);
    bench.wait(20_000_000);
    assert_eq!(figure(&mut bench, conn, "active_defrag_running"), 0);
    assert!(figure(&mut bench, conn, "total_active_defrag_time") > 0);
    assert_eq!(figure(&mut bench, conn, "current_active_defrag_time"), 0);
    assert_eq!(bench.ask(conn, &["GET key:7", "HGET hash:7 field"]), "$1\r\n7\r\n$5\r\nvalue\r\n");
}

#[test]
fn it_ends_when_it_is_switched_off() {
    let mut bench = Bench::new("activedefrag yes\nactive-defrag-cycle-us 0");
    let conn = bench.connect(0);
    for n in 0..1000 {
        bench.ask(conn, &[&format!("SET key:{n} {n}")]);
    }
    bench.fragmentation = scattered(2000 * MB);
    bench.tick = 1;
    bench.wait(300);
    assert_eq!(figure(&mut bench, conn, "active_defrag_running"), 25);
    let (hits, all) = (figure(&mut bench, conn, "active_defrag_hits"), 1000);
    assert!(0 < hits && hits < all, "{hits}");
    bench.ask(conn, &["CONFIG SET active-defrag-cycle-max 2"]);
    bench.wait(100_000);
    assert_eq!(figure(&mut bench, conn, "active_defrag_running"), 2);
    bench.ask(conn, &["CONFIG SET activedefrag no"]);
    bench.wait(1_000_000);
    assert_eq!(figure(&mut bench, conn, "active_defrag_running"), 0);
    bench.ask(conn, &["CONFIG RESETSTAT"]);
    assert_eq!(figure(&mut bench, conn, "active_defrag_hits"), 0);
}

#[test]
fn slices_and_rests_come_out_at_the_share_of_time() {
    for percent in [1, 2, 25, 60, 80] {
        let (mut pace, mut now_us, mut worked_us) = (Pace::default(), 1_000_000u64, 0);
        let began_us = now_us;
        for turn in 0..2000u64 {
            let slice_us = pace.slice(now_us, percent, 500);
            assert!((500..=2500).contains(&slice_us));
            // A step ends a little late, and now and then the next slice comes late.
            let slice_began_us = now_us;
            now_us += slice_us + turn % 30;
            worked_us += now_us - slice_began_us;
            now_us += pace.rest(slice_began_us, now_us, 500) + if turn % 50 == 0 { 20_000 } else { 0 };
        }
        let share = worked_us as f64 * 100.0 / (now_us - began_us) as f64;
        assert!((share / f64::from(percent) - 1.0).abs() < 0.05, "{share}% instead of {percent}%");
    }
}

#[test]
fn the_share_of_time_follows_the_waste() {
    let mut settings = config::Config::default().defrag;
    (settings.active_defrag_cycle_min, settings.active_defrag_cycle_max) = (1, 25);
    let share = |gaps: u64, settings: &config::Defrag| share_of_time(&scattered(gaps * 10 * MB), settings);
    assert_eq!([0, 10, 55, 100, 900].map(|gaps| share(gaps, &settings)), [1, 1, 13, 25, 25]);
    settings.active_defrag_cycle_min = 40;
    assert_eq!(share(50, &settings), 40, "the least counts where it is more than the most");
    settings.active_defrag_threshold_upper = settings.active_defrag_threshold_lower;
    settings.active_defrag_cycle_max = 60;
    assert_eq!(share(10, &settings), 60);
}
