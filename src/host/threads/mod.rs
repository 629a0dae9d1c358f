//! The threads that own connections (`io-threads`), as the main thread knows them.
//!
//! ```text
//!              main thread                                  a worker
//!   shares out -- Enter ------------------------------->    owns the connection from here on
//!   runs       <------------------------- Requests --       reads, decodes
//!   answers    -- Write, Ran --------------------------->   writes
//!   counts     <----------------------------- Sent --       all that was handed over has gone
//!   forgets    <----------------------------- Gone --       the socket is closed
//!   asks back  -- Return ------------------------------>    lets go of the connection
//!   owns again <----------------------------- Back --
//! ```
//!
//! At most one buffer of replies is under way to a client: while its socket takes none, replies gather with the node,
//! which sees how much waits and may lose patience. The last buffer before the end is the exception.
//!
//! A connection is asked back only while nothing is under way to its client, and from then on nothing is handed over until
//! it is back: so its replies stay in order, and its requests as well, as those that the worker has sent come before it.
//!
//! Invariant: a connection's number is free again only behind its `Gone` or `Back`. Messages to a worker that name the old
//! connection are then in its queue before any that name a new one of the same number.

pub mod link;
mod worker;

use conn::{Batch, Lexicon};
use link::{Bell, Receiver, Sender, link};
use mio::{Poll, Waker};
use node::ConnId;
use resp::{Limits, ReplyBuffer};
use std::io;
use std::sync::Arc;
use worker::Worker;

use crate::clock::Clock;
use crate::connection::Connection;

/// How many messages a queue holds. Bounds what a worker may read ahead of the main thread.
const ROOM: usize = 512;

/// What the main thread says to a worker.
pub enum ToWorker {
    /// Here is a connection.
    Enter(ConnId, Box<Connection>, Limits),
    /// Give it back.
    Return(ConnId),
    /// Leave unread what it sends.
    Rest(ConnId),
    /// Read it again.
    ReadOn(ConnId),
    /// Write these replies.
    Write(ConnId, ReplyBuffer),
    /// Decode by these limits from now on; go on if that waited.
    GoOn(ConnId, Limits),
    /// A batch of this connection has been run; its memory may be filled again.
    Ran(ConnId, Box<Batch>),
    /// Close when everything is written.
    CloseWhenSent(ConnId),
    /// Close at once.
    Close(ConnId),
    /// Write what can be written, and end.
    Stop,
}

/// What a worker says to the main thread.
pub enum FromWorker {
    /// A client asks.
    Requests(ConnId, Box<Batch>),
    /// So many bytes have gone, all that there were; here is their memory, to be filled again.
    Sent(ConnId, usize, ReplyBuffer),
    /// So many bytes of a connection's unfinished request are held, which begins like this.
    Holds(ConnId, usize, Vec<u8>),
    /// The connection is closed.
    Gone(ConnId),
    /// The connection is no longer this worker's.
    Back(ConnId, Box<Connection>),
    /// The worker has nothing left to write.
    Stopped,
}

/// The main thread's ends of the queues of one worker.
pub struct Link {
    /// Towards the worker.
    pub to: Sender<ToWorker>,
    /// From it.
    pub from: Receiver<FromWorker>,
}

/// All workers.
pub struct Threads {
    /// The bell of the main thread.
    pub bell: Arc<Bell>,
    /// A link for each thread that was ever started.
    pub links: Vec<Link>,
    /// The processors that they run on.
    cpulist: Vec<u8>,
}

impl Threads {
    /// No threads yet; they will wake the main thread by this waker, and run on these processors.
    pub fn none(waker: Waker, cpulist: &[u8]) -> Threads {
        Threads { bell: Bell::new(waker), links: Vec::new(), cpulist: cpulist.to_vec() }
    }

    /// Has at least `count` threads ready. They sleep until they are given connections.
    pub fn have(&mut self, count: usize, lexicon: &Arc<Lexicon>, clock: &Clock) -> io::Result<()> {
        while self.links.len() < count {
            let link = self.start(self.links.len() + 1, Arc::clone(lexicon), clock.clone())?;
            self.links.push(link);
        }
        Ok(())
    }

    /// Whether messages wait.
    pub fn waiting(&self) -> bool {
        self.links.iter().any(|link| !link.from.is_empty())
    }

    /// Sends what did not fit into queues before. Answers whether some still does not.
    pub fn flush(&mut self) -> bool {
        let mut left = false;
        for link in &mut self.links {
            left |= link.to.flush();
        }
        left
    }

    /// Lets every worker write what it was given, and waits until it has.
    pub fn stop(&mut self) {
        for link in &mut self.links {
            link.to.send(ToWorker::Stop);
        }
        for link in &mut self.links {
            loop {
                match link.from.take() {
                    Some(FromWorker::Stopped) => break,
                    Some(_) => {}
                    None => {
                        link.to.flush();
                        std::thread::yield_now();
                    }
                }
            }
        }
    }

    fn start(&self, number: usize, lexicon: Arc<Lexicon>, clock: Clock) -> io::Result<Link> {
        let poll = Poll::new()?;
        let bell = Bell::new(Waker::new(poll.registry(), worker::BELL)?);
        let (to, from_main) = link(ROOM, Arc::clone(&bell));
        let (to_main, from) = link(ROOM, Arc::clone(&self.bell));
        let mut worker = Worker::new(poll, bell, lexicon, clock, from_main, to_main);
        let cpulist = self.cpulist.clone();
        let body = move || {
            crate::standing::affinity::pin(&cpulist);
            crate::signals::prepare_thread();
            crate::alloc::register_thread();
            crate::sys::be_punctual();
            worker.run();
            worker.to_main.send(FromWorker::Stopped);
            worker.to_main.flush();
            // The thread's memory is counted for as long as the process lives, so the thread stays.
            loop {
                worker.to_main.flush();
                std::thread::park();
            }
        };
        std::thread::Builder::new().name(format!("io_thd_{number}")).spawn(body)?;
        Ok(Link { to, from })
    }
}
