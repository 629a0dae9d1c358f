//! Lookup against a plain search, and the rules of renaming.

use proptest::prelude::*;

use super::*;
use crate::table::id;

/// The plain search that `Names` must agree with.
fn model(name: &[u8]) -> Option<CommandId> {
    CommandId::top_level().find(|id| id.full_name().as_bytes().eq_ignore_ascii_case(name))
}

fn spelled(name: &str, capitals: u64) -> Vec<u8> {
    let turned =
        |(i, byte): (usize, u8)| if capitals >> (i % 64) & 1 == 1 { byte.to_ascii_uppercase() } else { byte };
    name.bytes().enumerate().map(turned).collect()
}

proptest! {
    #[test]
    fn any_spelling_finds_the_command(index in 0..crate::COUNT, capitals: u64) {
        let names = Names::new();
        let id = CommandId::from_index(index).unwrap();
        prop_assert_eq!(names.by_full_name(&spelled(id.full_name(), capitals)), Some(id));
    }

    #[test]
    fn garbage_finds_what_a_plain_search_finds(name in proptest::collection::vec(any::<u8>(), 0..24)) {
        prop_assert_eq!(Names::new().command(&name), model(&name));
    }

    /// Names one byte away from a command's: the words must not take one for the other.
    #[test]
    fn a_changed_byte_finds_what_a_plain_search_finds(index in 0..crate::COUNT, at in 0usize..20, byte: u8) {
        let id = CommandId::from_index(index).unwrap();
        let mut name = id.name().as_bytes().to_vec();
        let at = at % name.len();
        name[at] = byte;
        prop_assert_eq!(Names::new().command(&name), model(&name));
    }

    #[test]
    fn folding_a_word_is_folding_its_bytes(bytes: [u8; 8]) {
        let folded = lower(u64::from_le_bytes(bytes)).to_le_bytes();
        prop_assert_eq!(folded, bytes.map(|byte| byte.to_ascii_lowercase()));
    }
}

#[test]
fn a_container_leads_to_its_subcommands_only() {
    let names = Names::new();
    assert_eq!(names.resolve(&["CONFIG", "Get", "x"][..]), Ok(id("config|get")));
    assert_eq!(names.resolve(&["config"][..]), Ok(id("config")));
    assert_eq!(names.resolve(&["config", "nosuch"][..]), Err(Unknown::Subcommand(id("config"))));
    assert_eq!(names.resolve(&["get", "x"][..]), Ok(id("get")));
    assert_eq!(names.resolve(&["nosuch"][..]), Err(Unknown::Command));
    assert_eq!(names.resolve(&Vec::<&str>::new()), Err(Unknown::Command));
    assert_eq!(names.subcommand(id("config"), b"usage"), None);
    assert_eq!(names.subcommand(id("command"), b"GETKEYSANDFLAGS"), Some(id("command|getkeysandflags")));
    for name in ["config|nosuch", "config|", "config|get|x", "get|x", "|get", "|", "", "rewrite"] {
        assert_eq!(names.by_full_name(name.as_bytes()), None, "{name}");
    }
}

#[test]
fn a_renamed_command_answers_to_its_new_name_alone() {
    let mut names = Names::new();
    for new in ["cfg", "a-name-of-more-than-sixteen-bytes"] {
        let old = if names.command(b"cfg").is_some() { "cfg" } else { "config" };
        names.rename(old.as_bytes(), new.as_bytes()).unwrap();
        assert_eq!(names.command(old.as_bytes()), None);
        assert_eq!(names.command(new.to_ascii_uppercase().as_bytes()), Some(id("config")));
        assert_eq!(names.resolve(&[new, "SET"][..]), Ok(id("config|set")));
        assert_eq!(names.iter().find(|(_, command)| *command == id("config")).unwrap().0, new.as_bytes());
    }
}

#[test]
fn a_command_without_a_name_is_gone_with_its_subcommands() {
    let mut names = Names::new();
    let before = names.iter().len();
    names.rename(b"Config", b"").unwrap();
    assert_eq!(names.resolve(&["config", "get"][..]), Err(Unknown::Command));
    assert!(!names.holds(id("config")) && !names.holds(id("config|get")) && names.holds(id("get")));
    assert_eq!(names.iter().len(), before - 1);
    assert_eq!(names.rename(b"config", b"cfg"), Err(RenameError::NoSuchCommand));
}

#[test]
fn names_in_use_are_not_given_twice() {
    let mut names = Names::new();
    assert_eq!(names.rename(b"get", b"SET"), Err(RenameError::NameTaken));
    assert_eq!(names.command(b"get"), Some(id("get")));
    assert_eq!(names.rename(b"get", b"GET"), Ok(()));
    assert_eq!(names.command(b"get"), Some(id("get")));
    names.rename(b"get", b"fetch").unwrap();
    names.rename(b"set", b"get").unwrap();
    assert_eq!(names.command(b"get"), Some(id("set")));
}

#[test]
fn the_slots_stay_sparse() {
    let names = Names::new();
    let used = names.slots.iter().filter(|slot| slot.id.is_some()).count();
    assert!(used * 4 <= names.slots.len());
    let far = names.slots.iter().enumerate().filter(|(_, slot)| slot.id.is_some());
    let longest = far.map(|(at, slot)| at.wrapping_sub(names.home(slot.key)) & (names.slots.len() - 1)).max();
    assert!(longest <= Some(4), "a name stands {longest:?} slots from home");
}
