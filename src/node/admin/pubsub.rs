//! The commands of publish and subscribe.

use crate::boundary::Now;
use crate::node::Node;
use crate::pubsub::{Space, Subscriptions};
use crate::session::{Class, Session};
use base::glob;
use commands::{CommandError, Done};
use conn::Args;
use resp::Reply;

type Answer = Result<Done, CommandError>;

/// `SUBSCRIBE channel [channel ...]`
pub fn subscribe(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    enter(node, session, args, Space::Channels, "subscribe")
}

/// `PSUBSCRIBE pattern [pattern ...]`
pub fn psubscribe(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    enter(node, session, args, Space::Patterns, "psubscribe")
}

/// `SSUBSCRIBE shardchannel [shardchannel ...]`
pub fn ssubscribe(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    enter(node, session, args, Space::Shards, "ssubscribe")
}

/// `UNSUBSCRIBE [channel [channel ...]]`
pub fn unsubscribe(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    leave(node, session, args, Space::Channels, "unsubscribe")
}

/// `PUNSUBSCRIBE [pattern [pattern ...]]`
pub fn punsubscribe(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    leave(node, session, args, Space::Patterns, "punsubscribe")
}

/// `SUNSUBSCRIBE [shardchannel [shardchannel ...]]`
pub fn sunsubscribe(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    leave(node, session, args, Space::Shards, "sunsubscribe")
}

fn enter(node: &mut Node, session: &mut Session, args: Args<'_>, space: Space, kind: &str) -> Answer {
    for name in args.from(1) {
        let own = session.subscriptions.get_or_insert_default();
        node.pubsub.subscribe(own, space, name, session.conn);
        let count = own.count(space);
        tell(&mut session.reply(), kind, Some(name), count);
    }
    node.follow_subscriptions(session);
    Ok(Done::Replied)
}

fn leave(node: &mut Node, session: &mut Session, args: Args<'_>, space: Space, kind: &str) -> Answer {
    let mut own = session.subscriptions.take().unwrap_or_default();
    let names: Vec<Box<[u8]>> = match args.len() {
        1 => own.of(space).iter().cloned().collect(),
        _ => args.from(1).map(Box::from).collect(),
    };
    for name in &names {
        node.pubsub.unsubscribe(&mut own, space, name, session.conn);
        tell(&mut session.reply(), kind, Some(name), own.count(space));
    }
    if names.is_empty() {
        tell(&mut session.reply(), kind, None, own.count(space));
    }
    session.subscriptions = Some(own);
    node.follow_subscriptions(session);
    Ok(Done::Replied)
}

/// What a client is told when it begins or ends to listen: to what, and to how much it listens now.
fn tell(reply: &mut Reply<'_>, kind: &str, name: Option<&[u8]>, count: usize) {
    reply.push(3);
    reply.bulk(kind.as_bytes());
    match name {
        Some(name) => reply.bulk(name),
        None => reply.null(),
    }
    reply.integer(count as i64);
}

/// `PUBLISH channel message`
pub fn publish(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    send(node, session, args, now, Space::Channels)
}

/// `SPUBLISH shardchannel message`
pub fn spublish(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    send(node, session, args, now, Space::Shards)
}

fn send(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>, space: Space) -> Answer {
    let receivers = node.publish(now, space, args.at(1), args.at(2));
    session.reply().integer(receivers as i64);
    Ok(Done::Replied)
}

/// `PUBSUB CHANNELS [pattern]`
pub fn channels(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    list(node, session, args, Space::Channels, "channels")
}

/// `PUBSUB SHARDCHANNELS [pattern]`
pub fn shardchannels(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    list(node, session, args, Space::Shards, "shardchannels")
}

fn list(node: &mut Node, session: &mut Session, args: Args<'_>, space: Space, name: &str) -> Answer {
    if args.len() > 3 {
        return Err(CommandError::unknown_subcommand(name, "PUBSUB"));
    }
    let wanted = |name: &&[u8]| args.get(2).is_none_or(|pattern| glob::matches(pattern, name, false));
    let names: Vec<&[u8]> = node.pubsub.names(space).filter(wanted).collect();
    let mut reply = session.reply();
    reply.array(names.len());
    names.iter().for_each(|name| reply.bulk(name));
    Ok(Done::Replied)
}

/// `PUBSUB NUMSUB [channel [channel ...]]`
pub fn numsub(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    count(node, session, args, Space::Channels)
}

/// `PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]`
pub fn shardnumsub(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    count(node, session, args, Space::Shards)
}

fn count(node: &mut Node, session: &mut Session, args: Args<'_>, space: Space) -> Answer {
    let mut reply = session.reply();
    reply.array((args.len() - 2) * 2);
    for name in args.from(2) {
        reply.bulk(name);
        reply.integer(node.pubsub.listeners(space, name).len() as i64);
    }
    Ok(Done::Replied)
}

/// `PUBSUB NUMPAT`
pub fn numpat(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    session.reply().integer(node.pubsub.len(Space::Patterns) as i64);
    Ok(Done::Replied)
}

impl Node {
    /// A client listens to more or less than before.
    fn follow_subscriptions(&mut self, session: &mut Session) {
        session.subscriptions.take_if(|own| own.is_empty());
        self.change_class(
            session,
            if session.subscriptions.is_some() { Class::Pubsub } else { Class::Normal },
        );
        self.follow_listeners();
    }

    /// Puts a client under other limits, its memory into another sum.
    fn change_class(&mut self, session: &mut Session, class: Class) {
        self.client_memory[session.class as usize] -= session.accounted;
        session.class = class;
        self.client_memory[class as usize] += session.accounted;
    }

    /// Lets a client listen to nothing, without telling it.
    pub(crate) fn unsubscribe_all(&mut self, session: &mut Session) {
        let Some(mut own) = session.subscriptions.take() else { return };
        for space in [Space::Channels, Space::Patterns, Space::Shards] {
            for name in Subscriptions::of(&own, space).clone() {
                self.pubsub.unsubscribe(&mut own, space, &name, session.conn);
            }
        }
        self.follow_subscriptions(session);
    }
}
