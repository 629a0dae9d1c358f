//! The replies to `<COMMAND> HELP`: a heading, a few lines for each subcommand, and HELP itself.

use resp::Reply;

/// Replies with the help of a command that has subcommands. `name` is the command as the client spelled it; `lines` are
/// the usage of each subcommand, and under it, set in by four spaces, what it does.
pub fn reply(reply: &mut Reply<'_>, name: &[u8], lines: &[&str]) {
    let heading =
        [&name.to_ascii_uppercase(), b" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:".as_slice()];
    reply.array(lines.len() + 3);
    reply.simple(&heading.concat());
    for line in lines.iter().chain(&["HELP", "    Print this help."]) {
        reply.simple(line.as_bytes());
    }
}
