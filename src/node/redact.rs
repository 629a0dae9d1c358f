//! Which arguments of a request are secrets: what shows requests to others, the command logs and MONITOR, leaves them out.

use catalog::CommandId;
use commands::parse;
use config::Flag;
use conn::Args;

/// The positions of the secrets of a request, in order.
pub(crate) fn secrets(id: CommandId, args: &Args<'_>) -> Vec<usize> {
    let end = args.len();
    let mut secrets: Vec<usize> = match id.full_name() {
        "auth" | "acl|setuser" | "acl|deluser" | "acl|getuser" => {
            (if id.parent().is_some() { 2..end } else { 1..end }).collect()
        }
        "config|set" => {
            (2..end).step_by(2).filter(|&at| names_secret(args.at(at))).map(|at| at + 1).collect()
        }
        "hello" => {
            (2..end).filter(|&at| parse::is(args.at(at), "auth")).flat_map(|at| [at + 1, at + 2]).collect()
        }
        "migrate" => (6..end)
            .flat_map(|at| match args.at(at) {
                word if parse::is(word, "auth") => at + 1..at + 2,
                word if parse::is(word, "auth2") => at + 1..at + 3,
                _ => at..at,
            })
            .collect(),
        _ => Vec::new(),
    };
    secrets.retain(|&at| at < end);
    secrets
}

/// Whether a directive of this name holds a secret.
fn names_secret(name: &[u8]) -> bool {
    config::lookup(name).is_some_and(|row| row.has(Flag::Sensitive))
}

#[cfg(test)]
mod tests {
    use super::*;
    use conn::Batch;

    fn shown(request: &str) -> String {
        let words: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        let command = catalog::Names::new().resolve(&words);
        let batch = Batch::of_words(command, words.iter().copied());
        let head = batch.requests[0];
        let secrets = secrets(head.command.unwrap(), &batch.args(&head));
        let word = |(at, word): (usize, &&str)| if secrets.contains(&at) { "***" } else { word }.to_owned();
        request.split(' ').collect::<Vec<_>>().iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn secrets_are_found_where_commands_have_them() {
        for (request, expected) in [
            ("get auth", "get auth"),
            ("auth password", "auth ***"),
            ("auth user password", "auth *** ***"),
            ("hello 3 auth user password setname me", "hello 3 auth *** *** setname me"),
            ("hello 3 AUTH user", "hello 3 AUTH ***"),
            ("hello 3", "hello 3"),
            (
                "config set requirepass x maxmemory 5 masterauth y",
                "config set requirepass *** maxmemory 5 masterauth ***",
            ),
            ("config set tls-key-file-pass", "config set tls-key-file-pass"),
            ("config get requirepass", "config get requirepass"),
        ] {
            assert_eq!(shown(request), expected);
        }
    }
}
