//! The file of users: read when the server starts and for ACL LOAD, written for ACL SAVE.

use crate::{log, sys};
use acl::{User, Users};
use base::log::Line;
use config::Config;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The text of the file, or why it cannot be read.
pub fn read(path: &[u8]) -> Result<Vec<u8>, String> {
    #[expect(clippy::disallowed_methods, reason = "the file of users is the shell's")]
    std::fs::read(sys::path(path)).map_err(|error| sys::reason(&error))
}

/// Puts a new file in the place of the old one, so that at no moment there is half a file. The error is for the log.
pub fn write(path: &[u8], text: &[u8]) -> Result<(), String> {
    let path = sys::path(path);
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".tmp-{}", std::process::id()));
    let beside = Path::new(&beside);
    let written = replace(path, beside, text);
    if written.is_err() {
        let _ = std::fs::remove_file(beside);
    }
    written
}

fn replace(path: &Path, beside: &Path, text: &[u8]) -> Result<(), String> {
    let step = |what| move |error| format!("{what} for ACL SAVE: {}", sys::reason(&error));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o644);
    let mut file = options.open(beside).map_err(step("Opening temp ACL file"))?;
    file.write_all(text).map_err(step("Writing ACL file"))?;
    file.sync_all().map_err(step("Syncing ACL file"))?;
    std::fs::rename(beside, path).map_err(step("Renaming ACL file"))?;
    let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[expect(clippy::disallowed_methods, reason = "the file of users is the shell's")]
    let directory = std::fs::File::open(parent);
    directory.and_then(|directory| directory.sync_all()).map_err(step("Syncing ACL directory"))
}

/// The users of a server that is about to serve: those that the configuration declares, or those of the file. Otherwise,
/// the line that says why it cannot.
pub fn load(config: &Config) -> Result<Users, Line> {
    let declared = &config.declared.users;
    let path = &config.security.aclfile;
    if !declared.is_empty() && !path.is_empty() {
        return Err(Line::warning(
            "Configuring Valkey with users defined in valkey.conf and at the same setting an ACL file path is invalid. \
             This setup is very likely to lead to configuration errors and security holes, please define either an ACL \
             file or declare users directly in your valkey.conf, but not both.",
        ));
    }
    let mut users = node::users::users(config);
    match users.declare(declared) {
        Ok(disabled) => disabled.iter().for_each(|name| tell_disabled(config, name)),
        Err(error) => {
            log::write(config, &Line::warning(String::from_utf8_lossy(&error)));
            return Err(Line::warning("Critical error while loading ACLs. Exiting."));
        }
    }
    if !path.is_empty() {
        let shown = String::from_utf8_lossy(path);
        let text = read(path).map_err(|reason| node::users::unread(&shown, &reason).into_bytes());
        users = text.and_then(|text| users.read(&shown, &text)).map_err(|errors| {
            let errors = String::from_utf8_lossy(&errors);
            Line::warning(format!("Aborting Valkey startup because of ACL errors: {errors}"))
        })?;
    }
    for rule in users.iter().flat_map(User::first_args) {
        log::write(config, &Line::warning(acl::first_arg_warning(rule)));
    }
    Ok(users)
}

fn tell_disabled(config: &Config, name: &[u8]) {
    let name = String::from_utf8_lossy(name);
    let text = format!(
        "The user '{name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a \
         configuration error."
    );
    log::write(config, &Line::notice(text));
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_file_takes_the_place_of_another_or_leaves_it() {
        let directory = std::env::temp_dir().join(format!("users-{}", std::process::id()));
        std::fs::create_dir(&directory).unwrap();
        let path = directory.join("users.acl");
        let path = path.as_os_str().as_bytes();
        assert_eq!(read(path), Err("No such file or directory".to_owned()));
        for text in ["user a on\nuser b on\n", "user c off\n"] {
            write(path, text.as_bytes()).unwrap();
            assert_eq!(read(path).unwrap(), text.as_bytes());
        }
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
        std::fs::remove_dir_all(&directory).unwrap();
        let gone = write(path, b"").unwrap_err();
        assert_eq!(gone, "Opening temp ACL file for ACL SAVE: No such file or directory");
    }
}
