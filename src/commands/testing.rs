//! A server without a server, for the tests of handlers: it owns what a [`Ctx`] borrows and runs one handler at a time.
