//! The list of the append-only files. Whatever the text is, it is taken or refused; what was taken, written again, is read
//! as the same list, also after files have come and gone as in a rewrite; and no name leads out of the directory.

use aof::Manifest;

/// What such lists are made of.
pub const WORDS: &[&[u8]] = &[
    b"file a.1.base.rdb seq 1 type b\n",
    b"file \"a b\" seq 2 type i\n",
    b"file ../a seq 3 type h\n",
    b"file 'a\\x2fb' seq 4 type i\n",
    b"file ",
    b"FILE \"\\x00\" ",
    b" seq ",
    b"9223372036854775807",
    b"0",
    b" type i\n",
    b" type b\n",
    b" type h\n",
    b" later thing",
    b"#",
    b"\r\n",
    b"\n",
    &[b'x'; 1100],
];

/// The body.
pub fn run(input: &[u8]) {
    let Ok(mut manifest) = Manifest::parse(input) else { return };
    check(&manifest);
    let stem = &b"appendonly.aof"[..];
    for (snapshot, keep_last) in [(true, true), (false, false)] {
        let files = manifest.to_read().count() + manifest.history.len();
        let increment = manifest.new_increment(stem);
        let base = manifest.new_base(stem, snapshot);
        manifest.retire_increments(keep_last);
        assert_eq!(manifest.to_read().count() + manifest.history.len(), files + 2, "a file is lost");
        assert_eq!(manifest.base.as_ref().map(|entry| &entry.name), Some(&base));
        assert_eq!(manifest.increments.last().map(|entry| &entry.name), keep_last.then_some(&increment));
        check(&manifest);
    }
}

/// What a list says is read as the same list.
fn check(manifest: &Manifest) {
    assert!(manifest.to_read().all(|entry| !entry.name.iter().any(|byte| matches!(byte, b'/' | b'\\' | 0))));
    // Numbers rise until there is none above: the last one there is cannot be followed.
    let text = manifest.text();
    let last = |entry: &aof::Entry| entry.number == i64::MAX;
    if text.is_empty() || manifest.to_read().any(last) {
        return;
    }
    let again = Manifest::parse(&text).expect("what a manifest says is one");
    assert_eq!(again.text(), text);
    assert!(again.to_read().eq(manifest.to_read()));
}
