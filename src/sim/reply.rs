//! Replies as a client reads them (RESP2).

use std::collections::VecDeque;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `+`
    Simple(String),
    /// `-`
    Error(String),
    /// `:`
    Integer(i64),
    /// `$`
    Bulk(Vec<u8>),
    /// `$-1` and `*-1`
    Nil,
    /// `*`
    Array(Vec<Reply>),
}

impl Reply {
    /// The words of a reply that has some.
    pub fn text(&self) -> String {
        match self {
            Reply::Simple(text) | Reply::Error(text) => text.clone(),
            Reply::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Reply::Integer(n) => n.to_string(),
            Reply::Nil => "(nil)".into(),
            Reply::Array(items) => items.iter().map(Reply::text).collect::<Vec<_>>().join(" "),
        }
    }

    /// Whether there is nothing.
    pub fn is_nil(&self) -> bool {
        *self == Reply::Nil
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        matches!(self, Reply::Error(_))
    }

    /// Takes one whole reply from the front of `bytes`, or nothing if it is not whole. What is no reply is a bug of the
    /// node.
    pub fn take(bytes: &mut VecDeque<u8>) -> Option<Reply> {
        let (reply, used) = parse(bytes.make_contiguous())?;
        bytes.drain(..used);
        Some(reply)
    }
}

/// A reply and how many bytes it takes.
fn parse(bytes: &[u8]) -> Option<(Reply, usize)> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(&bytes[1..end]).expect("a line of text");
    let number = || line.parse::<i64>().expect("a number");
    let mut used = end + 2;
    let reply = match bytes[0] {
        b'+' => Reply::Simple(line.into()),
        b'-' => Reply::Error(line.into()),
        b':' => Reply::Integer(number()),
        b'$' | b'*' if number() < 0 => Reply::Nil,
        b'$' => {
            let value = bytes.get(used..used + number() as usize + 2)?;
            used += value.len();
            Reply::Bulk(value[..value.len() - 2].to_vec())
        }
        b'*' => {
            let mut items = Vec::new();
            for _ in 0..number() {
                let (item, more) = parse(&bytes[used..])?;
                items.push(item);
                used += more;
            }
            Reply::Array(items)
        }
        other => panic!("a reply begins with {:?}", char::from(other)),
    };
    Some((reply, used))
}
