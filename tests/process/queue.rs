//! An application's queue, lock and rate limiter, whose work is scripts, through a client library that we did not write.
//!
//! Workers race for jobs, which are late, fail, are lost and given up; each is done once, and what stays is known to the last
//! field, also after the append-only file was read again. Time is a counter that every step of the queue moves, and that jumps
//! to the next delayed job when there is no other: nothing here waits for a clock.

use crate::common::Server;
use redis::{Commands, Connection, ErrorKind, FromRedisValue, RedisResult, ServerErrorKind, Value};
use std::collections::BTreeMap;
use std::thread;

const WORKERS: usize = 4;
const JOBS: u64 = 200;
/// After so many attempts a job is given up.
const MOST_ATTEMPTS: u64 = 6;
/// What workers find in place of a job when there are no more.
const END: &str = "end";

/// KEYS: the job, ready, delayed, clock. ARGV: id, text.
const ENQUEUE: &str = "
    if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('DUPLICATE ' .. ARGV[1]) end
    local delay = cjson.decode(ARGV[2]).delay
    redis.call('HSET', KEYS[1], 'text', ARGV[2], 'attempts', 0, 'state', delay > 0 and 'delayed' or 'ready')
    if delay > 0 then
        redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]) + delay, ARGV[1])
    else
        redis.call('LPUSH', KEYS[2], ARGV[1])
    end
    return redis.status_reply('QUEUED')";

/// What is due, and what workers have left behind, is ready. KEYS: ready, delayed, active, clock.
const PROMOTE: &str = "
    local now = redis.call('INCR', KEYS[4])
    local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
    if first[2] and redis.call('LLEN', KEYS[1]) == 0 then
        now = math.max(now, tonumber(first[2]))
        redis.call('SET', KEYS[4], now)
    end
    for _, id in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE')) do
        redis.call('ZREM', KEYS[2], id)
        redis.call('LPUSH', KEYS[1], id)
    end
    for _, id in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
        if id ~= 'end' and redis.call('EXISTS', 'lock:' .. id) == 0 then
            redis.call('LREM', KEYS[3], 1, id)
            redis.call('RPUSH', KEYS[1], id)
        end
    end
    return redis.call('LLEN', KEYS[1])";

/// Who took a job makes it its own; somebody else may have been quicker. KEYS: the job, active, lock. ARGV: id, token.
const CLAIM: &str = "
    if not redis.call('LPOS', KEYS[2], ARGV[1]) then return false end
    if not redis.call('SET', KEYS[3], ARGV[2], 'NX', 'PX', 600000) then return nil end
    local job = cjson.decode(redis.call('HGET', KEYS[1], 'text'))
    redis.call('HSET', KEYS[1], 'state', 'active')
    return {redis.call('HINCRBY', KEYS[1], 'attempts', 1), job.lost, job.fails}";

/// KEYS: the job, active, lock, ready, delayed, clock, results, left, total. ARGV: id, token, outcome, most attempts, workers.
const SETTLE: &str = "
    local id, token, outcome, most, workers = unpack(ARGV)
    if redis.call('GET', KEYS[3]) ~= token then return redis.error_reply('STALE ' .. id) end
    redis.call('DEL', KEYS[3])
    redis.call('LREM', KEYS[2], 1, id)
    local job = redis.call('HMGET', KEYS[1], 'attempts', 'text')
    local attempts = tonumber(job[1])
    if outcome == 'failed' and attempts < tonumber(most) then
        redis.call('HSET', KEYS[1], 'state', 'delayed')
        redis.call('ZADD', KEYS[5], redis.call('INCR', KEYS[6]) + 2 ^ attempts, id)
        return redis.status_reply('LATER')
    end
    redis.call('HSET', KEYS[1], 'state', outcome)
    redis.call('HINCRBY', KEYS[1], 'settled', 1)
    if outcome == 'done' then redis.call('INCRBY', KEYS[9], cjson.decode(job[2]).amount) end
    redis.call('ZADD', KEYS[7], attempts, id)
    if redis.call('DECR', KEYS[8]) == 0 then
        for _ = 1, workers do redis.call('LPUSH', KEYS[4], 'end') end
    end
    return {ok = 'SETTLED'}";

/// What becomes of a job.
struct Plan {
    delay: u64,
    /// Whether its first worker holds it for too long.
    lost: u64,
    /// How often it fails before it is done.
    fails: u64,
    amount: u64,
}

impl Plan {
    fn of(id: u64) -> Plan {
        let fails = if id % 50 == 49 { 99 } else { id % 3 };
        Plan { delay: id % 4 * 10, lost: u64::from(id % 10 == 7), fails, amount: id * id }
    }

    fn text(&self) -> String {
        let Plan { delay, lost, fails, amount } = self;
        format!(r#"{{"delay":{delay},"lost":{lost},"fails":{fails},"amount":{amount}}}"#)
    }

    fn is_given_up(&self) -> bool {
        self.fails >= MOST_ATTEMPTS
    }

    fn attempts(&self) -> u64 {
        if self.is_given_up() { MOST_ATTEMPTS } else { 1 + self.lost + self.fails }
    }
}

fn connect(server: &Server, protocol: &str) -> Connection {
    let address = format!("redis://127.0.0.1:{}/?protocol={protocol}", server.port());
    redis::Client::open(address).unwrap().get_connection().unwrap()
}

/// A script by its digest, as libraries call it: its text is sent only when the server does not have it.
struct Script {
    text: &'static str,
    digest: String,
}

impl Script {
    fn new(connection: &mut Connection, text: &'static str) -> Script {
        Script { text, digest: redis::cmd("SCRIPT").arg("LOAD").arg(text).query(connection).unwrap() }
    }

    fn call<T: FromRedisValue>(&self, to: &mut Connection, keys: &[&str], args: &[&str]) -> RedisResult<T> {
        let say = |name: &str, script: &str| {
            redis::cmd(name).arg(script).arg(keys.len()).arg(keys).arg(args).to_owned()
        };
        match say("EVALSHA", &self.digest).query(to) {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                say("EVAL", self.text).query(to)
            }
            outcome => outcome,
        }
    }
}

struct Queue {
    enqueue: Script,
    promote: Script,
    claim: Script,
    settle: Script,
}

impl Queue {
    /// The queue's scripts, which the server forgets again: whoever is first brings them.
    fn new(connection: &mut Connection) -> Queue {
        let [enqueue, promote, claim, settle] =
            [ENQUEUE, PROMOTE, CLAIM, SETTLE].map(|text| Script::new(connection, text));
        let () = redis::cmd("SCRIPT").arg("FLUSH").query(connection).unwrap();
        Queue { enqueue, promote, claim, settle }
    }

    fn enqueue(&self, to: &mut Connection, id: u64) -> RedisResult<String> {
        let keys = [&format!("job:{id}"), "ready", "delayed", "clock"];
        self.enqueue.call(to, &keys, &[&id.to_string(), &Plan::of(id).text()])
    }

    /// Tells how a job went. Fails if it was another's meanwhile.
    fn settle(&self, to: &mut Connection, id: &str, token: &str, outcome: &str) -> RedisResult<String> {
        let (job, lock) = (format!("job:{id}"), format!("lock:{id}"));
        let keys = [&job, "active", &lock, "ready", "delayed", "clock", "results", "left", "total"];
        let most = MOST_ATTEMPTS.to_string();
        self.settle.call(to, &keys, &[id, token, outcome, &most, &WORKERS.to_string()])
    }

    /// Works until there is nothing left. Answers how many jobs were done.
    fn work(&self, mut connection: Connection, worker: usize) -> u64 {
        let mut done = 0;
        for turn in 0.. {
            let _: u64 =
                self.promote.call(&mut connection, &["ready", "delayed", "active", "clock"], &[]).unwrap();
            let (right, left) = (redis::Direction::Right, redis::Direction::Left);
            let id: String = connection.blmove("ready", "active", right, left, 0.0).unwrap();
            if id == END {
                let _: u64 = connection.lrem("active", 1, END).unwrap();
                break;
            }
            let (job, lock, token) = (format!("job:{id}"), format!("lock:{id}"), format!("{worker}:{turn}"));
            let claimed: Option<(u64, u64, u64)> =
                self.claim.call(&mut connection, &[&job, "active", &lock], &[&id, &token]).unwrap();
            let Some((attempt, lost, fails)) = claimed else { continue };
            if attempt <= lost {
                let _: u64 = connection.del(&lock).unwrap();
                let refused = self.settle(&mut connection, &id, &token, "done").unwrap_err();
                assert_eq!((refused.code(), refused.detail()), (Some("STALE"), Some(id.as_str())));
                continue;
            }
            let outcome = if attempt <= lost + fails { "failed" } else { "done" };
            let told = self.settle(&mut connection, &id, &token, outcome).unwrap();
            done += u64::from(told == "SETTLED" && outcome == "done");
        }
        done
    }
}

#[test]
fn workers_that_race_do_every_job_of_a_queue_once() {
    let directives = ["--appendonly", "yes"];
    let mut server = Server::start(&directives);
    let mut main = connect(&server, "resp2");
    let queue = Queue::new(&mut main);
    let () = main.set("left", JOBS).unwrap();
    let (done, results) = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let connection = connect(&server, if worker % 2 == 0 { "resp2" } else { "resp3" });
                let queue = &queue;
                scope.spawn(move || queue.work(connection, worker))
            })
            .collect();
        let mut collector = connect(&server, "resp2");
        let results = scope.spawn(move || {
            (0..JOBS)
                .map(|_| collector.bzpopmin("results", 0.0).unwrap())
                .collect::<Vec<(String, u64, u64)>>()
        });
        for id in 0..JOBS {
            assert_eq!(queue.enqueue(&mut main, id).unwrap(), "QUEUED");
            if id % 20 == 0 {
                assert_eq!(queue.enqueue(&mut main, id).unwrap_err().code(), Some("DUPLICATE"));
            }
        }
        let done: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
        (done, results.join().unwrap())
    });

    let plans: Vec<Plan> = (0..JOBS).map(Plan::of).collect();
    assert_eq!(done, plans.iter().filter(|plan| !plan.is_given_up()).count() as u64);
    let told: BTreeMap<u64, u64> = results.iter().map(|(_, id, attempts)| (*id, *attempts)).collect();
    assert_eq!((told.len(), results.len()), (plans.len(), plans.len()), "a result came twice");
    assert!(told.values().copied().eq(plans.iter().map(Plan::attempts)), "{told:?}");

    let info: String = redis::cmd("INFO").arg("errorstats").query(&mut main).unwrap();
    let lost: u64 = plans.iter().map(|plan| plan.lost).sum();
    for line in
        [format!("errorstat_STALE:count={lost}\r"), format!("errorstat_DUPLICATE:count={}\r", JOBS / 20)]
    {
        assert!(info.contains(&line), "{line} is not in {info}");
    }
    check_what_stays(&mut main, &plans);
    drop(main);
    server.kill_and_restart(&directives);
    check_what_stays(&mut connect(&server, "resp2"), &plans);
}

/// The jobs as they ended, and nothing else but the counters.
fn check_what_stays(connection: &mut Connection, plans: &[Plan]) {
    for (id, plan) in plans.iter().enumerate() {
        let job: BTreeMap<String, String> = connection.hgetall(format!("job:{id}")).unwrap();
        let state = if plan.is_given_up() { "failed" } else { "done" };
        let wanted = [("text", plan.text()), ("attempts", plan.attempts().to_string())].into_iter();
        let wanted = wanted.chain([("state", state.to_owned()), ("settled", "1".to_owned())]);
        assert_eq!(job, wanted.map(|(name, value)| (name.to_owned(), value)).collect(), "job {id}");
    }
    let total: u64 = plans.iter().filter(|plan| !plan.is_given_up()).map(|plan| plan.amount).sum();
    assert_eq!(connection.mget::<_, (u64, u64)>(&["left", "total"]).unwrap(), (0, total));
    assert!(connection.exists::<_, bool>("clock").unwrap());
    let size: usize = redis::cmd("DBSIZE").query(connection).unwrap();
    assert_eq!(size, plans.len() + 3);
}

const LIBRARY: &str = "#!lua name=guard
    local function acquire(keys, args)
        if not server.call('SET', keys[1], args[1], 'NX', 'PX', 600000) then return nil end
        return server.call('INCR', keys[2])
    end
    local function release(keys, args)
        if server.call('GET', keys[1]) ~= args[1] then return false end
        server.call('DEL', keys[1])
        if server.call('LLEN', keys[2]) == 0 then server.call('RPUSH', keys[2], 'free') end
        return true
    end
    local function allow(keys, args)
        server.setresp(3)
        local most, rate = tonumber(args[1]), tonumber(args[2])
        local now = server.call('INCR', keys[2])
        local bucket = server.call('HGETALL', keys[1]).map
        local tokens = tonumber(bucket.tokens or most) + (now - tonumber(bucket.at or now)) * rate
        tokens = math.min(most, tokens)
        local allowed = tokens >= 1
        if allowed then tokens = tokens - 1 end
        server.call('HSET', keys[1], 'tokens', tokens, 'at', now)
        return {map = {allowed = allowed, tokens = {double = tokens}}}
    end
    server.register_function('acquire', acquire)
    server.register_function('release', release)
    server.register_function{function_name = 'allow', callback = allow, flags = {'no-cluster'}}";

fn with_library() -> Server {
    let server = Server::start(&[]);
    let name: String =
        redis::cmd("FUNCTION").arg("LOAD").arg(LIBRARY).query(&mut connect(&server, "resp2")).unwrap();
    assert_eq!(name, "guard");
    server
}

fn function<T: FromRedisValue>(to: &mut Connection, name: &str, keys: [&str; 2], args: &[&str]) -> T {
    redis::cmd("FCALL").arg(name).arg(2).arg(&keys).arg(args).query(to).unwrap()
}

#[test]
fn a_lock_lets_one_in_at_a_time() {
    const ROUNDS: u64 = 50;
    let server = with_library();
    let enter_and_leave = |worker: usize| {
        let mut connection = connect(&server, "resp2");
        let mut numbers = Vec::new();
        for round in 0..ROUNDS {
            let token = format!("{worker}:{round}");
            let number: u64 = loop {
                match function(&mut connection, "acquire", ["lock", "fence"], &[&token]) {
                    Some(number) => break number,
                    None => drop(connection.blpop::<_, Value>("free", 0.0).unwrap()),
                }
            };
            numbers.push(number);
            // Two commands, between which another's would be lost if it were here too.
            let count: Option<u64> = connection.get("count").unwrap();
            let () = connection.set("count", count.unwrap_or(0) + 1).unwrap();
            assert_eq!(count.unwrap_or(0) + 1, number);
            let by_another: Option<u64> =
                function(&mut connection, "release", ["lock", "free"], &["another"]);
            assert_eq!(by_another, None);
            assert_eq!(function::<u64>(&mut connection, "release", ["lock", "free"], &[&token]), 1);
        }
        numbers
    };
    let mut numbers: Vec<u64> = thread::scope(|scope| {
        let workers: Vec<_> =
            (0..WORKERS).map(|worker| scope.spawn(move || enter_and_leave(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    let all = WORKERS as u64 * ROUNDS;
    assert!(numbers.into_iter().eq(1..=all));
    let mut connection = connect(&server, "resp2");
    assert_eq!(connection.get::<_, u64>("count").unwrap(), all);
    assert!(!connection.exists::<_, bool>("lock").unwrap());
}

#[test]
fn a_rate_limiter_lets_as_many_through_as_it_should() {
    const ROUNDS: usize = 100;
    const MOST: f64 = 10.0;
    const RATE: f64 = 0.25;
    let server = with_library();
    let knock = |_| {
        let mut connection = connect(&server, "resp3");
        (0..ROUNDS)
            .map(|_| {
                let (most, rate) = (MOST.to_string(), RATE.to_string());
                let told: BTreeMap<String, Value> =
                    function(&mut connection, "allow", ["bucket", "clock"], &[&most, &rate]);
                match (&told["allowed"], &told["tokens"]) {
                    (Value::Boolean(allowed), Value::Double(tokens)) => (*allowed, *tokens),
                    other => panic!("{other:?}"),
                }
            })
            .collect::<Vec<_>>()
    };
    let mut told: Vec<(bool, f64)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|worker| scope.spawn(move || knock(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });

    let mut tokens = MOST;
    let mut wanted: Vec<(bool, f64)> = (0..WORKERS * ROUNDS)
        .map(|at| {
            tokens = if at == 0 { MOST } else { MOST.min(tokens + RATE) };
            let allowed = tokens >= 1.0;
            tokens -= f64::from(u8::from(allowed));
            (allowed, tokens)
        })
        .collect();
    for outcomes in [&mut told, &mut wanted] {
        outcomes.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    }
    assert_eq!(told, wanted);
}
