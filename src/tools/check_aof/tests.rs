//! Files that are whole, broken and cut, in a folder that is made up.

use super::{Check, Folder, Options, Request};
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

#[derive(Default)]
struct Shelf {
    files: BTreeMap<Vec<u8>, Vec<u8>>,
    agrees: bool,
}

impl Folder for Shelf {
    fn open(&mut self, path: &[u8]) -> io::Result<(Box<dyn Read>, u64)> {
        let file = self.files.get(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok((Box::new(Cursor::new(file.clone())), file.len() as u64))
    }
    fn truncate(&mut self, path: &[u8], len: u64) -> io::Result<()> {
        self.files.get_mut(path).ok_or(io::ErrorKind::NotFound)?.truncate(len as usize);
        Ok(())
    }
    fn asks(&mut self) -> bool {
        self.agrees
    }
}

/// Runs the program; answers its code and what it has said.
fn run(shelf: &mut Shelf, args: &[&str]) -> (u8, String) {
    let args: Vec<Vec<u8>> =
        [&["valkey-check-aof"], args].concat().iter().map(|word| word.as_bytes().to_vec()).collect();
    let Request::Check(options) = Options::parse(&args) else { panic!("{args:?}") };
    let mut out = Vec::new();
    let code = Check::new(&options, shelf, &mut out, 0).run().unwrap();
    (code, String::from_utf8(out).unwrap())
}

fn shelf(files: &[(&str, &[u8])]) -> Shelf {
    let files = files.iter().map(|(name, bytes)| (name.as_bytes().to_vec(), bytes.to_vec())).collect();
    Shelf { files, agrees: true }
}

const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";
const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";

#[test]
fn what_is_whole_is_valid() {
    let mut shelf = shelf(&[("a.aof", &[PING, b"#TS:5\r\n", PING].concat()), ("empty", b"")]);
    let (code, said) = run(&mut shelf, &["a.aof"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.ends_with(
        "AOF analyzed: filename=a.aof, size=35, ok_up_to=35, ok_up_to_line=7, diff=0\nAOF a.aof is valid\n"
    ), "{said}");
    assert_eq!(run(&mut shelf, &["empty"]), (0, "Start checking Old-Style AOF\nAOF empty is empty\n".into()));
    assert_eq!(run(&mut shelf, &["none"]).0, 1);
}

#[test]
fn what_is_broken_is_told_and_cut_if_that_is_wished() {
    let broken: [(&[u8], &str); 7] = [
        (b"*1\r\n$9\r\nPIN", "Expected to read 11 bytes, got 3 bytes"),
        (b"*1\r\n:4\r\nPING\r\n", "Expected prefix '$', got: ':'"),
        (b"*1\r\n$4\r\nPINGxx", "Expected \\r\\n, got: 7878"),
        (b"*1\r\n$-4\r\n", "Expected to read string of -4 bytes"),
        (b"garbage", "AOF a.aof format error"),
        (&[MULTI, PING].concat(), "0x              25: Reached EOF before reading EXEC for MULTI"),
        // More words than can be counted, one of which has come.
        (b"*99999999999999999999\r\n$4\r\nPING\r\n", ""),
    ];
    for (tail, what) in broken {
        let mut shelf = shelf(&[("a.aof", &[PING, tail].concat())]);
        let (code, said) = run(&mut shelf, &["a.aof"]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(what) && said.contains("ok_up_to=14,"), "{said}");
        assert!(said.ends_with("AOF a.aof is not valid. Use the --fix option to try fixing it.\n"), "{said}");
        shelf.agrees = false;
        assert_eq!(run(&mut shelf, &["--fix", "a.aof"]).0, 1);
        shelf.agrees = true;
        let (code, said) = run(&mut shelf, &["--fix", "a.aof"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.ends_with("Successfully truncated AOF a.aof\n"), "{said}");
        assert_eq!(shelf.files[&b"a.aof"[..]], PING);
    }
}

#[test]
fn files_are_cut_at_a_moment() {
    let file = [b"#TS:10\r\n", PING, b"#TS:20\r\n", PING].concat();
    let mut shelf = shelf(&[("a.aof", &file)]);
    assert_eq!(run(&mut shelf, &["--truncate-to-timestamp", "5", "a.aof"]).0, 1, "nothing comes before");
    let (code, said) = run(&mut shelf, &["--truncate-to-timestamp", "20", "a.aof"]);
    assert!(code == 0 && said.contains("Truncate nothing in AOF a.aof to timestamp 20"), "{said}");
    let (code, said) = run(&mut shelf, &["--truncate-to-timestamp", "15", "a.aof"]);
    assert!(code == 0 && said.ends_with("Successfully truncated AOF a.aof to timestamp 15\n"), "{said}");
    assert_eq!(shelf.files[&b"a.aof"[..]], [b"#TS:10\r\n", PING].concat());
}

#[test]
fn only_the_last_file_of_a_manifest_is_cut() {
    let manifest = b"file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n";
    let broken = [PING, b"*1\r\n"].concat();
    let mut shelf = shelf(&[("d/m", manifest), ("d/a.1.base.aof", &broken), ("d/a.1.incr.aof", &broken)]);
    let (code, said) = run(&mut shelf, &["--fix", "d/m"]);
    assert!(code == 1 && said.contains("because it is not the last file"), "{said}");
    shelf.files.insert(b"d/a.1.base.aof".to_vec(), PING.to_vec());
    let (code, said) = run(&mut shelf, &["--fix", "d/m"]);
    assert!(code == 0 && said.ends_with("All AOF files and manifest are valid\n"), "{said}");
    assert_eq!(shelf.files[&b"d/a.1.incr.aof"[..]], PING);
    shelf.files.remove(&b"d/a.1.incr.aof"[..]);
    assert_eq!(run(&mut shelf, &["d/m"]).0, 1, "a file is missing");
    shelf.files.insert(b"d/m".to_vec(), b"file x seq 0 type b\n".to_vec());
    let (code, said) = run(&mut shelf, &["d/m"]);
    assert!(code == 1 && said.contains("Invalid AOF manifest file format"), "{said}");
}
