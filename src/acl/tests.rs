//! Rules, what they allow, and how they are printed.

use super::*;
use catalog::Names;
use proptest::prelude::*;

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn make(line: &str) -> Result<User, String> {
    let users = Users::new(b"", false);
    users.changed(b"alice", &words(line)).map_err(|error| String::from_utf8(error).unwrap())
}

fn text(user: &User) -> String {
    String::from_utf8(user.describe()).unwrap()
}

fn check(user: &User, request: &str) -> Result<(), Denial> {
    let argv: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
    let id = Names::new().resolve(&argv).unwrap();
    user.permits(id, &argv, &mut Vec::new())
}

fn denied(reason: Reason, at: usize) -> Result<(), Denial> {
    Err(Denial { reason, at })
}

#[test]
fn users_are_printed_as_the_reference_does() {
    let cases = [
        ("reset", "off sanitize-payload resetchannels -@all"),
        ("on nopass ~* &* +@all", "on nopass sanitize-payload ~* &* +@all"),
        ("%R~a %W~b %RW~c ~d ~a", "off sanitize-payload ~a %W~b ~c ~d resetchannels -@all"),
        ("&x &y &x +GET", "off sanitize-payload resetchannels &x &y -@all +get"),
        (
            "+@read -get +Config|Get +select|0 -config +@READ",
            "off sanitize-payload resetchannels -@all -get +select|0 -config +@read",
        ),
        (
            "+@all -get (+set ~x)",
            "off sanitize-payload resetchannels +@all -get (~x resetchannels -@all +set)",
        ),
        (
            "(~a +get ) ( %R~b )",
            "off sanitize-payload resetchannels -@all (~a resetchannels -@all +get) (%R~b resetchannels -@all)",
        ),
        ("skip-sanitize-payload", "off skip-sanitize-payload resetchannels -@all"),
        ("%R", "off sanitize-payload %R~ resetchannels -@all"),
        ("%RW~* ~x", "off sanitize-payload %RW~* ~x resetchannels -@all"),
    ];
    for (line, expected) in cases {
        assert_eq!(text(&make(line).unwrap()), expected, "{line}");
    }
}

#[test]
fn words_are_refused_with_a_reason() {
    let cases = [
        ("+nothing", RuleError::Unknown),
        ("-nothing", RuleError::Unknown),
        ("+config|nothing", RuleError::Unknown),
        ("+@nothing", RuleError::Unknown),
        ("-select|0", RuleError::Unknown),
        ("+config|get|x", RuleError::FirstArgOfSubcommand),
        ("+select|", RuleError::Syntax),
        ("nothing", RuleError::Syntax),
        ("%~x", RuleError::Syntax),
        ("%RR~x", RuleError::Syntax),
        ("%X~x", RuleError::Syntax),
        ("~*\t", RuleError::Syntax),
        ("#12", RuleError::BadHash),
        ("<secret", RuleError::NoSuchPassword),
        ("(nothing)", RuleError::Syntax),
        (")", RuleError::Syntax),
    ];
    for (line, expected) in cases {
        let error = format!("Error in ACL SETUSER modifier '{line}': {}", expected.text());
        assert_eq!(make(line), Err(error), "{line}");
    }
    assert!(make("~* ~x").unwrap_err().ends_with(RuleError::AfterAllKeys.text()));
    assert!(make("&* &x").unwrap_err().ends_with(RuleError::AfterAllChannels.text()));
    assert_eq!(make("on (a b").unwrap_err(), "Unmatched parenthesis in acl selector starting at '(a'.");
}

#[test]
fn commands_keys_and_channels_are_checked() {
    let user =
        make("+@string +select|0 +config|get +publish +psubscribe ~own:* %R~read %W~write &news:*").unwrap();
    assert_eq!(check(&user, "GET own:1"), Ok(()));
    assert_eq!(check(&user, "GET read"), Ok(()));
    assert_eq!(check(&user, "GET write"), denied(Reason::Key, 1));
    assert_eq!(check(&user, "MSET own:1 v write v read v"), denied(Reason::Key, 5));
    assert_eq!(check(&user, "LPUSH own:1 x"), denied(Reason::Command, 0));
    assert_eq!(check(&user, "SELECT 0"), Ok(()));
    assert_eq!(check(&user, "SELECT 1"), denied(Reason::Command, 0));
    assert_eq!(check(&user, "CONFIG GET x"), Ok(()));
    assert_eq!(check(&user, "CONFIG SET x y"), denied(Reason::Command, 0));
    assert_eq!(check(&user, "PUBLISH news:1 x"), Ok(()));
    assert_eq!(check(&user, "PUBLISH other x"), denied(Reason::Channel, 1));
    assert_eq!(check(&user, "PSUBSCRIBE news:* news:a*"), denied(Reason::Channel, 2));
    assert_eq!(check(&user, "AUTH x"), Ok(()), "who is not in yet may always ask");
}

#[test]
fn one_selector_must_allow_all_of_it() {
    let user = make("-@all (+get ~a) (+set ~b) (+publish &c)").unwrap();
    assert_eq!(check(&user, "GET a"), Ok(()));
    assert_eq!(check(&user, "SET b 1"), Ok(()));
    assert_eq!(check(&user, "GET b"), denied(Reason::Key, 1));
    assert_eq!(check(&user, "PUBLISH x 1"), denied(Reason::Channel, 1));
    assert_eq!(check(&user, "DEL a"), denied(Reason::Command, 0));
}

#[test]
fn reading_all_keys_takes_a_selector_that_allows_the_command_too() {
    let reads = |line: &str| {
        let argv = [b"SORT".as_slice(), b"key", b"BY", b"w*"];
        make(line).unwrap().permits_reading_all(catalog::id("sort"), argv.as_slice())
    };
    assert!(reads("+@all ~*"));
    assert!(reads("+sort %R~* %W~x"));
    assert!(!reads("+sort ~key %W~*"));
    assert!(!reads("+sort ~key (+get ~*)"));
    assert!(reads("+sort ~key (+sort %R~*)"));
}

#[test]
fn only_what_is_allowed_in_full_needs_no_check() {
    assert!(make("~* &* +@all").unwrap().allows_all());
    assert!(make("(~* &* +@all)").unwrap().allows_all());
    assert!(make("~* &* +@all -get +get").unwrap().allows_all());
    for line in ["~* +@all", "&* +@all", "~* &* +@all -get", "%RW~* &* +@all"] {
        assert!(!make(line).unwrap().allows_all(), "{line}");
    }
}

#[test]
fn passwords_let_in() {
    let user = make("on >secret >other <other").unwrap();
    assert!(user.lets_in(b"secret") && !user.lets_in(b"other") && !user.lets_in(b""));
    assert!(!make(">secret").unwrap().lets_in(b"secret"), "it is off");
    assert!(make("on >secret nopass").unwrap().lets_in(b"anything"));
    assert!(!make("on nopass resetpass").unwrap().lets_in(b"anything"));
    let mut users = Users::new(b"secret", false);
    assert!(!users.open());
    users.set_default_password(b"");
    assert!(users.open());
}

#[test]
fn channels_that_are_left() {
    let left = |old: &str, new: &str, channel: &str, is_pattern| {
        let (old, new) = (make(old).unwrap(), make(new).unwrap());
        old.channels_left(&new).map(|left| left.has(channel.as_bytes(), is_pattern))
    };
    assert_eq!(left("&a", "&a &b", "a", false), None);
    assert_eq!(left("&a", "&*", "a", false), None);
    assert_eq!(left("&a &b*", "(&b*)", "a", false), Some(false));
    assert_eq!(left("&a &b*", "(&b*)", "bb", false), Some(true));
    assert_eq!(left("&a &b*", "&b*", "b*", true), Some(true));
    assert_eq!(left("&a &b*", "&b*", "bb*", true), Some(false));
    assert_eq!(left("&*", "&a", "a", false), Some(true));
}

#[test]
fn users_come_and_go_and_the_default_one_stays() {
    let mut users = Users::new(b"", true);
    let bob = users.put(users.changed(b"bob", &["on"]).unwrap());
    let amy = users.put(users.changed(b"amy", &["on"]).unwrap());
    let names = |users: &Users| {
        users.iter().map(|user| String::from_utf8_lossy(user.name()).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&users), ["amy", "bob", "default"]);
    assert_eq!(users.remove(b"bob"), Some(bob));
    assert_eq!((users.remove(b"bob"), users.remove(b"default")), (None, None));
    assert_eq!(users.put(users.changed(b"cid", &["on"]).unwrap()), bob, "numbers are used again");
    assert_eq!(users.find(b"amy"), Some(amy));
    assert_eq!(users.find(b"default"), Some(UserId::DEFAULT));
}

#[test]
fn a_file_is_read_whole_or_not_at_all() {
    let users = Users::new(b"secret", false);
    let read =
        |text: &str| users.read("users.acl", text.as_bytes()).map_err(|e| String::from_utf8(e).unwrap());
    let good = read("user bob on >p ~x\n\n  user default on nopass ~* &* +@all\r\n").unwrap();
    assert_eq!(good.iter().len(), 2);
    assert!(read("user bob on").unwrap().open(), "a default user that is not described is the usual one");
    let again = users.read("users.acl", &good.to_text()).unwrap();
    assert_eq!(again.to_text(), good.to_text());

    let end = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";
    let cases = [
        ("bob on", "users.acl:1 should start with user keyword followed by the username. ".to_owned()),
        ("\nuser a on\nuser a off", "WARNING: Duplicate user 'a' found on line 3. ".to_owned()),
        ("user a\tb on", "'users.acl:1: username 'a\tb' contains invalid characters. ".to_owned()),
        ("user a +nothing %% #1 +x", "users.acl:1: Error in applying operation '+nothing': Unknown command or category name in ACL. \
            users.acl:1: Syntax error. users.acl:1: Error in applying operation '+x': Unknown command or category name in ACL. ".to_owned()),
        ("user a (~x", "users.acl:1: Unmatched parenthesis in selector definition.".to_owned()),
    ];
    for (text, error) in cases {
        assert_eq!(read(text).map(drop), Err(error + end), "{text}");
    }
}

#[test]
fn declarations_of_a_configuration() {
    let mut users = Users::new(b"", false);
    let declared = |lines: &[&str]| -> Vec<Vec<Vec<u8>>> {
        lines.iter().map(|line| line.split(' ').map(|word| word.as_bytes().to_vec()).collect()).collect()
    };
    let disabled = users.declare(&declared(&["bob ~x (+get ~y)", "amy on", "default on >p ~*"])).unwrap();
    assert_eq!(disabled, [b"bob".to_vec()]);
    let error = users.declare(&declared(&["bob +nothing"])).unwrap_err();
    let text =
        "Error loading ACL rule '+nothing' for the user named 'bob': Unknown command or category name in ACL";
    assert_eq!(error, text.as_bytes());
    assert_eq!(Users::check(&["on", "+nothing", "x"]), Err((2, RuleError::Syntax)));
}

/// Words that are mostly rules, and sometimes nearly.
fn word() -> impl Strategy<Value = String> {
    let command = prop::sample::select(vec![
        "get",
        "set",
        "select",
        "config",
        "config|get",
        "config|set",
        "client|id",
        "select|0",
        "select|1",
        "GET",
        "@read",
        "@write",
        "@all",
        "@fast",
        "nothing",
        "get|x",
        "publish",
        "xgroup",
    ]);
    let pattern = "[a*?\\[\\]()'\"\\\\]{0,4}";
    prop_oneof![
        8 => ("[+-]", command).prop_map(|(sign, name)| sign + name),
        3 => ("(~|%R~|%W~|%rw~|&|%)", pattern).prop_map(|(sign, text)| sign + &text),
        2 => prop::sample::select(vec!["on", "off", "nopass", "resetpass", "reset", "allkeys", "resetkeys", "allchannels",
            "resetchannels", "clearselectors", "skip-sanitize-payload", ">a", ">b", "<a", "~*", "&*"]).prop_map(str::to_owned),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    prop_oneof![4 => word(), 1 => prop::collection::vec(word(), 0..5).prop_map(|words| format!("({})", words.join(" ")))]
}

proptest! {
    #[test]
    fn a_user_printed_and_read_back_may_do_the_same(rules in prop::collection::vec(rule(), 0..20)) {
        let mut users = Users::new(b"", false);
        for rule in &rules {
            // One at a time: what is refused is left out.
            if let Ok(user) = users.changed(b"alice", &[rule]) {
                users.put(user);
            }
        }
        let again = users.read("file", &users.to_text()).unwrap();
        prop_assert_eq!(again.to_text(), users.to_text());
        let mut declared = Users::new(b"", false);
        let words: Vec<Vec<Vec<u8>>> =
            users.to_declarations().iter().map(|line| base::escape::split_args(line).unwrap()).collect();
        declared.declare(&words).unwrap();
        prop_assert_eq!(declared.to_text(), users.to_text());
        for request in ["GET a", "SET aa 1", "SELECT 0", "SELECT 1", "CONFIG GET x", "CLIENT ID", "PUBLISH a b", "PSUBSCRIBE a*"] {
            let [one, other] = [&users, &again].map(|users| users.find(b"alice").map(|id| check(users.get(id), request)));
            prop_assert_eq!(one, other, "{}", request);
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(bytes: Vec<u8>) {
        let users = Users::new(b"", false);
        let words: Vec<&[u8]> = bytes.split(|byte| *byte == b' ').collect();
        if let Ok(user) = users.changed(b"alice", &words) {
            prop_assert!(users.changed(b"alice", &[user.describe()]).is_ok() || user.describe().contains(&b' '));
        }
        let _ = users.read("file", &bytes);
    }
}
