//! The language by whose rules texts are compared, `locale-collate`: that of the environment where it has no name.
//!
//! The C library keeps one for the process. Only the thread that serves asks about it, and scripts that it runs, whose `<`
//! compares strings by it as well.

use crate::sys;
use config::Config;
use node::Collate;
use std::ffi::CStr;

/// Has texts compared by the rules that the settings name. Answers what to compare in place of a text; nothing where texts
/// compare by their bytes.
pub fn take_up(config: &Config) -> Result<Option<Collate>, String> {
    let name = sys::c_string(&config.process.locale_collate);
    // SAFETY: the name is a C string. No other thread looks at the locale while this one changes it.
    let taken = unsafe { libc::setlocale(libc::LC_COLLATE, name.as_ptr()) };
    if taken.is_null() {
        return Err("Invalid locale name".to_owned());
    }
    // SAFETY: the answer is a C string, which stays until the locale is changed.
    let taken = unsafe { CStr::from_ptr(taken) };
    let bytewise = taken == c"C" || taken == c"POSIX";
    Ok((!bytewise).then_some(key as Collate))
}

/// What a text is compared by.
fn key(text: &[u8]) -> Vec<u8> {
    let text = sys::c_string(text);
    // SAFETY: the text is a C string; no bytes are written, only counted.
    let len = unsafe { libc::strxfrm(std::ptr::null_mut(), text.as_ptr(), 0) };
    let mut key = vec![0; len + 1];
    // SAFETY: as above; as many bytes as there is room for are written.
    let written = unsafe { libc::strxfrm(key.as_mut_ptr().cast(), text.as_ptr(), key.len()) };
    key.truncate(written.min(len));
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_are_refused_and_bytes_need_no_rules() {
        let mut config = Config::default();
        for (name, bytewise) in [("C", Some(true)), ("POSIX", Some(true)), ("of no country", None)] {
            config.process.locale_collate = name.into();
            assert_eq!(take_up(&config).ok().map(|collate| collate.is_none()), bytewise);
        }
        assert!(key(b"a") < key(b"b"));
    }
}
