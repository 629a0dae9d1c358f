//! One socket: reading into a batch, writing from an outbox.

use conn::{Batch, Decoder, Outbox};
use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, RawFd};

/// Either kind of stream.
pub enum Stream {
    /// Over the network.
    Tcp(TcpStream),
    /// On the machine.
    Unix(UnixStream),
}

impl Stream {
    /// The socket as the poller knows it.
    pub fn source(&mut self) -> &mut dyn Source {
        match self {
            Stream::Tcp(stream) => stream,
            Stream::Unix(stream) => stream,
        }
    }

    fn fd(&self) -> RawFd {
        match self {
            Stream::Tcp(stream) => stream.as_raw_fd(),
            Stream::Unix(stream) => stream.as_raw_fd(),
        }
    }
}

/// A connection, as the thread that owns its socket knows it.
pub struct Connection {
    /// The socket.
    pub stream: Stream,
    /// The unfinished input.
    pub decoder: Decoder,
    /// Whether the connection ends once its output is sent.
    pub closing: bool,
    /// Whether the last write found the socket full.
    pub full: bool,
    /// Whether what it sends is left unread for now.
    pub resting: bool,
    /// Whether it stands in the list of those to be read again.
    pub ready: bool,
    /// Whether the other end has sent all that it will.
    pub hung_up: bool,
    /// How many bytes of input the node was told are held here.
    pub held: usize,
    /// The window of the loop's pace in which it was last read.
    pub seen: u32,
}

/// How reading went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Bytes came; perhaps there are more.
    More,
    /// Bytes came, all there were.
    Drained,
    /// None were there.
    Nothing,
    /// The other end is gone.
    Gone,
}

/// At most this many pieces go into one call.
const MAX_PIECES: usize = 64;

impl Connection {
    /// A connection of a socket.
    pub fn new(stream: Stream) -> Connection {
        Connection {
            stream,
            decoder: Decoder::default(),
            closing: false,
            full: false,
            resting: false,
            ready: false,
            hung_up: false,
            held: 0,
            seen: u32::MAX,
        }
    }

    /// Reads once: into the big argument being received, if there is one, else behind the batch's bytes.
    pub fn read(&mut self, batch: &mut Batch) -> Read {
        let fd = self.stream.fd();
        let (got, room) = match self.decoder.receiving() {
            Some(builder) if builder.remaining() > 0 => {
                let space = builder.unfilled_mut();
                let room = space.len();
                let got = receive(fd, as_uninit(space));
                if let Ok(n) = got {
                    builder.advance(n);
                }
                (got, room)
            }
            _ => {
                batch.bytes.reserve(self.decoder.room(batch));
                let space = batch.bytes.spare_capacity_mut();
                let room = space.len();
                let got = receive(fd, space);
                if let Ok(n) = got {
                    // SAFETY: `receive` wrote the first `n` bytes of the spare room.
                    unsafe { batch.bytes.set_len(batch.bytes.len() + n) };
                }
                (got, room)
            }
        };
        match got {
            Ok(0) => Read::Gone,
            Ok(n) if n < room => Read::Drained,
            Ok(_) => Read::More,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Read::Nothing,
            Err(error) if error.kind() == ErrorKind::Interrupted => Read::More,
            Err(_) => Read::Gone,
        }
    }

    /// Writes what the socket takes of these bytes, and does not mind the rest.
    pub fn write_once(&mut self, bytes: &[u8]) {
        let _ = send(self.stream.fd(), bytes);
    }

    /// Writes what the socket takes. Answers how many bytes, or that the other end is gone.
    pub fn write(&mut self, outbox: &mut Outbox) -> io::Result<usize> {
        let mut total = 0;
        self.full = false;
        while !outbox.is_empty() {
            let sent = match outbox.single() {
                Some(bytes) => send(self.stream.fd(), bytes),
                None => send_pieces(self.stream.fd(), outbox),
            };
            match sent {
                Ok(n) => {
                    total += n;
                    if outbox.advance(n) {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.full = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }
}

fn as_uninit(bytes: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: initialised bytes are valid as possibly uninitialised ones, and `receive` writes only initialised bytes.
    unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
}

fn receive(fd: RawFd, space: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    // SAFETY: the kernel writes at most `space.len()` bytes into `space`.
    check(unsafe { libc::recv(fd, space.as_mut_ptr().cast(), space.len(), 0) })
}

fn send(fd: RawFd, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the kernel reads at most `bytes.len()` bytes from `bytes`.
    check(unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL) })
}

fn send_pieces(fd: RawFd, outbox: &Outbox) -> io::Result<usize> {
    let mut pieces = [libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; MAX_PIECES];
    let mut count = 0;
    for (slot, piece) in pieces.iter_mut().zip(outbox.pieces()) {
        *slot = libc::iovec { iov_base: piece.as_ptr().cast_mut().cast(), iov_len: piece.len() };
        count += 1;
    }
    // SAFETY: an all-zero msghdr is a valid one.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = pieces.as_mut_ptr();
    message.msg_iovlen = count;
    // SAFETY: the message names `count` pieces that live in the outbox, which the kernel only reads.
    check(unsafe { libc::sendmsg(fd, &raw const message, libc::MSG_NOSIGNAL) })
}

fn check(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
