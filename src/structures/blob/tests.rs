//! Blobs against a model of vectors, and the counting under threads. Small enough for Miri.

use super::*;
use proptest::prelude::*;

#[test]
fn size_classes_are_those_of_the_allocator() {
    let classes: Vec<usize> = [8, 16, 24, 32, 40, 48, 56, 64]
        .into_iter()
        .chain((0..8).flat_map(|doubling| [80, 96, 112, 128].map(|class| class << doubling)))
        .collect();
    let mut expected = classes.iter();
    let mut class = expected.next().copied().unwrap();
    for size in 0..=16384 {
        if size > class {
            class = expected.next().copied().unwrap();
        }
        assert_eq!(class_size(size), class, "of {size}");
    }
    assert!(class_size(usize::MAX) > usize::MAX / 2);
}

#[test]
fn a_blob_is_one_pointer() {
    assert_eq!(size_of::<Blob>(), 8);
    assert_eq!(size_of::<Option<Blob>>(), 8);
    assert_eq!(Blob::from_slice(b"").alloc_size(), 8);
    assert_eq!(Blob::from_slice(b"12345678").alloc_size(), 16);
    assert_eq!(Blob::from_slice(&[1; 57]).alloc_size(), 80);
    assert_eq!(format!("{:?}", Blob::from_slice(b"a\n")), r#"b"a\n""#);
}

#[test]
#[cfg_attr(miri, ignore = "too many clones")]
fn the_count_is_bounded() {
    let blob = Blob::from_slice(b"shared");
    let clones: Vec<Blob> = std::iter::from_fn(|| blob.try_clone()).collect();
    assert_eq!(clones.len(), 0xffff - 1);
    assert_eq!(blob.len(), 6);
    drop(clones);
    assert!(blob.is_unique());
    assert!(blob.try_clone().is_some());
}

#[test]
fn a_shared_blob_is_copied_before_it_changes() {
    let mut a = Blob::from_slice(b"abc");
    let b = a.try_clone().unwrap();
    assert!(!a.is_unique() && a.get_mut().is_none());
    a.append(b"def");
    assert_eq!((&*a, &*b), (&b"abcdef"[..], &b"abc"[..]));
    assert!(a.is_unique() && b.is_unique());
    let c = a.try_clone().unwrap();
    a.resize_zeroed(2);
    assert_eq!((&*a, &*c), (&b"ab"[..], &b"abcdef"[..]));
}

#[test]
fn addresses_lead_back() {
    let blob = Blob::from_slice(b"kept");
    let other = blob.try_clone().unwrap();
    let address = blob.into_raw();
    assert_eq!(address.as_ptr() as usize % 8, 0);
    // SAFETY: the address came from `into_raw` and is given back once, after the slice is read.
    let back = unsafe {
        assert_eq!(Blob::slice_from_raw(address), b"kept");
        Blob::from_raw(address)
    };
    assert_eq!(back, other);
    drop(other);
    assert!(back.is_unique());
}

#[test]
fn absurd_lengths_are_errors() {
    let mut blob = Blob::from_slice(b"abc");
    for len in [Blob::MAX_LEN + 1, usize::MAX] {
        assert_eq!(Blob::try_zeroed(len), Err(OutOfMemory));
        assert_eq!(blob.try_resize_zeroed(len), Err(OutOfMemory));
        assert!(BlobBuilder::try_new(len).is_err());
    }
    if !cfg!(miri) {
        assert_eq!(blob.try_resize_zeroed(Blob::MAX_LEN), Err(OutOfMemory));
        assert!(BlobBuilder::try_new(Blob::MAX_LEN).is_err());
    }
    assert_eq!(&*blob, b"abc");
}

#[test]
fn threads_share_and_let_go() {
    let rounds = if cfg!(miri) { 20 } else { 2000 };
    for _ in 0..rounds / 20 {
        let blob = Blob::from_slice(b"what all of them see");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let mut mine = blob.try_clone().unwrap();
                scope.spawn(move || {
                    for _ in 0..20 {
                        let other = mine.try_clone().unwrap();
                        assert_eq!(&*other, b"what all of them see");
                    }
                    mine.append(b", and more");
                    assert_eq!(&*mine, b"what all of them see, and more");
                });
            }
            // Whoever lets go last frees it, so let this one go while the others are at it.
            drop(blob);
        });
    }
}

/// The last one to hold the bytes writes to them, whichever thread that is.
#[test]
fn a_writer_sees_that_the_others_are_gone() {
    for _ in 0..if cfg!(miri) { 10 } else { 500 } {
        let mut blob = Blob::from_slice(&[7; 100]);
        let other = blob.try_clone().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || assert_eq!(other.iter().map(|byte| u32::from(*byte)).sum::<u32>(), 700));
            loop {
                if let Some(bytes) = blob.get_mut() {
                    bytes.fill(9);
                    break;
                }
                std::thread::yield_now();
            }
        });
        assert_eq!(&*blob, &[9; 100]);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u8>),
    Resize(usize),
    Write(usize, u8),
    Share(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60).prop_map(Step::Append),
        prop_oneof![0..100usize, 0..5000usize].prop_map(Step::Resize),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Step::Write(at, byte)),
        any::<bool>().prop_map(Step::Share),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 8 } else { 256 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_as_a_vector_does(first in prop::collection::vec(any::<u8>(), 0..40), steps in prop::collection::vec(step(), 0..60)) {
        let mut model = first;
        let mut blob = Blob::from_slice(&model);
        let mut shared: Option<(Blob, Vec<u8>)> = None;
        for step in steps {
            match step {
                Step::Append(more) => {
                    blob.append(&more);
                    model.extend(more);
                }
                Step::Resize(len) => {
                    blob.resize_zeroed(len);
                    model.resize(len, 0);
                }
                Step::Write(at, byte) => {
                    let unique = blob.is_unique();
                    let bytes = blob.get_mut();
                    prop_assert_eq!(bytes.is_some(), unique);
                    if let Some(bytes) = bytes && !bytes.is_empty() {
                        let at = at % bytes.len();
                        bytes[at] = byte;
                        model[at] = byte;
                    }
                }
                Step::Share(true) => shared = blob.try_clone().map(|clone| (clone, model.clone())),
                Step::Share(false) => shared = None,
            }
            prop_assert_eq!(blob.as_slice(), &model[..]);
            prop_assert_eq!(blob.alloc_size(), class_size(8 + model.len()));
            if let Some((clone, then)) = &shared {
                prop_assert_eq!(clone.as_slice(), &then[..]);
            }
        }
    }

    #[test]
    fn is_built_of_pieces(bytes in prop::collection::vec(any::<u8>(), 0..300), cuts in prop::collection::vec((0..80usize, 0..3u8), 0..12)) {
        let mut builder = BlobBuilder::new(bytes.len());
        let mut coming = &bytes[..];
        for (n, way) in cuts.into_iter().chain([(bytes.len(), 0)]) {
            let piece = &coming[..n.min(coming.len())];
            match way {
                0 => prop_assert!(builder.extend_from_slice(piece).is_empty()),
                1 => {
                    let room = builder.unfilled_mut();
                    prop_assert_eq!(room.len(), coming.len());
                    room[..piece.len()].copy_from_slice(piece);
                    builder.advance(piece.len());
                }
                _ => {
                    builder.spare()[..piece.len()].write_copy_of_slice(piece);
                    // SAFETY: so many bytes have just been written.
                    unsafe { builder.assume_filled(piece.len()) };
                }
            }
            coming = &coming[piece.len()..];
            prop_assert_eq!(builder.filled(), &bytes[..bytes.len() - coming.len()]);
            prop_assert_eq!(builder.remaining(), coming.len());
            builder = match builder.finish() {
                Ok(blob) => {
                    prop_assert!(coming.is_empty());
                    prop_assert_eq!(blob.as_slice(), &bytes[..]);
                    return Ok(());
                }
                Err(builder) => builder,
            };
        }
        prop_assert!(false, "all pieces are there, but the builder is not finished");
    }
}

#[test]
fn a_builder_takes_no_more_than_its_length() {
    let mut builder = BlobBuilder::new(4);
    assert_eq!(builder.extend_from_slice(b"abcdef"), b"ef");
    assert!(builder.unfilled_mut().is_empty());
    assert_eq!(builder.finish().as_deref().ok(), Some(&b"abcd"[..]));
}

/// A long blob is zeroed ahead in pieces, however short the reads are.
#[test]
fn a_builder_zeroes_ahead() {
    let len = 200_000;
    let mut builder = BlobBuilder::new(len);
    let mut reads = 0;
    while builder.remaining() > 0 {
        let room = builder.unfilled_mut();
        assert!(room.iter().all(|byte| *byte == 0));
        let n = room.len().min(50_000);
        room[..n].fill(1);
        builder.advance(n);
        reads += 1;
    }
    assert_eq!(reads, 4);
    assert_eq!(&*builder.finish().unwrap(), &vec![1; len][..]);
}

#[test]
#[should_panic(expected = "more bytes filled")]
fn a_builder_knows_what_it_gave() {
    let mut builder = BlobBuilder::new(10);
    builder.advance(1);
}
