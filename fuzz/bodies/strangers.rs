//! One text as requests to a whole server, by three clients in turn: one that is not let in, one whose user may read a
//! little, and one that may do all. Whatever is asked, malformed rules, settings, filters and arguments of any length
//! included, the server answers and goes on. The first is told nothing and changes nothing, the second sees and changes only
//! what it may, and a rule that is refused to the third changes no user.
//!
//! ```text
//! word word #70000 \n word word      a request a line; #70000 is a word of so many bytes
//! ```

use config::Config;
use sim::{Client, Reply, World};

/// What requests are made of.
pub const WORDS: &[&[u8]] = &[
    b"\n",
    b"\n",
    b" ",
    b"AUTH ",
    b"AUTH default ",
    b"AUTH reader ",
    b"HELLO 3 AUTH default ",
    b"HELLO 2\n",
    b"RESET\n",
    b"ACL SETUSER reader ",
    b"ACL SETUSER default ",
    b"ACL SETUSER new ",
    b"ACL DELUSER reader\n",
    b"ACL LOG\n",
    b"ACL GETUSER default\n",
    b"ACL DRYRUN reader GET hidden\n",
    b"ACL LIST\n",
    b"ACL GENPASS ",
    b"ACL CAT ",
    b"nopass ",
    b"on ",
    b">secret ",
    b"<secret ",
    b"+@all ",
    b"~* ",
    b"%R~",
    b"&* ",
    b"(",
    b"(+get ~hidden) ",
    b")",
    b"allkeys ",
    b"reset ",
    b"#00 ",
    b"!00 ",
    b"+get|x ",
    b"-@",
    b"+select|0 ",
    b"CONFIG SET requirepass ",
    b"CONFIG SET maxmemory ",
    b"CONFIG SET maxmemory-clients ",
    b"CONFIG SET save ",
    b"CONFIG SET client-output-buffer-limit ",
    b"CONFIG SET proto-max-bulk-len ",
    b"CONFIG SET acl-pubsub-default ",
    b"CONFIG GET *\n",
    b"normal 1 1 1 ",
    b"100% ",
    b"1gb ",
    b"-1 ",
    b"9223372036854775808 ",
    b"\x00",
    b"\xff",
    b"CLIENT LIST ",
    b"CLIENT KILL ",
    b"CLIENT TRACKING ON ",
    b"CLIENT NO-EVICT ",
    b"CLIENT SETNAME ",
    b"CLIENT UNBLOCK ",
    b"ID ",
    b"NOT-ID ",
    b"TYPE ",
    b"NOT-TYPE ",
    b"ADDR ",
    b"USER ",
    b"NOT-USER ",
    b"FLAGS ",
    b"NOT-FLAGS ",
    b"MAXAGE ",
    b"IDLE ",
    b"DB ",
    b"NOT-DB ",
    b"CAPA ",
    b"SKIPME ",
    b"LIB-NAME ",
    b"yes ",
    b"no ",
    b"pubsub ",
    b"reader ",
    b"1 ",
    b"N ",
    b"BCAST PREFIX ",
    b"REDIRECT ",
    b"OPTIN ",
    b"GET hidden\n",
    b"GET data:1\n",
    b"SET data:1 x\n",
    b"SET hidden x\n",
    b"MGET data:1 hidden\n",
    b"KEYS *\n",
    b"EVAL ",
    b"return ",
    b"SUBSCRIBE ",
    b"PUBLISH ",
    b"MULTI\n",
    b"EXEC\n",
    b"MIGRATE ",
    b"SHUTDOWN x\n",
    b"FLUSHALL x\n",
    b"#20 ",
    b"#1000 ",
    b"#70000 ",
    b"#70000",
];

/// What only they know who are let in.
const PASSWORD: &str = "a-word-that-is-not-drawn";
const TREASURE: &[u8] = b"what-nobody-else-is-to-see";
/// An argument is at most this long.
const LONGEST: usize = 100_000;
/// Requests of one input.
const MOST: usize = 12;

/// The body.
pub fn run(text: &[u8]) {
    let requests: Vec<Vec<Vec<u8>>> = text.split(|byte| *byte == b'\n').take(MOST).map(words).collect();
    without_a_password(&requests);
    with_few_permissions(&requests);
    with_all(&requests);
}

fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let word = |word: &[u8]| match word.strip_prefix(b"#").and_then(base::int::parse_u64) {
        Some(len) => vec![b'x'; (len as usize).min(LONGEST)],
        None => word.to_vec(),
    };
    line.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).map(word).collect()
}

/// A server with something worth seeing, and its administrator.
fn world() -> (World, Client) {
    let mut world = World::with(1, Config::default());
    let admin = world.client();
    world.send_words(admin, &[b"SET", b"hidden", TREASURE]);
    world.settle();
    world.receive(admin);
    for line in [
        "SET data:1 plain",
        &format!(
            "ACL SETUSER reader on >{PASSWORD} %R~data:* resetchannels -@all +get +mget +multi +exec +reset +eval"
        ),
        &format!("CONFIG SET requirepass {PASSWORD}"),
    ] {
        assert_eq!(world.ask(admin, line).text(), "OK");
    }
    (world, admin)
}

/// What must not change.
fn state(world: &World) -> (Vec<u8>, Config, usize) {
    (world.node.users.to_text(), world.node.config.clone(), world.node.data.len())
}

/// Sends a request; answers what has come back until all is quiet.
fn ask(world: &mut World, client: Client, request: &[Vec<u8>]) -> Vec<u8> {
    let words: Vec<&[u8]> = request.iter().map(Vec::as_slice).collect();
    if !words.is_empty() && !world.ended(client) {
        world.send_words(client, &words);
        world.settle();
    }
    world.received(client)
}

fn without_a_password(requests: &[Vec<Vec<u8>>]) {
    let (mut world, _) = world();
    let before = state(&world);
    let mut stranger = world.client();
    for request in requests {
        let reply = ask(&mut world, stranger, request);
        let told =
            reply.is_empty() || reply.starts_with(b"-") || reply == b"+RESET\r\n" || reply == b"+OK\r\n";
        assert!(told, "{}", reply.escape_ascii());
        let goes = request.first().is_some_and(|word| word.eq_ignore_ascii_case(b"quit"));
        assert!(reply != b"+OK\r\n" || goes, "a stranger is let in");
        if world.ended(stranger) {
            stranger = world.client();
        }
    }
    assert!(state(&world) == before, "a stranger has changed something");
}

fn with_few_permissions(requests: &[Vec<Vec<u8>>]) {
    let (mut world, _) = world();
    let before = state(&world);
    for request in requests {
        let reader = world.client();
        assert_eq!(world.ask(reader, &format!("AUTH reader {PASSWORD}")).text(), "OK");
        let reply = ask(&mut world, reader, request);
        let seen = reply.windows(TREASURE.len()).any(|window| window == TREASURE);
        assert!(!seen, "{}", reply.escape_ascii());
    }
    assert!(state(&world) == before, "a reader has changed something");
}

fn with_all(requests: &[Vec<Vec<u8>>]) {
    let (mut world, mut admin) = world();
    for request in requests {
        let before = world.node.users.to_text();
        let reply = ask(&mut world, admin, request);
        let is_rule = request.len() > 1
            && request[0].eq_ignore_ascii_case(b"acl")
            && request[1].eq_ignore_ascii_case(b"setuser");
        if is_rule && reply.starts_with(b"-") {
            assert_eq!(world.node.users.to_text(), before, "a rule that was refused has changed a user");
        }
        if world.ended(admin) || world.exit.is_some() {
            world.exit = None;
            admin = world.client();
            world.send(admin, &format!("AUTH {PASSWORD}"));
            world.settle();
        }
    }
    let last = world.client();
    world.send(last, "PING");
    world.settle();
    let answered =
        world.ended(last) || matches!(world.receive(last), Some(Reply::Simple(_) | Reply::Error(_)));
    assert!(answered || world.node.is_loading(), "the server does not answer any more");
}
