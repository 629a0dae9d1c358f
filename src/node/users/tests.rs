//! Users and their clients, seen through what clients are told.

use crate::boundary::{CloseReason, ConnId, Errand, Failure, Output};
use crate::testing::Bench;

const OK: &str = "+OK\r\n";

/// A server with an administrator, and a client that is logged in as a user of these rules.
fn server(rules: &str) -> (Bench, ConnId, ConnId) {
    let mut bench = Bench::new("aclfile users.acl");
    let (admin, client) = (bench.connect(0), bench.connect(1));
    assert_eq!(bench.ask(admin, &[&format!("ACL SETUSER alice on >secret {rules}")]), OK);
    assert_eq!(bench.ask(client, &["AUTH alice secret"]), OK);
    (bench, admin, client)
}

fn no_permission(what: &str) -> String {
    format!("-NOPERM {what}\r\n")
}

fn closed(bench: &Bench, conn: ConnId) -> Vec<CloseReason> {
    let reason = |output: &Output| match output {
        Output::Close(other, reason) if *other == conn => Some(*reason),
        _ => None,
    };
    bench.outputs.iter().filter_map(reason).collect()
}

#[test]
fn what_is_denied_is_told_counted_and_written_down() {
    let (mut bench, admin, client) = server("+get +publish ~own:* &news");
    assert_eq!(bench.ask(client, &["GET own:1"]), "$-1\r\n");
    let command = no_permission("User alice has no permissions to run the 'set' command");
    assert_eq!(bench.ask(client, &["SET own:1 x"]), command);
    assert_eq!(bench.ask(client, &["GET other"]), no_permission("No permissions to access a key"));
    assert_eq!(bench.ask(client, &["GET other"]), no_permission("No permissions to access a key"));
    assert_eq!(bench.ask(client, &["PUBLISH x y"]), no_permission("No permissions to access a channel"));
    assert!(bench.ask(client, &["AUTH alice wrong"]).starts_with("-WRONGPASS "));
    let denied = bench.node.stats.denied;
    assert_eq!((denied.auth, denied.command, denied.key, denied.channel), (1, 1, 2, 1));
    assert_eq!(bench.node.stats.errors.get(&b"NOPERM"[..]), Some(&4));

    let log: Vec<(String, u64)> = bench
        .node
        .denials
        .iter()
        .map(|entry| (String::from_utf8(entry.event.object.clone()).unwrap(), entry.count))
        .collect();
    assert_eq!(log, [("AUTH".into(), 1), ("x".into(), 1), ("other".into(), 2), ("set".into(), 1)]);
    let shown = bench.ask(admin, &["ACL LOG 1"]);
    assert!(shown.contains("user=alice") && shown.contains("$4\r\nauth\r\n"), "{shown}");
    assert_eq!(bench.ask(admin, &["ACL LOG RESET"]), OK);
    assert_eq!(bench.ask(admin, &["ACL LOG"]), "*0\r\n");
}

#[test]
fn what_a_script_is_denied_is_written_down_with_the_client_that_it_runs_for() {
    let (mut bench, admin, client) = server("+eval +client ~own:*");
    bench.ask(client, &["CLIENT SETNAME caller"]);
    let source = "return redis.pcall('GET','other')";
    bench.ask_words(client, &["EVAL", source, "0"]);
    let log = bench.ask(admin, &["ACL LOG"]);
    let id = bench.node.session(client).unwrap().id;
    assert!(log.contains("\r\nlua\r\n") && log.contains("\r\nget\r\n"), "{log}");
    assert!(
        log.contains(&format!("id={id} addr=127.0.0.1:50001 ")) && log.contains(" name=caller "),
        "{log}"
    );
    assert!(
        log.contains(" cmd=eval user=alice ") && log.contains(&format!(" argv-mem={} ", source.len() + 5))
    );
}

#[test]
fn one_is_who_one_logged_in_as() {
    let (mut bench, admin, client) = server("+@all ~*");
    assert_eq!(bench.ask(client, &["ACL WHOAMI"]), "$5\r\nalice\r\n");
    assert!(bench.ask(admin, &["CLIENT LIST USER alice"]).contains("user=alice"));
    assert_eq!(bench.ask(client, &["RESET", "ACL WHOAMI"]), "+RESET\r\n$7\r\ndefault\r\n");
    assert!(bench.ask(client, &["AUTH nobody secret"]).starts_with("-WRONGPASS "));
    assert!(bench.ask(client, &["HELLO 3 AUTH alice secret", "ACL WHOAMI"]).ends_with("$5\r\nalice\r\n"));
    assert_eq!(bench.ask(admin, &["ACL SETUSER alice off"]), OK);
    assert_eq!(bench.ask(client, &["ACL WHOAMI"]), "$5\r\nalice\r\n", "who is in stays in");
    assert!(bench.ask(admin, &["AUTH alice secret"]).starts_with("-WRONGPASS "));
}

#[test]
fn who_has_not_logged_in_may_do_little() {
    let mut bench = Bench::new("requirepass secret");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["PING"]), "-NOAUTH Authentication required.\r\n");
    assert!(bench.ask(client, &["AUTH wrong"]).starts_with("-WRONGPASS "));
    assert_eq!(bench.ask(client, &["AUTH secret", "PING"]), "+OK\r\n+PONG\r\n");
    assert_eq!(bench.ask(client, &["CONFIG SET requirepass other"]), OK);
    assert_eq!(bench.ask(client, &["RESET", "PING"]), "+RESET\r\n-NOAUTH Authentication required.\r\n");
    assert_eq!(bench.ask(client, &["AUTH default other", "ACL SETUSER default nopass"]), "+OK\r\n+OK\r\n");
    assert_eq!(bench.ask(client, &["RESET", "PING"]), "+RESET\r\n+PONG\r\n");
}

#[test]
fn clients_go_with_their_user() {
    let (mut bench, admin, client) = server("+@all ~*");
    let other = bench.connect(2);
    assert_eq!(bench.ask(other, &["AUTH alice secret"]), OK);
    bench.outputs.clear();
    assert_eq!(bench.ask(client, &["ACL DELUSER alice nobody"]), ":1\r\n");
    assert_eq!(closed(&bench, other), [CloseReason::Now]);
    assert_eq!(closed(&bench, client), [CloseReason::WhenSent]);
    assert!(closed(&bench, admin).is_empty());
    assert!(
        bench.ask(admin, &["ACL DELUSER default"]).starts_with("-ERR The 'default' user cannot be removed")
    );
}

#[test]
fn listeners_go_with_their_channels() {
    let (mut bench, admin, client) = server("+@all ~* &news:*");
    let other = bench.connect(2);
    bench.ask(client, &["SUBSCRIBE news:1"]);
    bench.ask(other, &["AUTH alice secret", "SUBSCRIBE news:2"]);
    bench.outputs.clear();
    assert_eq!(bench.ask(admin, &["ACL SETUSER alice &more"]), OK);
    assert!(closed(&bench, client).is_empty(), "nothing was taken away");
    assert_eq!(bench.ask(admin, &["ACL SETUSER alice resetchannels &news:1"]), OK);
    assert!(closed(&bench, client).is_empty());
    assert_eq!(closed(&bench, other), [CloseReason::Now]);
}

#[test]
fn exec_and_those_who_wait_are_checked_again() {
    let (mut bench, admin, client) = server("+@all ~*");
    bench.ask(client, &["MULTI", "SET a 1", "GET a"]);
    bench.ask(admin, &["ACL SETUSER alice -set"]);
    let refused = "-NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. \
                   This command is no longer allowed for the following reason: no permission to execute the command or \
                   subcommand\r\n";
    assert_eq!(bench.ask(client, &["EXEC"]), format!("*2\r\n{refused}$-1\r\n"));

    assert_eq!(bench.ask(client, &["BLPOP list 0"]), "");
    bench.ask(admin, &["ACL SETUSER alice resetkeys", "RPUSH list item"]);
    assert_eq!(bench.sent(client), no_permission("No permissions to access a key"));
    assert_eq!(bench.ask(admin, &["LLEN list"]), ":1\r\n");
}

#[test]
fn a_refused_command_spoils_a_transaction() {
    let (mut bench, _, client) = server("+@all -set ~*");
    bench.ask(client, &["MULTI"]);
    assert!(bench.ask(client, &["SET a 1"]).starts_with("-NOPERM "));
    assert!(bench.ask(client, &["EXEC"]).starts_with("-EXECABORT "));
}

#[test]
fn users_are_read_from_a_file_and_clients_stay_who_they_are() {
    let (mut bench, admin, client) = server("+@all ~* &news");
    let (gone, listener) = (bench.connect(2), bench.connect(3));
    bench.ask(admin, &["ACL SETUSER bob on nopass +@all"]);
    bench.ask(gone, &["AUTH bob x"]);
    bench.ask(listener, &["AUTH alice secret", "SUBSCRIBE news"]);
    bench.outputs.clear();
    assert_eq!(bench.ask(admin, &["ACL LOAD"]), "");
    assert_eq!(bench.errands(), [Errand::ReadUsers]);
    bench.read(b"user zoe on\nuser alice on nopass +acl +get ~own resetchannels\n");
    assert_eq!(bench.sent(admin), OK);
    assert_eq!(bench.ask(client, &["ACL WHOAMI"]), "$5\r\nalice\r\n");
    assert_eq!(bench.ask(client, &["GET x"]), no_permission("No permissions to access a key"));
    assert_eq!((closed(&bench, gone).len(), closed(&bench, listener).len()), (1, 1));

    bench.ask(client, &["ACL LOAD"]);
    bench.read(b"user zoe on\n");
    assert_eq!(bench.sent(client), OK, "who asked hears of it before going with the user");
    assert_eq!(closed(&bench, client), [CloseReason::WhenSent]);

    bench.ask(admin, &["ACL LOAD"]);
    bench.read(b"user zoe nothing");
    assert!(bench.sent(admin).starts_with("-ERR users.acl:1: Syntax error. WARNING: ACL errors detected"));
    bench.ask(admin, &["ACL LOAD"]);
    bench.perform(Err(Failure { directive: None, text: "No such file or directory".into() }));
    let text = "-ERR Error loading ACLs, opening file 'users.acl': No such file or directory\r\n";
    assert_eq!(bench.sent(admin), text);
}

#[test]
fn users_are_written_to_a_file() {
    let (mut bench, admin, _) = server("+get ~own");
    bench.errands();
    bench.ask(admin, &["ACL SAVE"]);
    let [Errand::WriteUsers(text)] = &bench.errands()[..] else { panic!("nothing is written") };
    assert_eq!(*text, bench.node.users.to_text());
    bench.perform(Ok(()));
    assert_eq!(bench.sent(admin), OK);
    bench.ask(admin, &["ACL SAVE"]);
    bench.perform(Err(Failure { directive: None, text: "Opening temp ACL file: no".into() }));
    assert!(bench.sent(admin).starts_with("-ERR There was an error trying to save the ACLs."));
    assert!(
        bench.outputs.iter().any(|output| matches!(output, Output::Log(line) if line.text.ends_with("no")))
    );
}

#[test]
fn passwords_are_made_of_what_the_shell_reads() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    for (request, bytes) in [("ACL GENPASS", 32), ("ACL GENPASS 5", 1), ("ACL GENPASS 4096", 512)] {
        bench.ask(client, &[request]);
        assert_eq!(bench.errands(), [Errand::ReadRandomness(bytes)]);
        bench.read(&vec![0xab; bytes]);
        assert!(bench.sent(client).ends_with("ab\r\n"));
    }
    bench.ask(client, &["ACL GENPASS 4"]);
    bench.read(&[0x7f]);
    assert_eq!(bench.sent(client), "$1\r\n7\r\n");
    assert!(bench.ask(client, &["ACL GENPASS 4097"]).starts_with("-ERR ACL GENPASS argument must be"));
}

#[test]
fn patterns_of_sort_need_all_keys() {
    let (mut bench, _, client) = server("+sort ~list");
    let denied =
        |option| format!("-ERR {option} option of SORT denied due to insufficient ACL permissions.\r\n");
    assert_eq!(bench.ask(client, &["SORT list BY w*"]), denied("BY"));
    assert_eq!(bench.ask(client, &["SORT list GET #"]), denied("GET"));
    assert_eq!(bench.ask(client, &["SORT list BY nosort"]), "*0\r\n");
}

#[test]
fn a_try_tells_more_than_a_denial() {
    let (mut bench, admin, _) = server("+get ~own");
    assert_eq!(bench.ask(admin, &["ACL DRYRUN alice GET own"]), OK);
    let told = "User alice has no permissions to access the 'other' key";
    assert_eq!(bench.ask(admin, &["ACL DRYRUN alice GET other"]), format!("${}\r\n{told}\r\n", told.len()));
    assert_eq!(bench.node.stats.denied.key, 0);
}
