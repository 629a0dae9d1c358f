//! A pack against a vector: after each operation it reads the same from either side, and so does the listpack made of it.

use crate::draw::Draw;
use base::text::{Digits, Text};
use structures::listpack;
use structures::pack::{Needle, Pack};

/// The body.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let (mut pack, mut model) = (Pack::new(), Vec::<Vec<u8>>::new());
    while draw.more() {
        let at = draw.below(model.len() + 1);
        match draw.below(8) {
            0..3 => {
                let text = draw.text();
                pack.insert(pack.gap(at), Text::of(&text));
                model.insert(at, text);
            }
            3 => {
                let text = draw.text();
                pack.push(Text::of(&text));
                model.push(text);
            }
            4 if at < model.len() => {
                model[at] = draw.text();
                pack.replace(pack.gap(at), Text::of(&model[at]));
            }
            5 => {
                let count = draw.below(4).min(model.len() - at);
                pack.remove(pack.gap(at), count);
                model.drain(at..at + count);
            }
            6 => {
                let text = draw.text();
                assert_eq!(pack.find(&Needle::new(&text), 1).is_some(), model.contains(&text));
            }
            _ => pack = pack.clone(),
        }
        check(&pack, &model);
    }
    let mut writer = listpack::Writer::new();
    model.iter().for_each(|item| writer.push(Text::of(item)));
    let bytes = writer.finish();
    let read =
        listpack::Reader::new(&bytes).and_then(listpack::Reader::all).expect("what was written can be read");
    assert!(read.iter().map(|item| item.to_vec()).eq(model));
}

fn check(pack: &Pack, model: &[Vec<u8>]) {
    assert_eq!((pack.len(), pack.is_empty()), (model.len(), model.is_empty()));
    let same = |item: Text<'_>, own: &Vec<u8>| item.bytes(&mut Digits::default()) == &own[..];
    assert!(pack.items().iter().zip(model).all(|(item, own)| same(item, own)));
    assert_eq!(pack.items().iter().count(), model.len());
    assert!(pack.items().iter_back().zip(model.iter().rev()).all(|(item, own)| same(item, own)));
    assert_eq!(pack.items().iter_back().count(), model.len());
    if let Some(own) = model.last() {
        assert!(same(pack.get(model.len() - 1).expect("as many"), own));
    }
}

/// Bytes that anyone could have sent, read as a listpack: refused or read, without a fault.
pub fn run_listpack(input: &[u8]) {
    let length = (input.len() + 7) as u32;
    let mut draw = Draw::new(input);
    let count = u16::from(draw.byte());
    let sealed = [&length.to_le_bytes()[..], &count.to_le_bytes(), input, &[0xff]].concat();
    for bytes in [input, &sealed] {
        if let Ok(items) = listpack::Reader::new(bytes).and_then(listpack::Reader::all) {
            let mut writer = listpack::Writer::new();
            items.iter().for_each(|item| writer.push(*item));
            let bytes = writer.finish();
            let again =
                listpack::Reader::new(&bytes).and_then(listpack::Reader::all).expect("what was written");
            assert_eq!(again, items);
        }
    }
}
