//! A client that sends bytes as given and hands back replies as they came.

use super::PATIENCE;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

/// One connection.
pub(crate) struct Client {
    input: BufReader<TcpStream>,
}

impl Client {
    /// Connects to a port of this machine.
    pub(crate) fn try_connect(port: u16) -> io::Result<Client> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Client { input: BufReader::with_capacity(64 * 1024, stream) })
    }

    /// The socket, for what the client itself does not offer.
    pub(crate) fn socket(&self) -> &TcpStream {
        self.input.get_ref()
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.input.get_mut().write_all(bytes).expect("to send");
    }

    /// Sends a command and answers the bytes of its reply.
    pub(crate) fn command<A: AsRef<[u8]>>(&mut self, words: &[A]) -> Vec<u8> {
        self.send(&encode(words));
        self.reply()
    }

    /// Sends bytes and checks that exactly these come back.
    pub(crate) fn expect(&mut self, sent: &[u8], wanted: &[u8]) {
        self.send(sent);
        self.expect_bytes(wanted, &shown(sent));
    }

    /// Sends a command of words parted by blanks and checks the bytes of the reply.
    pub(crate) fn check(&mut self, line: &str, wanted: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let reply = self.command(&words);
        assert_eq!(shown(&reply), shown(wanted.as_bytes()), "reply to {line}");
    }

    /// Checks that exactly these bytes come.
    pub(crate) fn expect_bytes(&mut self, wanted: &[u8], after: &str) {
        let mut got = vec![0; wanted.len()];
        let mut have = 0;
        while have < got.len() {
            match self.input.read(&mut got[have..]) {
                Ok(0) => {
                    panic!("closed after {have} bytes, {}; wanted {}", shown(&got[..have]), shown(wanted))
                }
                Ok(n) => have += n,
                Err(error) => panic!("{error} after {}; wanted {}", shown(&got[..have]), shown(wanted)),
            }
            if !wanted.starts_with(&got[..have]) {
                break;
            }
        }
        assert!(
            wanted == &got[..have],
            "after {after}\n  got    {}\n  wanted {}",
            shown(&got[..have]),
            shown(wanted)
        );
    }

    /// Checks that the server closes the connection and sends nothing more.
    pub(crate) fn expect_closed(&mut self) {
        let mut rest = Vec::new();
        match self.input.read_to_end(&mut rest) {
            Ok(_) => assert!(rest.is_empty(), "more came before the end: {}", shown(&rest)),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("not closed: {error}"),
        }
    }

    /// The bytes of one reply.
    pub(crate) fn reply(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.read_reply(&mut bytes).unwrap_or_else(|error| panic!("{error} after {}", shown(&bytes)));
        bytes
    }

    /// Sends bytes and answers the reply, or why there is none.
    pub(crate) fn try_reply_to(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        self.input.get_mut().write_all(bytes)?;
        self.try_reply()
    }

    /// The bytes of one reply, or why there is none.
    pub(crate) fn try_reply(&mut self) -> io::Result<Vec<u8>> {
        let mut reply = Vec::new();
        self.read_reply(&mut reply)?;
        Ok(reply)
    }

    fn read_reply(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let mut open = 1_usize;
        while open > 0 {
            open -= 1;
            let start = into.len();
            if self.input.read_until(b'\n', into)? == 0 || !into.ends_with(b"\r\n") {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = &into[start..into.len() - 2];
            let count = || {
                std::str::from_utf8(&line[1..]).ok().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0)
            };
            match line.first() {
                Some(b'$' | b'=' | b'!') if count() >= 0 => {
                    let length = count() as usize + 2;
                    let have = into.len();
                    into.resize(have + length, 0);
                    self.input.read_exact(&mut into[have..])?;
                }
                Some(b'*' | b'~' | b'>') => open += count().max(0) as usize,
                Some(b'%') => open += 2 * count().max(0) as usize,
                // An attribute stands before the reply that it belongs to.
                Some(b'|') => open += 2 * count().max(0) as usize + 1,
                _ => {}
            }
        }
        Ok(())
    }
}

/// A command as a multibulk request.
pub(crate) fn encode<A: AsRef<[u8]>>(words: &[A]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(bulk(word.as_ref()));
    }
    bytes
}

/// A bulk string.
pub(crate) fn bulk(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len() + 24);
    bytes.extend(format!("${}\r\n", word.len()).as_bytes());
    bytes.extend(word);
    bytes.extend(b"\r\n");
    bytes
}

/// Bytes that differ from place to place, so that a shifted copy is seen.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

/// Bytes to read in a message of a failed test, cut when long.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(400)];
    let more = if cut.len() < bytes.len() { format!("... ({} bytes)", bytes.len()) } else { String::new() };
    format!("\"{}\"{more}", cut.escape_ascii())
}
