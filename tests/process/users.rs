//! Users in files: read at the start, saved, loaded and rewritten; and what ends a start.

use crate::common::{Server, binary, new_folder};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ALICE: &str = "user alice on nopass sanitize-payload ~own:* resetchannels -@all +get";
const DEFAULT: &str = "user default on nopass sanitize-payload ~* &* +@all";

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_file_of_users_is_read_saved_and_loaded_again() {
    let folder = new_folder();
    let path = file(&folder, "users.acl", &format!("{ALICE}\n\n"));
    {
        let server = Server::start(&["--aclfile", &path]);
        let (mut admin, mut client) = (server.client(), server.client());
        client.check("AUTH alice any", "+OK\r\n");
        client.check("GET own:1", "$-1\r\n");
        client.check("GET other", "-NOPERM No permissions to access a key\r\n");

        admin.check("ACL SAVE", "+OK\r\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{ALICE}\n{DEFAULT}\n"));
        fs::write(&path, ALICE.replace("own:*", "other")).unwrap();
        admin.check("ACL LOAD", "+OK\r\n");
        client.check("GET other", "$-1\r\n");
        fs::write(&path, "user alice nothing").unwrap();
        let error = "Syntax error. WARNING: ACL errors detected, no change to the previously active ACL rules was performed";
        admin.check("ACL LOAD", &format!("-ERR {path}:1: {error}\r\n"));
        client.check("GET other", "$-1\r\n");
        fs::remove_file(&path).unwrap();
        let error = "No such file or directory";
        admin.check("ACL LOAD", &format!("-ERR Error loading ACLs, opening file '{path}': {error}\r\n"));
        fs::write(&path, DEFAULT).unwrap();
        admin.check("ACL LOAD", "+OK\r\n");
        client.expect_closed();

        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error =
            "There was an error trying to save the ACLs. Please check the server logs for more information";
        admin.check("ACL SAVE", &format!("-ERR {error}\r\n"));
        assert!(server.log().contains("Renaming ACL file for ACL SAVE: Is a directory"), "{}", server.log());
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn users_of_a_configuration_are_kept_in_it() {
    let folder = new_folder();
    let text = "user bob on >secret ~a (+get ~b)\nuser default on nopass ~* +@all\n";
    let path = file(&folder, "valkey.conf", text);
    {
        let server = Server::start(&[&path]);
        let mut client = server.client();
        client.check("ACL SETUSER bob resetpass off", "+OK\r\n");
        client.check("ACL SETUSER amy +get", "+OK\r\n");
        client.check("CONFIG REWRITE", "+OK\r\n");
    }
    let rewritten = fs::read_to_string(&path).unwrap();
    let users: Vec<&str> = rewritten.lines().filter(|line| line.starts_with("user ")).collect();
    assert_eq!(
        users,
        [
            "user amy off sanitize-payload resetchannels -@all +get",
            "user bob off sanitize-payload ~a resetchannels -@all (~b resetchannels -@all +get)",
            "user default on nopass sanitize-payload ~* resetchannels +@all",
        ]
    );
    fs::remove_dir_all(&folder).unwrap();
}

/// Runs the server to its end, with this configuration and this file of users.
fn fails(config: &str, users: &str) -> String {
    let folder = new_folder();
    file(&folder, "valkey.conf", config);
    file(&folder, "users.acl", users);
    let output = Command::new(binary())
        .args(["valkey.conf", "--port", "0"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn wrong_users_end_the_start() {
    let cases = [
        ("user bob on\nuser bob off", "", "Error in user declaration 'bob': Duplicate user found."),
        ("user bob on ~x nothing", "", "Error in user declaration 'on': Syntax error"),
        (
            "user bob +nothing",
            "",
            "Error loading ACL rule '+nothing' for the user named 'bob': Unknown command or",
        ),
        ("user bob +nothing", "", "Critical error while loading ACLs. Exiting."),
        ("user bob on\naclfile users.acl", "", "please define either an ACL file or declare users directly"),
        (
            "aclfile nowhere",
            "",
            "Aborting Valkey startup because of ACL errors: Error loading ACLs, opening file 'nowhere'",
        ),
        (
            "aclfile users.acl",
            "bob on",
            "users.acl:1 should start with user keyword followed by the username.",
        ),
    ];
    for (config, users, error) in cases {
        let said = fails(config, users);
        assert!(said.contains(error), "{config:?}: {error:?} in\n{said}");
    }
}
