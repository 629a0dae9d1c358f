//! Changes of keys as messages: `notify-keyspace-events`.
//!
//! ```text
//! __keyspace@<db>__:<key>     the event
//! __keyevent@<db>__:<event>   the key
//! ```

use super::Space;
use crate::boundary::Now;
use crate::node::Node;
use commands::Fact;
use config::EventClasses;

/// The class of an event, by its name. What is not listed belongs to no type.
fn class_of(fact: &Fact) -> EventClasses {
    match fact.event {
        _ if fact.by_time => EventClasses::EXPIRED,
        "expired" => EventClasses::EXPIRED,
        "evicted" => EventClasses::EVICTED,
        "new" => EventClasses::NEW,
        "keymiss" => EventClasses::KEY_MISS,
        "append" | "decrby" | "getset" | "incrby" | "incrbyfloat" | "set" | "setbit" | "setrange"
        | "pfadd" | "pfmerge" => EventClasses::STRING,
        "sortstore" => EventClasses::LIST,
        event => match event.as_bytes() {
            [b'l', ..] | b"rpush" | b"rpop" => EventClasses::LIST,
            [b's', ..] => EventClasses::SET,
            [b'h', ..] => EventClasses::HASH,
            [b'z', ..] | b"geosearchstore" | b"georadiusstore" => EventClasses::ZSET,
            [b'x', ..] => EventClasses::STREAM,
            _ => EventClasses::GENERIC,
        },
    }
}

impl Node {
    /// Whether anyone would hear of a change.
    pub(crate) fn notifies(&self) -> bool {
        self.pubsub.clients > 0 && !self.config.data.notify_keyspace_events.is_empty()
    }

    /// Tells whoever listens of a change.
    pub(crate) fn notify(&mut self, now: Now<'_>, fact: &Fact) {
        let wanted = self.config.data.notify_keyspace_events;
        if fact.event.is_empty() || !wanted.contains(class_of(fact)) {
            return;
        }
        let channel =
            |kind: &str, name: &[u8]| [format!("__{kind}@{}__:", fact.database).as_bytes(), name].concat();
        if wanted.contains(EventClasses::KEYSPACE) {
            let channel = channel("keyspace", &fact.key);
            self.publish(now, Space::Channels, &channel, fact.event.as_bytes());
        }
        if wanted.contains(EventClasses::KEYEVENT) {
            let channel = channel("keyevent", fact.event.as_bytes());
            self.publish(now, Space::Channels, &channel, &fact.key);
        }
    }
}
