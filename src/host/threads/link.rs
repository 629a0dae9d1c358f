//! The hand-over between two threads: a queue each way, and a bell for who sleeps.
//!
//! A queue has one writer and one reader and no lock. Its reader sleeps in its poller when there is nothing to do, and
//! must be woken by a system call; while it is awake, it finds what comes by itself. So the bell is only rung for a
//! sleeper:
//!
//! ```text
//! writer   push, fence, asleep? -> ring             sleeper   asleep = true, fence, empty? -> wait
//! ```
//!
//! Of the two fences one comes first. If it is the writer's, the sleeper sees what was pushed and does not wait; if it is
//! the sleeper's, the writer sees it asleep and rings. In no order is a push left lying with its reader asleep.

use mio::Waker;
use rtrb::{Consumer, Producer, PushError, RingBuffer};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};

/// What wakes a thread that waits in its poller.
pub struct Bell {
    asleep: AtomicBool,
    waker: Waker,
}

impl Bell {
    /// A bell that is heard in the poller of `waker`.
    pub fn new(waker: Waker) -> Arc<Bell> {
        Arc::new(Bell { asleep: AtomicBool::new(false), waker })
    }

    /// Wakes the thread if it sleeps.
    #[inline]
    pub fn ring(&self) {
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) && self.asleep.swap(false, Ordering::Relaxed) {
            // It fails only when the poller is gone, and its thread with it.
            let _ = self.waker.wake();
        }
    }

    /// Says that the thread is about to sleep. It must look at its queues once more behind this.
    pub fn lie_down(&self) {
        self.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// Says that the thread is awake.
    pub fn get_up(&self) {
        self.asleep.store(false, Ordering::Relaxed);
    }
}

/// The writing end of a queue. What does not fit waits here, so that neither side ever waits for the other.
pub struct Sender<T> {
    queue: Producer<T>,
    waiting: VecDeque<T>,
    bell: Arc<Bell>,
}

impl<T> Sender<T> {
    /// Sends, behind all that was sent before.
    #[inline]
    pub fn send(&mut self, message: T) {
        if !self.waiting.is_empty() {
            self.waiting.push_back(message);
            self.flush();
        } else if let Err(PushError::Full(message)) = self.queue.push(message) {
            self.waiting.push_back(message);
        }
        self.bell.ring();
    }

    /// Moves what waits into the queue as far as there is room. Answers whether some is left.
    pub fn flush(&mut self) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        while let Some(message) = self.waiting.pop_front() {
            if let Err(PushError::Full(message)) = self.queue.push(message) {
                self.waiting.push_front(message);
                break;
            }
        }
        self.bell.ring();
        !self.waiting.is_empty()
    }

    /// Whether more should not be made for now.
    pub fn is_full(&self) -> bool {
        !self.waiting.is_empty() || self.queue.is_full()
    }
}

/// The reading end of a queue.
pub struct Receiver<T> {
    queue: Consumer<T>,
}

impl<T> Receiver<T> {
    /// The next message, if there is one.
    #[inline]
    pub fn next(&mut self) -> Option<T> {
        self.queue.pop().ok()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

/// A queue of `room` messages, whose reader hears `bell`.
pub fn link<T>(room: usize, bell: Arc<Bell>) -> (Sender<T>, Receiver<T>) {
    let (producer, consumer) = RingBuffer::new(room);
    (Sender { queue: producer, waiting: VecDeque::new(), bell }, Receiver { queue: consumer })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mio::{Events, Poll, Token};

    /// Two threads send each other numbers through queues that are far too small, sleeping whenever they have nothing to
    /// do. A message that is lost, out of order, or left lying with its reader asleep ends the test.
    #[test]
    fn nothing_is_lost_and_nobody_sleeps_on() {
        const COUNT: u32 = 50_000;
        let (there, here) = (Poll::new().unwrap(), Poll::new().unwrap());
        let bell_there = Bell::new(Waker::new(there.registry(), Token(0)).unwrap());
        let bell_here = Bell::new(Waker::new(here.registry(), Token(0)).unwrap());
        let (to_there, from_here) = link(3, Arc::clone(&bell_there));
        let (to_here, from_there) = link(5, Arc::clone(&bell_here));
        let echo = move || play(there, &bell_there, from_here, to_here, 0, COUNT);
        #[expect(clippy::disallowed_methods, reason = "two threads are what is tested")]
        let other = std::thread::spawn(echo);
        play(here, &bell_here, from_there, to_there, 7, COUNT);
        other.join().unwrap();
    }

    /// Keeps `ahead` messages (or none of its own) under way; answers each with its successor until `count` came.
    fn play(
        mut poll: Poll,
        bell: &Bell,
        mut from: Receiver<u32>,
        mut to: Sender<u32>,
        ahead: u32,
        count: u32,
    ) {
        let mut events = Events::with_capacity(4);
        let mut sent = 0;
        while sent < ahead {
            to.send(sent);
            sent += 1;
        }
        let mut expected = 0;
        while expected < count {
            while let Some(number) = from.next() {
                assert_eq!(number, expected);
                expected += 1;
                let next = if ahead == 0 { number } else { sent };
                if next < count {
                    to.send(next);
                    sent += 1;
                }
            }
            if to.flush() {
                std::thread::yield_now();
                continue;
            }
            bell.lie_down();
            if expected < count && from.is_empty() {
                poll.poll(&mut events, Some(std::time::Duration::from_secs(20))).unwrap();
                assert!(!events.is_empty(), "asleep with {expected} of {count}");
            }
            bell.get_up();
        }
        while to.flush() {
            std::thread::yield_now();
        }
    }
}
