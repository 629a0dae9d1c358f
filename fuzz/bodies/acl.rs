//! One text as users: as the file that `aclfile` names, and each of its lines as a user to be set. Whatever it says, it is
//! refused or taken; and users that were taken, printed and read again, are printed the same and may do the same.
//!
//! ```text
//! user name rule rule \n user name rule      the lines of a file
//! ```

use acl::{UserId, Users};
use catalog::Names;

/// What rules are made of.
pub const WORDS: &[&[u8]] = &[
    b"\nuser a ",
    b"\nuser b ",
    b"user default ",
    b" ",
    b" ",
    b"(",
    b")",
    b" (",
    b") ",
    b"\"",
    b"'",
    b"\\",
    b"\x00",
    b"\t",
    b"on ",
    b"off ",
    b"nopass ",
    b"resetpass ",
    b">secret ",
    b"<secret ",
    b"#ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ",
    b"skip-sanitize-payload ",
    b"reset ",
    b"clearselectors ",
    b"~",
    b"%R~",
    b"%W~",
    b"%RW~",
    b"&",
    b"*",
    b"a",
    b"b*",
    b"[a-",
    b"allkeys ",
    b"resetkeys ",
    b"allchannels ",
    b"resetchannels ",
    b"+@all ",
    b"-@all ",
    b"+@read ",
    b"-@write ",
    b"+",
    b"-",
    b"get",
    b"set",
    b"config",
    b"|",
    b"select|0",
];

/// The body.
pub fn run(text: &[u8]) {
    let fresh = Users::new(b"", false);
    if let Ok(users) = fresh.read("file", text) {
        check(&users);
    }
    let mut users = fresh;
    for line in text.split(|byte| *byte == b'\n') {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let [b"user", name, rules @ ..] = words.as_slice() else { continue };
        let before = users.to_text();
        match users.changed(name, rules) {
            Ok(user) if Users::can_be_named(name) => drop(users.put(user)),
            _ => assert_eq!(users.to_text(), before),
        }
    }
    check(&users);
}

/// Users printed in either way and read again are the same.
fn check(users: &Users) {
    let text = users.to_text();
    let again = users.read("file", &text).expect("what is printed can be read");
    assert_eq!(again.to_text(), text);
    let mut declared = Users::new(b"", false);
    let words: Vec<Vec<Vec<u8>>> = users
        .to_declarations()
        .iter()
        .map(|line| base::escape::split_args(line).expect("quotes are closed"))
        .collect();
    declared.declare(&words).expect("what is printed can be declared");
    assert_eq!(declared.to_text(), text);
    let names = Names::new();
    for user in users.iter() {
        let find = |users: &Users| users.find(user.name()).unwrap_or(UserId::DEFAULT);
        for other in [again.get(find(&again)), declared.get(find(&declared))] {
            same_permissions(&names, user, other);
        }
    }
}

fn same_permissions(names: &Names, one: &acl::User, other: &acl::User) {
    for request in
        ["get a", "set a 1", "copy a b", "select 0", "config get x", "publish a x", "psubscribe b*"]
    {
        let argv: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        let id = names.resolve(&argv).expect("a command");
        let [one, other] = [one, other].map(|user| user.permits(id, &argv, &mut Vec::new()));
        assert_eq!(one, other, "{request}");
    }
}
