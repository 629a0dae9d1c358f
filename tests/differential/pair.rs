//! Two servers side by side.

use crate::TOGETHER;
use crate::common::{Client, Server, binary, encode, shown};
use crate::state::bulks;
use crate::words::DIRECTIVES;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// A command's words.
pub(crate) type Command = Vec<Vec<u8>>;

/// Our server and the reference, each with one connection.
pub(crate) struct Pair {
    pub(crate) servers: [Server; 2],
    clients: [Client; 2],
    protocol: String,
    /// What the directives that commands change stood at when the servers started.
    settings: [Vec<Command>; 2],
    /// Whether both answer to the same version, as far as its first two numbers.
    pub(crate) same_version: bool,
    /// Whether the clients have asked to be told of all keys, which is done whenever a server has nothing else to do, and what
    /// they have been told since both servers had.
    broadcast: bool,
    told: [Vec<u8>; 2],
}

/// Two replies that are not the same.
pub(crate) struct Difference {
    pub(crate) command: String,
    pub(crate) ours: Vec<u8>,
    pub(crate) reference: Vec<u8>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, reference) = (shown(&self.ours), shown(&self.reference));
        write!(f, "to {}\n  ours      {ours}\n  reference {reference}", self.command)
    }
}

impl Pair {
    /// Both servers, spoken to in a version of the protocol.
    pub(crate) fn start(reference: &Path, protocol: &str) -> Pair {
        // The reference looks after clients that have waited long enough as often as its timer comes.
        Pair::start_with(reference, protocol, &[])
    }

    /// Both servers with further directives.
    pub(crate) fn start_with(reference: &Path, protocol: &str, directives: &[&str]) -> Pair {
        let how = [&["--save", "", "--enable-debug-command", "yes", "--hz", "500"], directives].concat();
        let servers = [binary().as_path(), reference].map(|binary| Server::start_binary(binary, &how));
        let mut clients = servers.each_ref().map(Server::client);
        let settings = clients.each_mut().map(settings);
        let versions = clients.each_mut().map(version);
        let same_version = versions[0] == versions[1];
        let (protocol, told) = (protocol.to_owned(), Default::default());
        let mut pair = Pair { servers, clients, protocol, settings, same_version, broadcast: false, told };
        pair.begin_anew();
        pair
    }

    /// Empties both, and puts back what commands have set.
    pub(crate) fn begin_anew(&mut self) {
        self.broadcast = false;
        self.told = Default::default();
        let hello = ["HELLO", &self.protocol];
        let first: [&[&str]; 5] =
            [&["RESET"], &hello, &["FLUSHALL"], &["SCRIPT", "FLUSH"], &["FUNCTION", "FLUSH"]];
        for (client, settings) in self.clients.iter_mut().zip(&self.settings) {
            for command in first.map(words).iter().chain(settings) {
                client.send(&encode(command));
                // What was still to be told comes before.
                Heard::by(client).unwrap_or_else(|error| panic!("{error} after {}", line(command)));
            }
        }
    }

    /// Whether both know a command; both are asked with too few arguments, so that nothing runs.
    pub(crate) fn both_have(&mut self, name: &str) -> bool {
        self.ask(&words(&name.split(' ').collect::<Vec<_>>())).iter().all(|reply| {
            let reply = String::from_utf8_lossy(reply).to_lowercase();
            !reply.contains("unknown command") && !reply.contains("unknown subcommand")
        })
    }

    /// What each answers to a command.
    pub(crate) fn ask(&mut self, command: &[Vec<u8>]) -> [Vec<u8>; 2] {
        let request = encode(command);
        for client in &mut self.clients {
            client.send(&request);
        }
        self.clients.each_mut().map(|client| {
            let heard = Heard::by(client).unwrap_or_else(|error| panic!("{error} after {}", line(command)));
            heard.reply
        })
    }

    /// Sends a command to both.
    pub(crate) fn send(&mut self, command: &[Vec<u8>]) -> Result<(), Difference> {
        let [ours, reference] = self.ask(command);
        self.same(command, ours, reference)
    }

    /// Sends commands to both, whose replies are to be heard.
    pub(crate) fn say(&mut self, commands: &[Command]) {
        self.broadcast |= commands.iter().any(|command| command.iter().any(|word| word == b"BCAST"));
        let requests: Vec<u8> = commands.iter().flat_map(|command| encode(command)).collect();
        for client in &mut self.clients {
            client.send(&requests);
        }
    }

    /// Hears the replies to commands that were said. Answers which of them first made a difference, and what.
    pub(crate) fn hear(&mut self, commands: &[Command]) -> Option<(usize, Difference)> {
        let mut first = None;
        for (at, command) in commands.iter().enumerate() {
            let [ours, reference] = [0, 1].map(|who| {
                let name = ["our server", "the reference"][who];
                Heard::by(&mut self.clients[who]).unwrap_or_else(|error| {
                    let (log, before) = (self.servers[who].log(), &commands[..at]);
                    let before = before.iter().map(|command| line(command)).collect::<Vec<_>>().join("\n  ");
                    panic!("{name} does not answer {}: {error}, behind\n  {before}\n{log}", line(command))
                })
            });
            if let Some([ours, reference]) = self.told_otherwise(at == 0, [&ours.told, &reference.told]) {
                let command = format!("what is told before the reply to {}", line(command));
                first = first.or(Some((at, Difference { command, ours, reference })));
            } else if let Err(difference) = self.same(command, ours.reply, reference.reply) {
                first = first.or(Some((at, difference)));
            }
        }
        first
    }

    /// What each has told, if that is not the same. Both were idle before the first reply to what was sent together.
    fn told_otherwise(&mut self, was_idle: bool, now: [&[u8]; 2]) -> Option<[Vec<u8>; 2]> {
        for (told, now) in self.told.iter_mut().zip(now) {
            told.extend(now);
        }
        if self.broadcast && !was_idle {
            return None;
        }
        let told = std::mem::take(&mut self.told);
        let is_same = told[0] == told[1] || self.broadcast && keys_told(&told[0]) == keys_told(&told[1]);
        (!is_same).then_some(told)
    }

    /// Lets both begin anew and sends commands; answers the difference that the last one makes, and no other.
    pub(crate) fn replay(&mut self, commands: &[Command]) -> Option<Difference> {
        self.begin_anew();
        let mut found = None;
        let mut begun = 0;
        for waiting in commands.split_inclusive(|command| may_wait(command)) {
            for some in waiting.chunks(TOGETHER as usize) {
                self.say(some);
                let difference = self.hear(some).map(|(at, it)| (begun + at, it));
                found = found.or(difference);
                begun += some.len();
            }
        }
        found.and_then(|(at, difference)| (at + 1 == commands.len()).then_some(difference))
    }

    /// Whether two replies to a command say the same. Those that come in no order are compared sorted.
    fn same(&self, command: &[Vec<u8>], mut ours: Vec<u8>, mut reference: Vec<u8>) -> Result<(), Difference> {
        if ours == reference || by_chance(command, [&ours, &reference]) {
            return Ok(());
        }
        if unordered(command) {
            [ours, reference] = [sorted(&ours), sorted(&reference)];
        }
        if matches!(command[0].as_slice(), b"EVAL" | b"EVAL_RO" | b"FCALL" | b"FCALL_RO") {
            [ours, reference] = [without_addresses(&ours), without_addresses(&reference)];
            if !self.same_version {
                [ours, reference] = [without_script(&ours), without_script(&reference)];
            }
        }
        if command[0] == b"DUMP" {
            [ours, reference] = [without_order(ours), without_order(reference)];
        }
        if ours == reference { Ok(()) } else { Err(Difference { command: line(command), ours, reference }) }
    }
}

/// What a client hears when it waits for a reply: that, and before it what it is told without having asked.
struct Heard {
    told: Vec<u8>,
    reply: Vec<u8>,
}

impl Heard {
    fn by(client: &mut Client) -> std::io::Result<Heard> {
        let mut told = Vec::new();
        loop {
            let reply = client.try_reply()?;
            if !reply.starts_with(b">") {
                return Ok(Heard { told, reply });
            }
            told.extend(reply);
        }
    }
}

/// The keys that clients were told of, in whatever messages.
fn keys_told(messages: &[u8]) -> BTreeSet<&[u8]> {
    messages.split_inclusive(|&byte| byte == b'\n').filter(|line| !matches!(line[0], b'>' | b'*')).collect()
}

/// The first two numbers of the version that a server answers to.
fn version(client: &mut Client) -> String {
    let greeting = client.command(&["HELLO"]);
    let greeting = String::from_utf8_lossy(&greeting);
    let version = greeting.split("\r\n").skip_while(|line| *line != "version").nth(2).unwrap_or_default();
    version.rsplit_once('.').map_or_else(String::new, |(start, _)| start.to_owned())
}

/// What would set the directives that commands change to what they are.
fn settings(client: &mut Client) -> Vec<Command> {
    let mut settings = Vec::new();
    for name in DIRECTIVES {
        if let [name, value] = &bulks(&client.command(&["CONFIG", "GET", name]))[..] {
            settings.push([b"CONFIG", &b"SET"[..], name, value].map(<[u8]>::to_vec).to_vec());
        }
    }
    settings
}

/// A command to read.
pub(crate) fn line(command: &[Vec<u8>]) -> String {
    command.iter().map(|word| shown(word)).collect::<Vec<_>>().join(" ")
}

/// Words of text.
pub(crate) fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn unordered(command: &[Vec<u8>]) -> bool {
    const UNORDERED: [&str; 10] =
        ["SMEMBERS", "SINTER", "SUNION", "SDIFF", "SSCAN", "HGETALL", "HKEYS", "HVALS", "HSCAN", "ZSCAN"];
    let is = |at: usize, word: &str| command.get(at).is_some_and(|it| it == word.as_bytes());
    is(0, "KEYS")
        || is(0, "SCAN")
        || is(0, "CONFIG") && is(1, "GET")
        || is(0, "COMMAND") && is(1, "LIST")
        || UNORDERED.iter().any(|name| is(0, name))
}

/// Whether a command may have its client wait. Nothing is sent behind one before it is answered: 9.0.4 can leave a long
/// request that came behind it unread until more comes.
pub(crate) fn may_wait(command: &[Vec<u8>]) -> bool {
    matches!(command[0].as_slice(), [b'B', b'L' | b'R' | b'Z', ..])
}

/// Whether the servers may choose what they answer: a scan without a count stops where it likes.
fn by_chance(command: &[Vec<u8>], replies: [&[u8]; 2]) -> bool {
    let has = |word: &[u8]| command.iter().any(|it| it == word);
    match command[0].as_slice() {
        b"ZRANDMEMBER" => command.len() == 2,
        // The reference compares such texts up to their first zero byte, and then leaves them in some order.
        b"SORT" | b"SORT_RO" => has(b"ALPHA") && replies.iter().any(|reply| reply.contains(&0)),
        b"SCAN" | b"HSCAN" | b"SSCAN" | b"ZSCAN" => !has(b"COUNT") && !has(b"BAD"),
        _ => false,
    }
}

/// A payload without its content, if it is of a table: each server has its own order of fields and members.
pub(crate) fn without_order(mut reply: Vec<u8>) -> Vec<u8> {
    const SET: u8 = 2;
    const HASH: u8 = 4;
    const HASH_WITH_EXPIRIES: u8 = 22;
    let start = reply.iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    if matches!(reply.get(start), Some(&(SET | HASH | HASH_WITH_EXPIRIES))) {
        reply.truncate(start + 1);
    }
    reply
}

/// An error without the name of the script or function that it is of, which later versions do not tell.
fn without_script(reply: &[u8]) -> Vec<u8> {
    const BEFORE: &[u8] = b" script: ";
    const BEHIND: &[u8] = b", on @user_";
    let mut out = reply.to_vec();
    let last = |part: &[u8]| reply.windows(part.len()).rposition(|it| it == part);
    if reply.starts_with(b"-")
        && let (Some(before), Some(behind)) = (last(BEFORE), last(BEHIND))
    {
        out.drain((before + BEFORE.len()).min(behind)..behind + ", ".len());
    }
    out
}

/// A reply without the addresses that scripts are shown of what has no text, and, where there are some, without the lengths
/// of texts.
fn without_addresses(reply: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(reply.len());
    let mut rest = reply;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"0x") {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 2..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        rest = &rest[digits..];
    }
    if out.is_empty() {
        return rest.to_vec();
    }
    out.extend_from_slice(rest);
    let is_length = |line: &&[u8]| line.starts_with(b"$");
    out.split_inclusive(|&byte| byte == b'\n').filter(|line| !is_length(line)).collect::<Vec<_>>().concat()
}

/// The lines of a reply in order.
fn sorted(reply: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = reply.split_inclusive(|&byte| byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}
