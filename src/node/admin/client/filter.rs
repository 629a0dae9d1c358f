//! Which clients CLIENT LIST shows and CLIENT KILL ends: a list of conditions, all of which must hold.
//!
//! Most conditions have a form with NOT before the word. A condition given twice counts as given last; only ids add up.

use crate::boundary::Now;
use crate::client_line as line;
use crate::node::Node;
use crate::session::{Class, Session};
use acl::UserId;
use commands::{CommandError, parse};
use conn::Args;

/// Conditions on a client.
#[derive(Debug, Default)]
pub(super) struct Filter {
    conditions: Vec<Condition>,
    /// Whether the client that asks is left out.
    pub(super) skip_me: bool,
}

#[derive(Debug)]
struct Condition {
    negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Ids(Vec<i64>),
    /// One of the classes, or one of which there are no clients.
    Class(Option<Class>),
    /// Logged in as this user.
    User(UserId),
    Address(Vec<u8>),
    LocalAddress(Vec<u8>),
    Ip(Vec<u8>),
    Name(Vec<u8>),
    LibName(Vec<u8>),
    LibVer(Vec<u8>),
    Flags(Vec<u8>),
    /// Capable of all these.
    Capable(Vec<u8>),
    Database(usize),
    OlderThan(i64),
    IdleFor(i64),
}

const FLAGS: &[u8] = b"OSMPxbtRBdcuAUreTIiEN";
const CAPABILITIES: &[u8] = b"r";

impl Filter {
    /// Only clients at this address.
    pub(super) fn by_address(address: &[u8]) -> Filter {
        let test = Test::Address(address.to_vec());
        Filter { conditions: vec![Condition { negated: false, test }], skip_me: false }
    }

    /// The filter that the arguments from the third on say.
    pub(super) fn parse(node: &Node, args: Args<'_>, skip_me: bool) -> Result<Filter, CommandError> {
        let mut filter = Filter { conditions: Vec::new(), skip_me };
        let mut at = 2;
        while at < args.len() {
            let word = args.at(at).to_ascii_lowercase();
            let (negated, option) = match word.strip_prefix(b"not-") {
                Some(option) => (true, option),
                None => (false, word.as_slice()),
            };
            if option == b"id" {
                let ids: Vec<i64> = args.from(at + 1).map_while(base::int::parse_i64).collect();
                at += 1 + ids.len();
                filter.add_ids(negated, ids)?;
                continue;
            }
            let value = args.get(at + 1).ok_or(CommandError::SYNTAX)?;
            match (option, negated) {
                (b"skipme", false) if parse::is(value, "yes") => filter.skip_me = true,
                (b"skipme", false) if parse::is(value, "no") => filter.skip_me = false,
                (b"maxage", false) => filter.add(false, Test::OlderThan(seconds(value, "maxage")?)),
                (b"idle", false) => filter.add(false, Test::IdleFor(seconds(value, "idle")?)),
                _ => filter.add(negated, test(node, option, negated, value)?),
            }
            at += 2;
        }
        Ok(filter)
    }

    fn add(&mut self, negated: bool, test: Test) {
        let same = |other: &Condition| {
            other.negated == negated && std::mem::discriminant(&other.test) == std::mem::discriminant(&test)
        };
        self.conditions.retain(|other| !same(other));
        self.conditions.push(Condition { negated, test });
    }

    fn add_ids(&mut self, negated: bool, mut ids: Vec<i64>) -> Result<(), CommandError> {
        if ids.iter().any(|id| *id < 1) {
            return Err(CommandError::of("client-id should be greater than 0"));
        }
        for condition in &mut self.conditions {
            if let (Test::Ids(before), true) = (&mut condition.test, condition.negated == negated) {
                ids.append(before);
            }
        }
        self.add(negated, Test::Ids(ids));
        Ok(())
    }

    /// Whether a client fulfils the conditions. Whether it is the one that asks is for the caller to see.
    pub(super) fn passes(&self, node: &Node, session: &Session, now: Now<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.test.holds(node, session, now) != condition.negated)
    }
}

/// The condition that a word and its value say.
fn test(node: &Node, option: &[u8], negated: bool, value: &[u8]) -> Result<Test, CommandError> {
    let own = || value.to_vec();
    let shown = String::from_utf8_lossy(value);
    let letters = |known: &[u8], what: &str| match value.iter().all(|letter| known.contains(letter)) {
        true => Ok(own()),
        false if negated => {
            let form = if what == "flags" { "NOT-FLAGS" } else { "NOT-CAPA" };
            Err(CommandError::of(format!("Unknown {what} found in the {form} filter: {shown}")))
        }
        false => Err(CommandError::of(format!("Unknown {what} found in the provided filter: {shown}"))),
    };
    Ok(match option {
        b"type" => match value.to_ascii_lowercase().as_slice() {
            b"normal" => Test::Class(Some(Class::Normal)),
            b"pubsub" => Test::Class(Some(Class::Pubsub)),
            b"slave" | b"replica" => Test::Class(Some(Class::Replica)),
            b"master" | b"primary" => Test::Class(None),
            _ => return Err(CommandError::of(format!("Unknown client type '{shown}'"))),
        },
        b"user" => Test::User(
            node.users.find(value).ok_or_else(|| CommandError::of(format!("No such user '{shown}'")))?,
        ),
        b"addr" => Test::Address(own()),
        b"laddr" => Test::LocalAddress(own()),
        b"ip" => Test::Ip(own()),
        b"name" => Test::Name(own()),
        b"lib-name" => Test::LibName(own()),
        b"lib-ver" => Test::LibVer(own()),
        b"flags" => Test::Flags(letters(FLAGS, "flags")?),
        b"capa" => Test::Capable(letters(CAPABILITIES, "capa")?),
        b"db" => Test::Database(database(node, value, if negated { "NOT-DB" } else { "DB" })?),
        _ => return Err(CommandError::SYNTAX),
    })
}

fn seconds(value: &[u8], what: &str) -> Result<i64, CommandError> {
    match base::int::parse_i64(value) {
        None => Err(CommandError::of(format!("{what} is not an integer or out of range"))),
        Some(seconds) if seconds <= 0 => Err(CommandError::of(format!("{what} should be greater than 0"))),
        Some(seconds) => Ok(seconds),
    }
}

fn database(node: &Node, value: &[u8], what: &str) -> Result<usize, CommandError> {
    let index = base::int::parse_i64(value)
        .and_then(|index| i32::try_from(index).ok())
        .ok_or_else(|| CommandError::of(format!("{what} is not an integer or out of range")))?;
    let last = node.data.databases.len() - 1;
    match usize::try_from(index) {
        Ok(index) if index <= last => Ok(index),
        _ => Err(CommandError::of(format!("{what} number should be between 0 and {last}"))),
    }
}

impl Test {
    fn holds(&self, node: &Node, session: &Session, now: Now<'_>) -> bool {
        // What a client has not said is equal to nothing, not even to nothing.
        let said = |own: &[u8], wanted: &[u8]| !own.is_empty() && own == wanted;
        match self {
            Test::Ids(ids) => ids.contains(&(session.id as i64)),
            Test::Class(wanted) => *wanted == Some(session.class),
            Test::User(user) => session.caller.user == *user,
            Test::Address(address) => line::address(session).as_bytes() == address,
            Test::LocalAddress(address) => line::local_address(session).as_bytes() == address,
            Test::Ip(ip) => has_ip(&line::address(session), ip),
            // Quirk of the reference: a name ends where a zero byte stands in it.
            Test::Name(name) => {
                !session.name.is_empty() && parse::quoted(&session.name) == parse::quoted(name)
            }
            Test::LibName(name) => said(&session.lib_name, name),
            Test::LibVer(version) => said(&session.lib_ver, version),
            Test::Flags(wanted) => {
                let flags = line::flags(node, session);
                wanted.iter().all(|letter| flags.as_bytes().contains(letter))
            }
            Test::Capable(wanted) => {
                let own = line::capabilities(session);
                wanted.iter().all(|letter| own.as_bytes().contains(letter))
            }
            Test::Database(index) => session.caller.database == *index,
            Test::OlderThan(seconds) => line::age(session, now) >= *seconds,
            Test::IdleFor(seconds) => line::idle(session, now) >= *seconds,
        }
    }
}

/// Whether an address, which ends with a port other than 0, is at this IP.
fn has_ip(address: &str, ip: &[u8]) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.as_bytes() == ip && !port.starts_with('0')
    })
}

#[cfg(test)]
mod tests {
    use super::has_ip;

    #[test]
    fn an_ip_is_what_stands_before_the_port() {
        assert!(has_ip("127.0.0.1:4000", b"127.0.0.1"));
        assert!(has_ip("[::1]:4000", b"::1"));
        assert!(!has_ip("127.0.0.10:4000", b"127.0.0.1"));
        assert!(!has_ip("/tmp/socket:0", b"/tmp/socket"));
    }
}
