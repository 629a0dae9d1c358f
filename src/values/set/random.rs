//! Members by chance, each as likely as any other.

use super::Set;
use crate::Rules;
use base::map;
use base::rng::Rng;
use base::text::Text;
use structures::intset::Intset;
use structures::member::Members;
use structures::pack::Gap;

/// If more than one member in so many is wanted, all are laid out and shuffled; else each is drawn until it is new.
const SHUFFLE_FROM: usize = 3;
/// If more than so many members go for each one that stays, those that stay are drawn.
const KEEP_FROM: usize = 5;

impl Set {
    /// Some member, of a set that is not empty.
    #[inline]
    pub fn random(&self, rng: &mut Rng) -> Option<Text<'_>> {
        match self {
            Set::Pack(pack) => pack.get(rng.index(pack.len())),
            Set::Ints(ints) => draw_int(ints, rng).map(|(_, member)| member),
            Set::Table(table) => draw_member(table, rng).map(|(_, member)| member),
        }
    }

    /// Gives out `count` different members, of which there are more. Those of a set in one piece come in their order.
    pub fn sample<'s>(&'s self, count: usize, rng: &mut Rng, mut give: impl FnMut(Text<'s>)) {
        match self {
            Set::Pack(pack) => {
                let mut wanted = Choice { wanted: count, left: pack.len() };
                pack.items().iter().filter(|_| wanted.next(rng)).for_each(give);
            }
            _ if count.saturating_mul(SHUFFLE_FROM) > self.len() => {
                let mut all: Vec<Text<'_>> = self.iter().collect();
                for at in 0..count {
                    let other = at + rng.index(all.len() - at);
                    all.swap(at, other);
                    give(all[at]);
                }
            }
            Set::Ints(ints) => distinct(count, || draw_int(ints, rng), give),
            Set::Table(table) => distinct(count, || draw_member(table, rng), give),
        }
    }

    /// Takes some member out, of a set that is not empty, and gives it out before it goes.
    pub fn pop<R>(&mut self, rng: &mut Rng, give: impl FnOnce(Text<'_>) -> R) -> Option<R> {
        match self {
            Set::Pack(pack) => {
                let gap = pack.gap(rng.index(pack.len()));
                let given = give(pack.items().next(gap)?.0);
                pack.remove(gap, 1);
                Some(given)
            }
            Set::Ints(ints) => {
                let (index, member) = draw_int(ints, rng)?;
                ints.remove_at(index);
                Some(give(member))
            }
            Set::Table(table) => {
                let position = table.random(&mut || rng.next_u64())?;
                let member = table.remove(position);
                Some(give(Text::Bytes(member.as_bytes())))
            }
        }
    }

    /// Takes `count` members out, of which there are more, and gives each out.
    pub fn pop_many(&mut self, count: usize, rules: &Rules, rng: &mut Rng, mut give: impl FnMut(Text<'_>)) {
        let stay = self.len() - count;
        if let Set::Pack(pack) = self {
            let mut choice = Choice { wanted: count, left: pack.len() };
            let mut gap = Gap::START;
            while let Some((member, behind)) = pack.items().next(gap) {
                if choice.next(rng) {
                    give(member);
                    pack.remove(gap, 1);
                } else {
                    gap = behind;
                }
            }
        } else if stay.saturating_mul(KEEP_FROM) > count {
            for _ in 0..count {
                self.pop(rng, &mut give);
            }
        } else {
            // Those that stay make up a set of their own, as small as their number allows.
            let mut kept = if matches!(self, Set::Ints(_)) { Set::of_ints() } else { Set::of_strings() };
            for _ in 0..stay {
                self.pop(rng, |member| kept.add(member, rules));
            }
            self.iter().for_each(give);
            *self = kept;
        }
    }
}

/// A number drawn from a set, and its index.
fn draw_int(ints: &Intset, rng: &mut Rng) -> Option<(usize, Text<'static>)> {
    let index = rng.index(ints.len());
    Some((index, Text::Integer(ints.get(index)?)))
}

/// A member drawn from a table, and a number that no other one has: where it stands.
fn draw_member<'s>(table: &'s Members, rng: &mut Rng) -> Option<(usize, Text<'s>)> {
    let member = table.get(table.random(&mut || rng.next_u64())?);
    Some((std::ptr::from_ref(member).addr(), Text::Bytes(member.as_bytes())))
}

/// Draws until `count` different ones have been given out.
fn distinct<'s>(
    count: usize,
    mut draw: impl FnMut() -> Option<(usize, Text<'s>)>,
    mut give: impl FnMut(Text<'s>),
) {
    let mut drawn = map::Set::default();
    drawn.reserve(count);
    while drawn.len() < count {
        let Some((id, member)) = draw() else { return };
        if drawn.insert(id) {
            give(member);
        }
    }
}

/// Chooses `wanted` of `left` elements that pass by once, each with the same probability.
struct Choice {
    wanted: usize,
    left: usize,
}

impl Choice {
    fn next(&mut self, rng: &mut Rng) -> bool {
        let chosen = rng.chance(self.wanted as u64, self.left as u64);
        self.left -= 1;
        self.wanted -= usize::from(chosen);
        chosen
    }
}
