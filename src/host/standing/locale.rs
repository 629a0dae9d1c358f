//! The language by whose rules texts are compared, `locale-collate`: that of the environment where it has no name.
//!
//! The C library keeps one for the process. Only the thread that serves asks about it, and scripts that it runs, whose `<`
//! compares strings by it as well.

use crate::sys;
use config::Config;
use node::Collate;
use std::cmp::Ordering;
use std::ffi::CStr;

/// Has texts compared by the rules that the settings name. Answers how; nothing where texts compare by their bytes.
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
    Ok((!bytewise).then_some(compare as Collate))
}

/// Compares by the rules that were taken up last. (Those of `strxfrm`, whose outcome would be compared faster, are not in
/// every language the same.)
fn compare(a: &CStr, b: &CStr) -> Ordering {
    // SAFETY: both are C strings.
    unsafe { libc::strcoll(a.as_ptr(), b.as_ptr()) }.cmp(&0)
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
        assert!(compare(c"a", c"b").is_lt());
    }
}
