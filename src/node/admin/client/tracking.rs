//! `CLIENT TRACKING` and what goes with it.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use crate::tracking::{Mode, Tracker};
use commands::{CommandError, Done, parse};
use conn::Args;
use std::sync::Arc;

type Answer = Result<Done, CommandError>;

/// The options of `CLIENT TRACKING`.
#[derive(Default)]
struct Options<'a> {
    redirect: u64,
    broadcast: bool,
    opt_in: bool,
    opt_out: bool,
    no_loop: bool,
    prefixes: Vec<&'a [u8]>,
}

impl<'a> Options<'a> {
    fn parse(node: &Node, session: &Session, args: Args<'a>) -> Result<Options<'a>, CommandError> {
        let mut options = Options::default();
        let mut at = 3;
        while let Some(word) = args.get(at) {
            let value = args.get(at + 1);
            match (word.to_ascii_lowercase().as_slice(), value) {
                (b"redirect", Some(id)) => {
                    if options.redirect != 0 {
                        return Err(CommandError::of("A client can only redirect to a single other client"));
                    }
                    let id = parse::integer(id)? as u64;
                    if id != session.id && !node.by_id.contains_key(&id) {
                        return Err(CommandError::of("The client ID you want redirect to does not exist"));
                    }
                    options.redirect = id;
                    at += 1;
                }
                (b"prefix", Some(prefix)) => {
                    options.prefixes.push(prefix);
                    at += 1;
                }
                (b"bcast", _) => options.broadcast = true,
                (b"optin", _) => options.opt_in = true,
                (b"optout", _) => options.opt_out = true,
                (b"noloop", _) => options.no_loop = true,
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        Ok(options)
    }

    /// Whether the options go together, and with how the client tracks already.
    fn check(&self, current: Option<&Tracker>) -> Result<(), CommandError> {
        let was = current.map(|tracker| tracker.mode);
        if !self.broadcast && !self.prefixes.is_empty() {
            return Err(CommandError::of("PREFIX option requires BCAST mode to be enabled"));
        }
        if was.is_some_and(|mode| (mode == Mode::Broadcast) != self.broadcast) {
            return Err(CommandError::of(
                "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it \
                 with a different mode.",
            ));
        }
        if self.broadcast && (self.opt_in || self.opt_out) {
            return Err(CommandError::of("OPTIN and OPTOUT are not compatible with BCAST"));
        }
        if self.opt_in && self.opt_out {
            return Err(CommandError::of("You can't specify both OPTIN mode and OPTOUT mode"));
        }
        if (self.opt_in && was == Some(Mode::OptOut)) || (self.opt_out && was == Some(Mode::OptIn)) {
            return Err(CommandError::of(
                "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it \
                 with a different mode.",
            ));
        }
        if self.broadcast { self.check_prefixes(current) } else { Ok(()) }
    }

    /// No prefix of a client may begin with another one. One that does stands directly behind such a one in their order, so
    /// that there may be many of them; which two are told of is sought only when there are two.
    fn check_prefixes(&self, current: Option<&Tracker>) -> Result<(), CommandError> {
        let own = current.iter().flat_map(|tracker| &tracker.prefixes).map(|prefix| &**prefix);
        let mut sorted: Vec<&[u8]> = self.prefixes.iter().copied().chain(own).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| !pair[1].starts_with(pair[0])) {
            return Ok(());
        }
        let overlap = |one: &[u8], two: &[u8]| one.starts_with(two) || two.starts_with(one);
        let refuse = |prefix: &[u8], with: &str, other: &[u8]| {
            let with = format!("' overlaps with {with} prefix '");
            let text = [
                b"Prefix '".as_slice(),
                parse::quoted(prefix),
                with.as_bytes(),
                parse::quoted(other),
                b"'. Prefixes for a single client must not overlap.",
            ];
            Err(CommandError::of(text.concat()))
        };
        for (at, prefix) in self.prefixes.iter().enumerate() {
            let mut own = current.iter().flat_map(|tracker| &tracker.prefixes);
            if let Some(other) = own.find(|other| overlap(prefix, other)) {
                return refuse(prefix, "an existing", other);
            }
            if let Some(other) = self.prefixes[at + 1..].iter().find(|other| overlap(prefix, other)) {
                return refuse(prefix, "another provided", other);
            }
        }
        Ok(())
    }

    fn into_tracker(self) -> Tracker {
        Tracker {
            mode: match () {
                () if self.broadcast => Mode::Broadcast,
                () if self.opt_in => Mode::OptIn,
                () if self.opt_out => Mode::OptOut,
                () => Mode::Read,
            },
            no_loop: self.no_loop,
            redirect: (self.redirect != 0).then_some(self.redirect),
            prefixes: self.prefixes.into_iter().map(Arc::from).collect(),
            ..Tracker::default()
        }
    }
}

/// `CLIENT TRACKING <ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]`
pub fn tracking(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let options = Options::parse(node, session, args)?;
    if parse::is(args.at(2), "on") {
        options.check(session.tracking.as_deref())?;
        node.track(session, options.into_tracker());
    } else if parse::is(args.at(2), "off") {
        node.end_tracking(session);
    } else {
        return Err(CommandError::SYNTAX);
    }
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT CACHING <YES | NO>`
pub fn caching(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let Some(tracker) = &mut session.tracking else {
        return Err(CommandError::of(
            "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
        ));
    };
    let (word, mode, wanted) = match args.at(2) {
        word if parse::is(word, "yes") => ("YES", Mode::OptIn, "OPTIN"),
        word if parse::is(word, "no") => ("NO", Mode::OptOut, "OPTOUT"),
        _ => return Err(CommandError::SYNTAX),
    };
    if tracker.mode != mode {
        return Err(CommandError::of(format!(
            "CLIENT CACHING {word} is only valid when tracking is enabled in {wanted} mode."
        )));
    }
    tracker.caching = true;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT GETREDIR`
pub fn getredir(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let id = session.redirection();
    session.reply().integer(id);
    Ok(Done::Replied)
}

/// `CLIENT TRACKINGINFO`
pub fn trackinginfo(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let redirect = session.redirection();
    let tracker = session.tracking.take();
    let mut flags = vec![if tracker.is_some() { "on" } else { "off" }];
    if let Some(tracker) = &tracker {
        let caching = |flags: &mut Vec<_>, word| flags.extend(tracker.caching.then_some(word));
        match tracker.mode {
            Mode::Read => {}
            Mode::Broadcast => flags.push("bcast"),
            Mode::OptIn => {
                flags.push("optin");
                caching(&mut flags, "caching-yes");
            }
            Mode::OptOut => {
                flags.push("optout");
                caching(&mut flags, "caching-no");
            }
        }
        flags.extend(tracker.no_loop.then_some("noloop"));
        flags.extend(tracker.broken.then_some("broken_redirect"));
    }
    let prefixes = || tracker.iter().flat_map(|tracker| &tracker.prefixes);
    let mut reply = session.reply();
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(flags.len());
    flags.iter().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"redirect");
    reply.integer(redirect);
    reply.bulk(b"prefixes");
    reply.array(prefixes().count());
    prefixes().for_each(|prefix| reply.bulk(prefix));
    session.tracking = tracker;
    Ok(Done::Replied)
}
