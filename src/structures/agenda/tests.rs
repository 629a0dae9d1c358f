//! The agenda against a plain list, and what it asks for.

use super::*;
use proptest::prelude::*;
use std::cell::Cell;

/// The naive model: all items with their times.
#[derive(Default)]
struct Model {
    entries: Vec<(i64, u64)>,
    asked: Cell<usize>,
}

impl Book<u64> for Model {
    fn times(&self, item: u64, tell: &mut dyn FnMut(i64)) {
        self.asked.set(self.asked.get() + 1);
        self.entries.iter().filter(|entry| entry.1 == item).for_each(|entry| tell(entry.0));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(i64, u64),
    Remove(usize),
    Shift(usize, i64),
    Take(i64, usize),
}

/// Times from where it hurts: all the same, one after the other, spread out, at the ends of time.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(1000i64),
        4 => 1000i64..1040,
        4 => 0i64..100_000,
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), Just(0)],
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (time(), 0u64..40).prop_map(|(when, item)| Step::Add(when, item)),
        3 => any::<usize>().prop_map(Step::Remove),
        3 => (any::<usize>(), time()).prop_map(|(at, when)| Step::Shift(at, when)),
        1 => (time(), 0usize..30).prop_map(|(now, max)| Step::Take(now, max)),
    ]
}

fn run(steps: Vec<Step>) {
    let (mut agenda, mut model) = (Agenda::new(), Model::default());
    for step in steps {
        match step {
            Step::Add(when, item) => {
                model.entries.push((when, item));
                agenda.add(when, item, &model);
            }
            Step::Remove(at) if !model.entries.is_empty() => {
                let (when, item) = model.entries.swap_remove(at % model.entries.len());
                assert!(agenda.remove(when, item));
            }
            Step::Shift(at, to) if !model.entries.is_empty() => {
                let at = at % model.entries.len();
                let from = std::mem::replace(&mut model.entries[at].0, to);
                agenda.shift(from, to, model.entries[at].1, &model);
            }
            Step::Take(now, max) => take(&mut agenda, &mut model, now, max),
            _ => {}
        }
        agenda.check_invariants(&model);
        assert_eq!(agenda.len(), model.entries.len());
    }
}

fn take(agenda: &mut Agenda<u64>, model: &mut Model, now: i64, max: usize) {
    let mut due = Vec::new();
    agenda.take_due(now, max, model, &mut due);
    let passed = model.entries.iter().filter(|entry| tick(entry.0) < tick(now)).count();
    assert_eq!(due.len(), passed.min(max), "all that is due, up to the limit");
    let last = due.iter().map(|entry| tick(entry.0)).max();
    for (when, item) in due {
        let is_it = |other: &(i64, u64)| (tick(other.0), other.1) == (tick(when), item);
        let at = model.entries.iter().position(is_it).expect("a known one");
        model.entries.swap_remove(at);
    }
    if let Some(last) = last {
        let overtaken = |entry: &&(i64, u64)| tick(entry.0) < last;
        assert_eq!(model.entries.iter().filter(overtaken).count(), 0, "the earliest first");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 400 }))]
    #[test]
    fn it_agrees_with_a_list(steps in prop::collection::vec(step(), 0..if cfg!(miri) { 40 } else { 200 })) {
        run(steps);
    }
}

#[test]
#[cfg_attr(miri, ignore = "it counts, and runs no unsafe code")]
fn any_number_may_be_due_at_once() {
    let (mut agenda, mut model) = (Agenda::new(), Model::default());
    for item in 0..1000 {
        model.entries.push((5000, item));
        agenda.add(5000, item, &model);
    }
    agenda.check_invariants(&model);
    assert!(agenda.buckets() >= 1000 / FULL);
    model.asked.set(0);
    while !agenda.is_empty() {
        take(&mut agenda, &mut model, 6000, 5);
    }
    assert!(model.asked.get() <= 1000, "{} for 1000 items", model.asked.get());
}

#[test]
#[cfg_attr(miri, ignore = "it counts, and runs no unsafe code")]
fn times_that_come_in_order_are_not_asked_for() {
    let (mut agenda, mut model) = (Agenda::new(), Model::default());
    for item in 0..1000 {
        let when = item as i64 * 16;
        model.entries.push((when, item));
        agenda.add(when, item, &model);
    }
    assert_eq!(model.asked.get(), 0);
    for now in 0..1001 {
        take(&mut agenda, &mut model, now * 16, 100);
    }
    assert!(agenda.is_empty());
    assert!(model.asked.get() < 2000, "{} for 1000 items", model.asked.get());
}

#[test]
#[cfg_attr(miri, ignore = "it counts, and runs no unsafe code")]
fn what_is_not_due_costs_nothing() {
    let (mut agenda, mut model) = (Agenda::new(), Model::default());
    for item in 0..100 {
        model.entries.push((1_000_000 + item as i64 * 100, item));
        agenda.add(1_000_000 + item as i64 * 100, item, &model);
    }
    model.asked.set(0);
    for now in 0..1000 {
        take(&mut agenda, &mut model, now * 1000, 100);
    }
    assert_eq!(model.asked.get(), 0);
}
