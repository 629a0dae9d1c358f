//! Two servers side by side.

use crate::appended::{self, Tail};
use crate::common::{Client, Server, binary, encode, shown};
use std::fmt;
use std::path::Path;

/// Our server and the reference, each with one connection.
pub(crate) struct Pair {
    _servers: [Server; 2],
    clients: [Client; 2],
    /// What they append to their files, if that is compared as well.
    appended: Option<[Tail; 2]>,
}

/// Two replies that are not the same.
pub(crate) struct Difference {
    command: String,
    ours: Vec<u8>,
    reference: Vec<u8>,
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
        let servers =
            [Server::start_binary(&binary(), &[]), Server::start_binary(reference, &["--save", ""])];
        let mut clients = [servers[0].client(), servers[1].client()];
        for client in &mut clients {
            client.command(&["HELLO", protocol]);
        }
        Pair { _servers: servers, clients, appended: None }
    }

    /// The same, with what they append to their files compared as well.
    pub(crate) fn start_appending(reference: &Path) -> Pair {
        const ARGUMENTS: &[&str] = &[
            "--save",
            "",
            "--appendonly",
            "yes",
            "--aof-use-rdb-preamble",
            "no",
            "--appendfsync",
            "no",
            "--enable-debug-command",
            "yes",
        ];
        let servers =
            [Server::start_binary(&binary(), ARGUMENTS), Server::start_binary(reference, ARGUMENTS)];
        let mut clients = [servers[0].client(), servers[1].client()];
        for client in &mut clients {
            client.command(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
        }
        let appended = [Tail::of(servers[0].folder()), Tail::of(servers[1].folder())];
        Pair { _servers: servers, clients, appended: Some(appended) }
    }

    /// Whether both know a command; both are asked with too few arguments, so that nothing runs.
    pub(crate) fn both_have(&mut self, name: &str) -> bool {
        let words: Vec<&str> = name.split(' ').collect();
        self.clients.iter_mut().all(|client| {
            let reply = String::from_utf8_lossy(&client.command(&words)).to_lowercase();
            !reply.contains("unknown command") && !reply.contains("unknown subcommand")
        })
    }

    /// Whether both answer to the same version, as far as its first two numbers.
    pub(crate) fn same_version(&mut self) -> bool {
        let versions = self.clients.each_mut().map(|client| {
            let greeting = String::from_utf8_lossy(&client.command(&["HELLO"])).into_owned();
            let version =
                greeting.split("\r\n").skip_while(|line| *line != "version").nth(2).unwrap_or_default();
            version.rsplit_once('.').map(|(start, _)| start.to_string())
        });
        versions[0] == versions[1]
    }

    /// Sends a command to both. Replies that come in no order are compared sorted.
    pub(crate) fn send(&mut self, command: &[Vec<u8>]) -> Result<(), Difference> {
        let request = encode(command);
        self.appended.iter_mut().flatten().for_each(|tail| drop(tail.take()));
        for client in &mut self.clients {
            client.send(&request);
        }
        let [mut ours, mut reference] = [0, 1].map(|i| self.clients[i].reply());
        if unordered(command) {
            ours = sorted(&ours);
            reference = sorted(&reference);
        }
        if command[0] == b"DUMP" {
            [ours, reference] = [without_order(ours), without_order(reference)];
        }
        if ours != reference {
            return Err(Difference { command: line(command), ours, reference });
        }
        let Some(tails) = &mut self.appended else { return Ok(()) };
        let [ours, reference] = tails.each_mut().map(Tail::take);
        if appended::same(&ours, &reference) {
            return Ok(());
        }
        let [ours, reference] = [ours, reference].map(|bytes| appended::readable(&bytes).into_bytes());
        Err(Difference { command: format!("{}, what is appended", line(command)), ours, reference })
    }

    /// Compares the keys of every database, then the value and the time of each.
    pub(crate) fn compare_keys(&mut self, left_out: &dyn Fn(&str) -> bool) -> Result<(), Difference> {
        for database in 0..4 {
            self.send(&words(&["SELECT", &database.to_string()]))?;
            self.send(&words(&["DBSIZE"]))?;
            for key in crate::words::KEYS
                .iter()
                .chain(crate::words::SORTED_SETS)
                .chain(crate::words::LISTS)
                .chain(crate::words::PLACES)
            {
                for ask in ["TYPE", "PEXPIRETIME", "GET", "DUMP", "OBJECT ENCODING"] {
                    if left_out(ask) || ask == "DUMP" && !self.same_dumps() {
                        continue;
                    }
                    if self.both_have(ask) {
                        let command = words(&ask.split(' ').chain([*key]).collect::<Vec<_>>());
                        self.send(&command)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether both write the same version of the dump format, whose number stands ten bytes from the end.
    fn same_dumps(&mut self) -> bool {
        if !self.both_have("DUMP") {
            return false;
        }
        let versions = self.clients.each_mut().map(|client| {
            client.command(&["SET", "dump:version", "v"]);
            let reply = client.command(&["DUMP", "dump:version"]);
            client.command(&["GETDEL", "dump:version"]);
            reply[reply.len().saturating_sub(12)..reply.len().saturating_sub(10)].to_vec()
        });
        versions[0] == versions[1]
    }

    /// Empties both and sends commands; answers the difference that the last one makes, and no other.
    pub(crate) fn replay(&mut self, commands: &[Vec<Vec<u8>>]) -> Option<Difference> {
        for client in &mut self.clients {
            client.command(&["SELECT", "0"]);
            client.command(&["FLUSHALL"]);
        }
        self.appended.iter_mut().flatten().for_each(|tail| drop(tail.take()));
        let (last, before) = commands.split_last()?;
        for command in before {
            self.send(command).ok()?;
        }
        self.send(last).err()
    }
}

/// A command to read.
pub(crate) fn line(command: &[Vec<u8>]) -> String {
    command.iter().map(|word| shown(word)).collect::<Vec<_>>().join(" ")
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn unordered(command: &[Vec<u8>]) -> bool {
    const UNORDERED: [&str; 9] =
        ["SMEMBERS", "SINTER", "SUNION", "SDIFF", "SSCAN", "HGETALL", "HKEYS", "HVALS", "HSCAN"];
    let is = |at: usize, word: &str| command.get(at).is_some_and(|it| it == word.as_bytes());
    is(0, "KEYS")
        || is(0, "SCAN")
        || is(0, "CONFIG") && is(1, "GET")
        || is(0, "COMMAND") && is(1, "LIST")
        || UNORDERED.iter().any(|name| is(0, name))
}

/// A payload without its content, if it is of a hash kept as a table: each server has its own order of fields.
fn without_order(mut reply: Vec<u8>) -> Vec<u8> {
    const HASH: u8 = 4;
    const HASH_WITH_EXPIRIES: u8 = 22;
    let start = reply.iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    if matches!(reply.get(start), Some(&(HASH | HASH_WITH_EXPIRIES))) {
        reply.truncate(start + 1);
    }
    reply
}

/// The lines of a reply in order.
fn sorted(reply: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = reply.split_inclusive(|&byte| byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}
