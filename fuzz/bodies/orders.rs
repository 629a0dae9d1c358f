//! What keeps things in an order: the tree behind ranks, and the agenda of what is due.

use crate::draw::Draw;
use structures::agenda::{Agenda, Book};
use structures::order::Order;

type Pair = (f64, u32);

fn less(a: Pair, b: Pair) -> bool {
    a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)
}

/// The body: an order with small nodes, so that it becomes deep.
pub fn run_small(input: &[u8]) {
    run_order::<4, 4>(input);
}

/// The body: an order with nodes of the usual size.
pub fn run_usual(input: &[u8]) {
    run_order::<63, 32>(input);
}

fn run_order<const LEAF: usize, const FAN: usize>(input: &[u8]) {
    let mut draw = Draw::new(input);
    let (mut order, mut model) = (Order::<u32, LEAF, FAN>::new(), Vec::<Pair>::new());
    while draw.more() {
        match draw.below(6) {
            0..2 => {
                let (score, step) = (f64::from(draw.byte()), draw.one_of(&[0.0, 1.0, -1.0, 0.25]));
                for i in 0..=draw.below(40) {
                    let new = (score + step * i as f64, u32::from(draw.byte() % 4));
                    let at = model.partition_point(|&pair| less(pair, new));
                    if model.get(at) != Some(&new) {
                        order.insert(new.0, new.1, |score, item| less((score, item), new));
                        model.insert(at, new);
                    }
                }
            }
            2 if !model.is_empty() => {
                let gone = model.remove(draw.below(model.len()));
                assert_eq!(order.remove(|score, item| !less(gone, (score, item))), gone);
            }
            3 => {
                let at = draw.below(model.len() + 1);
                let end = model.len().min(at + draw.below(100));
                let mut taken = Vec::new();
                order.drain(at..end, |score, item| taken.push((score, item)));
                assert_eq!(taken, Vec::from_iter(model.drain(at..end)));
            }
            4 if !model.is_empty() => {
                let at = draw.below(model.len());
                let (old, new) = (model[at], (f64::from(draw.byte()), model[at].1));
                let fits = |left, right| less(left, new) && less(new, right);
                if order.alter(new.0, |score, item| !less(old, (score, item)), fits) {
                    model[at] = new;
                }
            }
            _ => order = order.clone(),
        }
        order.check_invariants(less);
        check_order(&order, &model, &mut draw);
    }
}

fn check_order<const LEAF: usize, const FAN: usize>(
    order: &Order<u32, LEAF, FAN>,
    model: &[Pair],
    draw: &mut Draw<'_>,
) {
    assert_eq!(order.len(), model.len());
    let (from, to) = (draw.below(model.len() + 1), draw.below(model.len() + 1));
    let ranks = from.min(to)..from.max(to);
    let mut walked = Vec::new();
    for backwards in [false, true] {
        walked.clear();
        order.walk(ranks.clone(), backwards, |score, item| {
            walked.push((score, item));
            true
        });
        if backwards {
            walked.reverse();
        }
        assert_eq!(walked, model[ranks.clone()]);
    }
    assert_eq!(order.get(from), model.get(from).copied());
    if let Some(&pair) = model.get(from) {
        assert_eq!(order.rank(|score, item| less((score, item), pair)), from);
    }
}

/// The naive agenda: everything with its time.
#[derive(Default)]
struct Diary(Vec<(i64, u64)>);

impl Book<u64> for Diary {
    fn times(&self, item: u64, tell: &mut dyn FnMut(i64)) {
        self.0.iter().filter(|entry| entry.1 == item).for_each(|entry| tell(entry.0));
    }
}

/// Times are told apart by this many milliseconds.
const TICK: i64 = 16;

/// The body: an agenda.
pub fn run_agenda(input: &[u8]) {
    let mut draw = Draw::new(input);
    let (mut agenda, mut diary) = (Agenda::new(), Diary::default());
    while draw.more() {
        match draw.below(6) {
            0..2 => {
                let (start, step) = (draw.number().saturating_mul(100), draw.one_of(&[0, 1, 16, 1000, -40]));
                for i in 0..=draw.below(100) as i64 {
                    let (when, item) = (start.saturating_add(step * i), i as u64 % 60);
                    diary.0.push((when, item));
                    agenda.add(when, item, &diary);
                }
            }
            2 if !diary.0.is_empty() => {
                let (when, item) = diary.0.swap_remove(draw.below(diary.0.len()));
                assert!(agenda.remove(when, item));
            }
            3 if !diary.0.is_empty() => {
                let at = draw.below(diary.0.len());
                let to = draw.number();
                let from = std::mem::replace(&mut diary.0[at].0, to);
                agenda.shift(from, to, diary.0[at].1, &diary);
            }
            4 => take_due(&mut agenda, &mut diary, draw.number().saturating_mul(100), draw.below(200)),
            _ => agenda = agenda.clone(),
        }
        agenda.check_invariants(&diary);
        assert_eq!(agenda.len(), diary.0.len());
        let first = diary.0.iter().map(|entry| entry.0).min();
        assert!(agenda.earliest() <= first && agenda.earliest().is_some() == first.is_some());
    }
}

fn take_due(agenda: &mut Agenda<u64>, diary: &mut Diary, now: i64, max: usize) {
    let tick = |when: i64| when.div_euclid(TICK);
    let mut due = Vec::new();
    agenda.take_due(now, max, diary, &mut due);
    let passed = diary.0.iter().filter(|entry| tick(entry.0) < tick(now)).count();
    assert_eq!(due.len(), passed.min(max), "all that is due, up to the limit");
    let last = due.iter().map(|entry| tick(entry.0)).max();
    for (when, item) in due {
        let is_it = |other: &(i64, u64)| (tick(other.0), other.1) == (tick(when), item);
        let at = diary.0.iter().position(is_it).expect("a known one");
        diary.0.swap_remove(at);
    }
    assert!(last.is_none_or(|last| diary.0.iter().all(|entry| tick(entry.0) >= last)), "the earliest first");
}
