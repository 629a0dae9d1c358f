//! What the node asks for, done in the order of its list.

use super::{CHILD, Place, Server};
use crate::log;
use crate::signals::Signals;
use node::boundary::Files;
use node::{Input, Output};

impl Server {
    /// Performs what the node asks for, in order, up to its end: behind that, nothing is written and nothing promised.
    pub(super) fn perform(&mut self) {
        while self.exit.is_none()
            && let Some(output) = self.node.next_output()
        {
            match output {
                Output::Send(conn) => match self.connections.get(conn.0 as usize) {
                    Some(Some(Place::Here(_))) => self.send(conn),
                    Some(Some(Place::There(_))) => self.send_there(conn),
                    _ => {}
                },
                Output::Close(conn, reason) => match self.connections.get(conn.0 as usize) {
                    Some(Some(Place::Here(_))) => self.close(conn, reason),
                    Some(Some(Place::There(_))) => self.close_there(conn, reason),
                    _ => {}
                },
                Output::Rest(conn) => self.rest(conn, true),
                Output::ReadOn(conn) => self.rest(conn, false),
                Output::Free(garbage) => self.background.free(garbage),
                Output::TurnAway(conn, text) => {
                    if let Some(connection) = self.connection(conn) {
                        connection.write_once(text);
                        self.gone(conn);
                    }
                }
                Output::Perform(errand) => {
                    let answer = self.errand(&errand);
                    self.node.handle(self.clock.now(), answer);
                }
                Output::Append(bytes) => self.append(bytes),
                Output::Sync => self.sync(),
                Output::SyncAside => {
                    if let Some(result) = self.append_only.sync_aside() {
                        self.node.handle(self.clock.now(), Input::SyncedAside(result));
                    }
                }
                Output::Files(steps) => {
                    let result = self.append_only.take(&steps);
                    self.node.handle(self.clock.now(), Input::Filed(result));
                }
                Output::Start(job) => self.start(job, CHILD),
                Output::Stop(job) => self.stop(job),
                Output::Load => self.open_snapshot(),
                Output::LoadAof => self.load_again(),
                Output::Log(line) => log::write(&self.node.config, &line),
                Output::GoOn => Signals::forget(),
                Output::Exit(code) => self.exit = Some(code),
            }
        }
    }
}
