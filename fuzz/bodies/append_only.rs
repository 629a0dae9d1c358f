//! A file of commands, in pieces of any size. Whatever the bytes are, they are taken or refused, alike in one piece and in
//! many; what was taken as commands is what they say when they are written again.

use aof::Loader;

/// What such files are made of.
pub const WORDS: &[&[u8]] = &[
    b"*1\r\n",
    b"*2\r\n",
    b"*2147483647\r\n",
    b"*-1\r\n",
    b"$4\r\n",
    b"$0\r\n\r\n",
    b"$9223372036854775807\r\n",
    b"PING\r\n",
    b"*1\r\n$5\r\nMULTI\r\n",
    b"*1\r\n$4\r\nEXEC\r\n",
    b"#TS:1700000000\r\n",
    b"#",
    b"\r\n",
    &[b'x'; 1100],
];

type Commands = Vec<Vec<Vec<u8>>>;

fn read<'a>(mut pieces: impl Iterator<Item = &'a [u8]>) -> (Commands, u64, bool) {
    let (mut loader, mut commands) = (Loader::default(), Commands::new());
    let end = pieces.try_for_each(|piece| loader.read_into(&mut commands, piece));
    (commands, loader.place(), end.is_ok())
}

/// The body.
pub fn run(input: &[u8]) {
    let (commands, place, sound) = read(std::iter::once(input));
    let size = 1 + input.first().map_or(0, |byte| usize::from(*byte) % 7);
    assert_eq!((commands.clone(), place, sound), read(input.chunks(size)));
    assert!(place <= input.len() as u64);
    let mut written = Vec::new();
    for command in &commands {
        resp::command::push(&mut written, command.iter().map(Vec::as_slice));
    }
    assert_eq!(read(std::iter::once(&written[..])), (commands, written.len() as u64, true));
}
