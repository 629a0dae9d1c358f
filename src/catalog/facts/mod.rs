//! The table against the facts: `commands.json` is what a running reference of version 9.0.4 answered to COMMAND INFO and
//! COMMAND DOCS, its sentences left out. Every command of ours must be there, and equal field by field; commands that we
//! lack are passed over. Where the reference wrote notes on a key or an argument we want some too; ours are for people to
//! judge.
//!
//! Names in a set (flags, ACL categories, key flags) stand in alphabetical order in the file; everything else in the
//! order of the reply.

use serde_json::{Map, Value, json};

use crate::{Arg, Begin, Category, CommandId, DocFlag, Find, Flag, KeyFlag, KeyRange, KeySpec, Names};

fn facts() -> Value {
    serde_json::from_str(include_str!("commands.json")).unwrap()
}

/// Names in alphabetical order, as the file has them.
fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    json!(names)
}

/// What COMMAND INFO says of a command, its subcommands left out.
fn info(id: CommandId) -> Value {
    let KeyRange { first, last, step } = id.key_range();
    let categories: Vec<String> = id.categories().iter().map(|c| format!("@{}", c.name())).collect();
    json!({
        "name": id.full_name(),
        "arity": id.arity(),
        "flags": sorted(id.flags().shown().map(Flag::name)),
        "acl": sorted(categories.iter().map(String::as_str)),
        "first_key": first,
        "last_key": last,
        "step": step,
        "tips": id.command().tips,
        "key_specs": id.command().key_specs.iter().map(key_spec).collect::<Vec<_>>(),
    })
}

fn key_spec(spec: &KeySpec) -> Value {
    let begin = match spec.begin {
        Begin::Index(index) => json!({"type": "index", "spec": {"index": index}}),
        Begin::Keyword { word, from } => {
            json!({"type": "keyword", "spec": {"keyword": word, "startfrom": from}})
        }
        Begin::Unknown => json!({"type": "unknown", "spec": {}}),
    };
    let find = match spec.find {
        Find::Range { last, step, limit } => {
            json!({"type": "range", "spec": {"lastkey": last, "keystep": step, "limit": limit}})
        }
        Find::Count { count_at, first, step } => {
            json!({"type": "keynum", "spec": {"keynumidx": count_at, "firstkey": first, "keystep": step}})
        }
        Find::Unknown => json!({"type": "unknown", "spec": {}}),
    };
    let flags = sorted(spec.flags.iter().map(KeyFlag::name));
    let mut value = json!({"begin_search": begin, "find_keys": find, "flags": flags});
    if spec.notes.is_some() {
        value["notes"] = SENTENCE.into();
    }
    value
}

/// What COMMAND DOCS says of a command, its subcommands left out.
fn docs(id: CommandId) -> Value {
    let command = id.command();
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| map.insert(name.to_owned(), value);
    put("group", command.group.name().into());
    put("since", command.since.into());
    if !command.history.is_empty() {
        put("history", command.history.iter().map(|(version, _)| *version).collect());
    }
    if !command.doc_flags.is_empty() {
        put("doc_flags", sorted(command.doc_flags.iter().map(DocFlag::name)));
    }
    if let Some(version) = command.deprecated_since {
        put("deprecated_since", version.into());
    }
    if let Some(other) = command.replaced_by {
        put("replaced_by", other.into());
    }
    if !command.args.is_empty() {
        put("arguments", command.args.iter().map(argument).collect());
    }
    Value::Object(map)
}

fn argument(arg: &Arg) -> Value {
    let mut value = json!({"name": arg.name, "type": arg.kind.name()});
    let texts = [
        ("token", arg.token),
        ("display_text", arg.display_text()),
        ("since", arg.since),
        ("deprecated_since", arg.deprecated_since),
        ("summary", arg.summary.map(|_| SENTENCE)),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            value[name] = text.into();
        }
    }
    if let Some(index) = arg.key_spec {
        value["key_spec_index"] = index.into();
    }
    let flags =
        [(arg.multiple, "multiple"), (arg.multiple_token, "multiple_token"), (arg.optional, "optional")];
    let flags: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    if !flags.is_empty() {
        value["flags"] = flags.into();
    }
    if !arg.args.is_empty() {
        value["arguments"] = arg.args.iter().map(argument).collect();
    }
    value
}

/// What the file has where the reference wrote a sentence.
const SENTENCE: &str = "(a sentence)";

/// The facts about a command: COMMAND INFO's and COMMAND DOCS', without its subcommands.
fn facts_of(facts: &Value, id: CommandId) -> Option<(Value, Value)> {
    let all = &facts[id.parent().unwrap_or(id).full_name()];
    let (mut info, mut docs) = if id.parent().is_some() {
        let subcommands = all["info"]["subcommands"].as_array()?;
        let info = subcommands.iter().find(|sub| sub["name"] == id.full_name())?;
        (info.clone(), all["docs"]["subcommands"].get(id.full_name())?.clone())
    } else {
        (all.get("info")?.clone(), all.get("docs")?.clone())
    };
    info.as_object_mut()?.remove("subcommands");
    docs.as_object_mut()?.remove("subcommands");
    Some((info, docs))
}

/// Adds a line for each place in which the two differ.
fn compare(path: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let mut fields: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
            fields.sort_unstable();
            fields.dedup();
            for field in fields {
                let [ours, theirs] = [ours, theirs].map(|map| map.get(field).unwrap_or(&Value::Null));
                compare(&format!("{path}.{field}"), ours, theirs, differences);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(&format!("{path}[{i}]"), ours, theirs, differences);
            }
        }
        _ if ours == theirs => {}
        _ => differences.push(format!("{path}\n  ours:      {ours}\n  reference: {theirs}")),
    }
}

#[test]
fn every_command_equals_the_reference_in_every_field() {
    let facts = facts();
    let mut differences = Vec::new();
    for id in CommandId::all() {
        match facts_of(&facts, id) {
            None => differences.push(format!("{id:?}: not a command of the reference")),
            Some((their_info, their_docs)) => {
                compare(&format!("{id:?} info"), &info(id), &their_info, &mut differences);
                compare(&format!("{id:?} docs"), &docs(id), &their_docs, &mut differences);
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_command_is_there_once_and_is_found() {
    let names = Names::new();
    let mut seen: Vec<&str> = CommandId::all().map(CommandId::full_name).collect();
    assert!(seen.iter().all(|name| names.by_full_name(name.as_bytes()).unwrap().full_name() == *name));
    seen.sort_unstable();
    assert!(seen.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn sentences_are_sentences() {
    for id in CommandId::all() {
        let command = id.command();
        let sentences = command.history.iter().map(|(_, text)| *text).chain([command.summary]);
        for sentence in sentences.chain(command.args.iter().filter_map(|arg| arg.summary)) {
            assert!(sentence.ends_with('.') && sentence.len() > 5, "{id:?}: {sentence:?}");
        }
        assert!(command.complexity != Some(""), "{id:?}");
    }
}

#[test]
fn only_a_subcommand_has_a_bar_in_its_name() {
    for id in CommandId::all() {
        let parts: Vec<&str> = id.full_name().split('|').collect();
        match id.parent() {
            None => assert_eq!(parts, [id.name()]),
            Some(parent) => {
                assert_eq!(parts, [parent.full_name(), id.name()]);
                assert!(parent.subcommands().any(|sub| sub == id));
                assert!(parent.parent().is_none() && !id.is_container());
            }
        }
    }
}

#[test]
fn names_are_printed_in_the_order_of_the_reference() {
    let set = crate::id("set");
    assert_eq!(set.flags().shown().map(Flag::name).collect::<Vec<_>>(), ["write", "denyoom"]);
    assert_eq!(set.categories().iter().map(Category::name).collect::<Vec<_>>(), ["write", "string", "slow"]);
    let shutdown = crate::id("shutdown");
    let flags: Vec<_> = shutdown.flags().shown().map(Flag::name).collect();
    assert_eq!(flags, ["admin", "noscript", "loading", "stale", "no_multi", "allow_busy"]);
    let spec = set.command().key_specs[0];
    assert_eq!(
        spec.flags.iter().map(KeyFlag::name).collect::<Vec<_>>(),
        ["RW", "access", "update", "variable_flags"]
    );
}

#[test]
fn arity_is_exact_or_a_least() {
    assert!(crate::id("get").accepts(2) && !crate::id("get").accepts(1) && !crate::id("get").accepts(3));
    assert!(crate::id("set").accepts(3) && crate::id("set").accepts(9) && !crate::id("set").accepts(2));
}

#[test]
fn a_number_is_known_at_compile_time() {
    const CONFIG_GET: CommandId = crate::id("config|get");
    assert_eq!((CONFIG_GET.name(), CONFIG_GET.full_name()), ("get", "config|get"));
    assert_eq!(CommandId::from_index(CONFIG_GET.index()), Some(CONFIG_GET));
    assert_eq!(CommandId::from_index(crate::COUNT), None);
}
