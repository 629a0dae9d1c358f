//! Which processors a thread may run on: `server-cpulist` and its like.
//!
//! ```text
//! 0,2-5,8-20:4     processors 0, 2, 3, 4, 5, 8, 12, 16 and 20
//! ```
//!
//! As in the reference, a list that makes no sense, or that the system refuses, leaves the thread where it is.

/// Has the calling thread run on these processors only; an empty list stands for all.
pub fn pin(list: &[u8]) {
    let Some(processors) = parse(list) else { return };
    // SAFETY: an all-zero set is a valid one, which is empty.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for processor in processors {
        // SAFETY: the number is within the set, since `parse` answers no other.
        unsafe { libc::CPU_SET(processor, &mut set) };
    }
    // SAFETY: the kernel reads a set of this size.
    unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
}

/// The processors of a list. Numbers beyond what a set holds are left out.
fn parse(list: &[u8]) -> Option<Vec<usize>> {
    const MOST: usize = libc::CPU_SETSIZE as usize;
    let text = std::str::from_utf8(list).ok()?;
    let mut processors = Vec::new();
    for item in text.split(',') {
        let (range, step) = match item.split_once(':') {
            Some((range, step)) if range.contains('-') => (range, number(step)?),
            Some(_) => return None,
            None => (item, 1),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(range)?, number(range)?),
        };
        if step == 0 || first > last {
            return None;
        }
        processors.extend((first..=last.min(MOST - 1)).step_by(step));
    }
    Some(processors)
}

fn number(text: &str) -> Option<usize> {
    // A sign would be taken by the conversion.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_numbers_ranges_and_steps() {
        for (list, processors) in [
            ("0", vec![0]),
            ("0,2-5", vec![0, 2, 3, 4, 5]),
            ("8-20:4,1", vec![8, 12, 16, 20, 1]),
            ("1023-99999999", vec![1023]),
            ("5000", vec![]),
        ] {
            assert_eq!(parse(list.as_bytes()), Some(processors), "{list}");
        }
        for wrong in [
            "",
            ",",
            "1,",
            "a",
            "1-",
            "-1",
            "3-1",
            "1:2",
            "1-5:0",
            "1-5:",
            "+1",
            "1 2",
            "99999999999999999999",
        ] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_thread_goes_where_it_is_told() {
        // A thread of its own, so that the others of the test stay free.
        let builder = std::thread::Builder::new();
        let pinned = builder.spawn(|| {
            // SAFETY: an all-zero set is valid, and the kernel fills in no more than its size.
            let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
            let get = |set: &mut libc::cpu_set_t| {
                // SAFETY: as above.
                unsafe { libc::sched_getaffinity(0, size_of_val(set), set) };
            };
            get(&mut set);
            // SAFETY: the number is within the set.
            let first =
                (0..libc::CPU_SETSIZE as usize).find(|&i| unsafe { libc::CPU_ISSET(i, &set) }).unwrap();
            pin(first.to_string().as_bytes());
            get(&mut set);
            // SAFETY: the set is ours.
            let one = unsafe { libc::CPU_COUNT(&set) };
            pin(b"nonsense");
            get(&mut set);
            // SAFETY: the set is ours.
            (one, unsafe { libc::CPU_COUNT(&set) })
        });
        assert_eq!(pinned.unwrap().join().unwrap(), (1, 1));
    }
}
