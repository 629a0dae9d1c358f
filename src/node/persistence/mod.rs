//! Stand-in until snapshots are here.

use crate::boundary::{ConnId, Now, Output};
use crate::node::Node;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    Rewrite,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    pub pid: u32,
    pub micros: u64,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Code(i32),
    Signal(i32),
    Stopped(i32),
}
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) job: Job,
    pub(crate) since_s: i64,
}
#[derive(Debug, Default)]
pub(crate) struct Persistence {
    pub(crate) child: Option<Child>,
}
impl Persistence {
    pub(crate) fn does(&self, job: Job) -> bool {
        self.child.as_ref().is_some_and(|child| child.job == job)
    }
}
impl Node {
    pub(crate) fn start_job(&mut self, now: Now<'_>, job: Job, _asked: Option<(ConnId, u64)>) {
        self.persistence.child = Some(Child { job, since_s: now.unix_s() });
        self.outputs.push_back(Output::Start(job));
    }
    pub(crate) fn stop_job(&mut self, job: Job) {
        if self.persistence.does(job) {
            self.outputs.push_back(Output::Stop(job));
        }
    }
    pub(crate) fn job_started(&mut self, now: Now<'_>, _job: Job, result: &Result<Started, String>) {
        if result.is_err() {
            self.persistence.child = None;
        }
        self.rewrite_started(now, result);
    }
    pub(crate) fn job_ended(&mut self, now: Now<'_>, job: Job, ending: Ending) {
        let Some(child) = self.persistence.child.take_if(|child| child.job == job) else { return };
        self.rewrite_ended(now, &child, ending);
        self.cron_of_jobs(now);
    }
    pub(crate) fn cron_of_jobs(&mut self, now: Now<'_>) {
        if self.persistence.child.is_none() {
            self.rewrite_if_due(now);
        }
    }
}
