//! Users made, changed and removed, one by one or all at once from a file.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use acl::Users;
use commands::{CommandError, Done};
use conn::Args;

/// `ACL SETUSER username [rule [rule ...]]`
pub fn setuser(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let name = args.at(2);
    if !Users::can_be_named(name) {
        return Err(CommandError::of("Usernames can't contain spaces or null characters"));
    }
    let rules: Vec<&[u8]> = args.from(3).collect();
    let user = node.users.changed(name, &rules).map_err(CommandError::of)?;
    node.set_user(session, user);
    session.reply().ok();
    Ok(Done::Replied)
}

/// `ACL DELUSER username [username ...]`
pub fn deluser(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if args.from(2).any(|name| name == b"default") {
        return Err(CommandError::of("The 'default' user cannot be removed"));
    }
    let removed = args.from(2).filter(|name| node.remove_user(session, name)).count();
    session.reply().integer(removed as i64);
    Ok(Done::Replied)
}

/// `ACL LOAD`
pub fn load(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    check_file(node)?;
    Ok(node.send_for_users(session))
}

/// `ACL SAVE`
pub fn save(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    check_file(node)?;
    Ok(node.send_users(session))
}

fn check_file(node: &Node) -> Result<(), CommandError> {
    if !node.config.security.aclfile.is_empty() {
        return Ok(());
    }
    Err(CommandError::of(
        "This instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command \
         and then issue a CONFIG REWRITE (assuming you have a configuration file set) in order to store users in the \
         configuration.",
    ))
}
