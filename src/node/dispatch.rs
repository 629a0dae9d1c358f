//! The dispatch page: which function runs which command.
//!
//! A command of the catalogue without a row here is a bug that the tests find; a row names its command by the full name,
//! so that looking for HSETEX finds the line that names its handler.

use crate::admin::{
    ServerHandler, acl, client, command, commandlog, config, connection, debug, help, info, keyspace,
    latency, lolwut, memory, pubsub, save, server, transaction, wait,
};
use crate::aof::rewrite::bgrewriteaof;
use crate::boundary::Now;
use crate::monitor;
use crate::node::Node;
use crate::scripting::{eval, function};
use crate::session::Session;
use catalog::{COUNT, CommandId, id};
use commands::{
    CommandError, Done, Handler, bitmap, geo, hash, hyperloglog, keys, list, set, sort, sorted_set, stream,
    string,
};
use conn::{Args, Head};

/// What runs a command.
#[derive(Clone, Copy)]
pub(crate) enum Row {
    /// A command on data.
    Data(Handler),
    /// A command on the server.
    Server(ServerHandler),
}

/// The row of a command.
#[inline]
pub(crate) fn row(id: CommandId) -> &'static Row {
    &ROWS[id.index()]
}

/// The part of a value that a request is about, as far as its place among the arguments tells.
#[inline]
pub(crate) fn part_of<'a>(head: &Head, args: &Args<'a>) -> Option<&'a [u8]> {
    match PART[head.command.ok()?.index()] {
        0 => None,
        at @ 1.. => args.get(at as usize),
        from_end => args.get(args.len().checked_sub(from_end.unsigned_abs().into())?),
    }
}

/// Which argument that is, by command: counted from the end where negative, none where zero.
static PART: [i8; COUNT] = {
    let mut parts = [0; COUNT];
    let mut i = 0;
    while i < ABOUT_A_PART.len() {
        parts[id(ABOUT_A_PART[i].0).index()] = ABOUT_A_PART[i].1;
        i += 1;
    }
    parts
};

const ABOUT_A_PART: &[(&str, i8)] = &[
    ("hdel", 2),
    ("hexists", 2),
    ("hget", 2),
    ("hincrby", 2),
    ("hincrbyfloat", 2),
    ("hset", 2),
    ("hsetex", -2),
    ("hsetnx", 2),
    ("sadd", 2),
    ("sismember", 2),
    ("srem", 2),
    ("zadd", -1),
    ("zincrby", 3),
    ("zrank", 2),
    ("zrem", 2),
    ("zrevrank", 2),
    ("zscore", 2),
];

static ROWS: [Row; COUNT] = {
    let mut rows = [Row::Server(unhandled); COUNT];
    let mut i = 0;
    while i < DATA.len() {
        rows[id(DATA[i].0).index()] = Row::Data(DATA[i].1);
        i += 1;
    }
    let mut i = 0;
    while i < SERVER.len() {
        rows[id(SERVER[i].0).index()] = Row::Server(SERVER[i].1);
        i += 1;
    }
    rows
};

/// Stands in the rows of containers, which are never run themselves: their arity refuses them when they come alone.
fn unhandled(_: &mut Node, _: &mut Session, args: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Err(CommandError::arity(&String::from_utf8_lossy(args.at(0)).to_lowercase()))
}

const DATA: &[(&str, Handler)] = &[
    ("append", string::append),
    ("bitcount", bitmap::bitcount),
    ("bitfield", bitmap::bitfield),
    ("bitfield_ro", bitmap::bitfield_ro),
    ("bitop", bitmap::bitop),
    ("bitpos", bitmap::bitpos),
    ("blmove", list::blmove),
    ("blmpop", list::blmpop),
    ("blpop", list::blpop),
    ("brpop", list::brpop),
    ("brpoplpush", list::brpoplpush),
    ("bzmpop", sorted_set::bzmpop),
    ("bzpopmax", sorted_set::bzpopmax),
    ("bzpopmin", sorted_set::bzpopmin),
    ("copy", keys::copy),
    ("decr", string::decr),
    ("decrby", string::decrby),
    ("del", keys::del),
    ("delifeq", string::delifeq),
    ("dump", keys::dump),
    ("exists", keys::exists),
    ("expire", keys::expire),
    ("expireat", keys::expireat),
    ("expiretime", keys::expiretime),
    ("geoadd", geo::geoadd),
    ("geodist", geo::geodist),
    ("geohash", geo::geohash),
    ("geopos", geo::geopos),
    ("georadius", geo::georadius),
    ("georadius_ro", geo::georadius_ro),
    ("georadiusbymember", geo::georadiusbymember),
    ("georadiusbymember_ro", geo::georadiusbymember_ro),
    ("geosearch", geo::geosearch),
    ("geosearchstore", geo::geosearchstore),
    ("get", string::get),
    ("getbit", bitmap::getbit),
    ("getdel", string::getdel),
    ("getex", string::getex),
    ("getrange", string::getrange),
    ("getset", string::getset),
    ("hdel", hash::hdel),
    ("hexists", hash::hexists),
    ("hexpire", hash::hexpire),
    ("hexpireat", hash::hexpireat),
    ("hexpiretime", hash::hexpiretime),
    ("hget", hash::hget),
    ("hgetall", hash::hgetall),
    ("hgetex", hash::hgetex),
    ("hincrby", hash::hincrby),
    ("hincrbyfloat", hash::hincrbyfloat),
    ("hkeys", hash::hkeys),
    ("hlen", hash::hlen),
    ("hmget", hash::hmget),
    ("hmset", hash::hmset),
    ("hpersist", hash::hpersist),
    ("hpexpire", hash::hpexpire),
    ("hpexpireat", hash::hpexpireat),
    ("hpexpiretime", hash::hpexpiretime),
    ("hpttl", hash::hpttl),
    ("hrandfield", hash::hrandfield),
    ("hscan", hash::hscan),
    ("hset", hash::hset),
    ("hsetex", hash::hsetex),
    ("hsetnx", hash::hsetnx),
    ("hstrlen", hash::hstrlen),
    ("httl", hash::httl),
    ("hvals", hash::hvals),
    ("incr", string::incr),
    ("incrby", string::incrby),
    ("incrbyfloat", string::incrbyfloat),
    ("keys", keys::keys),
    ("lcs", string::lcs),
    ("lindex", list::lindex),
    ("linsert", list::linsert),
    ("llen", list::llen),
    ("lmove", list::lmove),
    ("lmpop", list::lmpop),
    ("lpop", list::lpop),
    ("lpos", list::lpos),
    ("lpush", list::lpush),
    ("lpushx", list::lpushx),
    ("lrange", list::lrange),
    ("lrem", list::lrem),
    ("lset", list::lset),
    ("ltrim", list::ltrim),
    ("mget", string::mget),
    ("move", keys::move_key),
    ("mset", string::mset),
    ("msetnx", string::msetnx),
    ("object|encoding", keys::object_encoding),
    ("object|freq", keys::object_freq),
    ("object|help", keys::object_help),
    ("object|idletime", keys::object_idletime),
    ("object|refcount", keys::object_refcount),
    ("persist", keys::persist),
    ("pexpire", keys::pexpire),
    ("pexpireat", keys::pexpireat),
    ("pexpiretime", keys::pexpiretime),
    ("pfadd", hyperloglog::pfadd),
    ("pfcount", hyperloglog::pfcount),
    ("pfdebug", hyperloglog::pfdebug),
    ("pfmerge", hyperloglog::pfmerge),
    ("pfselftest", hyperloglog::pfselftest),
    ("psetex", string::psetex),
    ("pttl", keys::pttl),
    ("randomkey", keys::randomkey),
    ("rename", keys::rename),
    ("renamenx", keys::renamenx),
    ("restore", keys::restore),
    ("rpop", list::rpop),
    ("rpoplpush", list::rpoplpush),
    ("rpush", list::rpush),
    ("rpushx", list::rpushx),
    ("sadd", set::sadd),
    ("scan", keys::scan),
    ("scard", set::scard),
    ("sdiff", set::sdiff),
    ("sdiffstore", set::sdiffstore),
    ("set", string::set),
    ("setbit", bitmap::setbit),
    ("setex", string::setex),
    ("setnx", string::setnx),
    ("setrange", string::setrange),
    ("sinter", set::sinter),
    ("sintercard", set::sintercard),
    ("sinterstore", set::sinterstore),
    ("sismember", set::sismember),
    ("smembers", set::smembers),
    ("smismember", set::smismember),
    ("smove", set::smove),
    ("sort", sort::sort),
    ("sort_ro", sort::sort_ro),
    ("spop", set::spop),
    ("srandmember", set::srandmember),
    ("srem", set::srem),
    ("sscan", set::sscan),
    ("strlen", string::strlen),
    ("substr", string::getrange),
    ("sunion", set::sunion),
    ("sunionstore", set::sunionstore),
    ("touch", keys::touch),
    ("ttl", keys::ttl),
    ("type", keys::type_of),
    ("unlink", keys::unlink),
    ("xack", stream::xack),
    ("xadd", stream::xadd),
    ("xautoclaim", stream::xautoclaim),
    ("xclaim", stream::xclaim),
    ("xdel", stream::xdel),
    ("xgroup|create", stream::xgroup_create),
    ("xgroup|createconsumer", stream::xgroup_createconsumer),
    ("xgroup|delconsumer", stream::xgroup_delconsumer),
    ("xgroup|destroy", stream::xgroup_destroy),
    ("xgroup|help", stream::xgroup_help),
    ("xgroup|setid", stream::xgroup_setid),
    ("xinfo|consumers", stream::xinfo_consumers),
    ("xinfo|groups", stream::xinfo_groups),
    ("xinfo|help", stream::xinfo_help),
    ("xinfo|stream", stream::xinfo_stream),
    ("xlen", stream::xlen),
    ("xpending", stream::xpending),
    ("xrange", stream::xrange),
    ("xread", stream::xread),
    ("xreadgroup", stream::xreadgroup),
    ("xrevrange", stream::xrevrange),
    ("xsetid", stream::xsetid),
    ("xtrim", stream::xtrim),
    ("zadd", sorted_set::zadd),
    ("zcard", sorted_set::zcard),
    ("zcount", sorted_set::zcount),
    ("zdiff", sorted_set::zdiff),
    ("zdiffstore", sorted_set::zdiffstore),
    ("zincrby", sorted_set::zincrby),
    ("zinter", sorted_set::zinter),
    ("zintercard", sorted_set::zintercard),
    ("zinterstore", sorted_set::zinterstore),
    ("zlexcount", sorted_set::zlexcount),
    ("zmpop", sorted_set::zmpop),
    ("zmscore", sorted_set::zmscore),
    ("zpopmax", sorted_set::zpopmax),
    ("zpopmin", sorted_set::zpopmin),
    ("zrandmember", sorted_set::zrandmember),
    ("zrange", sorted_set::zrange),
    ("zrangebylex", sorted_set::zrangebylex),
    ("zrangebyscore", sorted_set::zrangebyscore),
    ("zrangestore", sorted_set::zrangestore),
    ("zrank", sorted_set::zrank),
    ("zrem", sorted_set::zrem),
    ("zremrangebylex", sorted_set::zremrangebylex),
    ("zremrangebyrank", sorted_set::zremrangebyrank),
    ("zremrangebyscore", sorted_set::zremrangebyscore),
    ("zrevrange", sorted_set::zrevrange),
    ("zrevrangebylex", sorted_set::zrevrangebylex),
    ("zrevrangebyscore", sorted_set::zrevrangebyscore),
    ("zrevrank", sorted_set::zrevrank),
    ("zscan", sorted_set::zscan),
    ("zscore", sorted_set::zscore),
    ("zunion", sorted_set::zunion),
    ("zunionstore", sorted_set::zunionstore),
];

const SERVER: &[(&str, ServerHandler)] = &[
    ("acl|cat", acl::cat),
    ("acl|deluser", acl::deluser),
    ("acl|dryrun", acl::dryrun),
    ("acl|genpass", acl::genpass),
    ("acl|getuser", acl::getuser),
    ("acl|help", help::acl),
    ("acl|list", acl::list),
    ("acl|load", acl::load),
    ("acl|log", acl::log),
    ("acl|save", acl::save),
    ("acl|setuser", acl::setuser),
    ("acl|users", acl::users),
    ("acl|whoami", acl::whoami),
    ("auth", connection::auth),
    ("bgrewriteaof", bgrewriteaof),
    ("bgsave", save::bgsave),
    ("client|caching", client::caching),
    ("client|capa", client::capa),
    ("client|getname", client::getname),
    ("client|getredir", client::getredir),
    ("client|help", help::client),
    ("client|id", client::id),
    ("client|import-source", client::import_source),
    ("client|info", client::info),
    ("client|kill", client::kill),
    ("client|list", client::list),
    ("client|no-evict", client::no_evict),
    ("client|no-touch", client::no_touch),
    ("client|pause", client::pause),
    ("client|reply", client::reply),
    ("client|setinfo", client::setinfo),
    ("client|setname", client::setname),
    ("client|tracking", client::tracking),
    ("client|trackinginfo", client::trackinginfo),
    ("client|unblock", client::unblock),
    ("client|unpause", client::unpause),
    ("command", command::table),
    ("command|count", command::count),
    ("command|docs", command::docs),
    ("command|getkeys", command::getkeys),
    ("command|getkeysandflags", command::getkeysandflags),
    ("command|help", help::command),
    ("command|info", command::info),
    ("command|list", command::list),
    ("commandlog|get", commandlog::get),
    ("commandlog|help", commandlog::help),
    ("commandlog|len", commandlog::len),
    ("commandlog|reset", commandlog::reset),
    ("config|get", config::get),
    ("config|help", help::config),
    ("config|resetstat", config::resetstat),
    ("config|rewrite", config::rewrite),
    ("config|set", config::set),
    ("dbsize", keyspace::dbsize),
    ("debug", debug::debug),
    ("discard", transaction::discard),
    ("echo", connection::echo),
    ("eval", eval::eval),
    ("eval_ro", eval::eval_ro),
    ("evalsha", eval::evalsha),
    ("evalsha_ro", eval::evalsha_ro),
    ("exec", transaction::exec),
    ("fcall", function::fcall),
    ("fcall_ro", function::fcall_ro),
    ("flushall", keyspace::flushall),
    ("flushdb", keyspace::flushdb),
    ("function|delete", function::function_delete),
    ("function|dump", function::function_dump),
    ("function|flush", function::function_flush),
    ("function|help", help::function),
    ("function|kill", function::function_kill),
    ("function|list", function::function_list),
    ("function|load", function::function_load),
    ("function|restore", function::function_restore),
    ("function|stats", function::function_stats),
    ("hello", connection::hello),
    ("info", info::info),
    ("lastsave", save::lastsave),
    ("latency|doctor", latency::doctor),
    ("latency|graph", latency::graph),
    ("latency|help", latency::help),
    ("latency|histogram", latency::histogram),
    ("latency|history", latency::history),
    ("latency|latest", latency::latest),
    ("latency|reset", latency::reset),
    ("lolwut", lolwut::lolwut),
    ("memory|doctor", memory::doctor),
    ("memory|help", help::memory),
    ("memory|malloc-stats", memory::malloc_stats),
    ("memory|purge", memory::purge),
    ("memory|stats", memory::stats),
    ("memory|usage", memory::usage),
    ("monitor", monitor::monitor),
    ("multi", transaction::multi),
    ("ping", connection::ping),
    ("psubscribe", pubsub::psubscribe),
    ("publish", pubsub::publish),
    ("pubsub|channels", pubsub::channels),
    ("pubsub|help", help::pubsub),
    ("pubsub|numpat", pubsub::numpat),
    ("pubsub|numsub", pubsub::numsub),
    ("pubsub|shardchannels", pubsub::shardchannels),
    ("pubsub|shardnumsub", pubsub::shardnumsub),
    ("punsubscribe", pubsub::punsubscribe),
    ("quit", connection::quit),
    ("readonly", client::readonly),
    ("readwrite", client::readwrite),
    ("reset", connection::reset),
    ("role", server::role),
    ("save", save::save),
    ("script|debug", eval::script_debug),
    ("script|exists", eval::script_exists),
    ("script|flush", eval::script_flush),
    ("script|help", help::script),
    ("script|kill", eval::script_kill),
    ("script|load", eval::script_load),
    ("script|show", eval::script_show),
    ("select", connection::select),
    ("shutdown", save::shutdown),
    ("slowlog|get", commandlog::slowlog_get),
    ("slowlog|help", commandlog::slowlog_help),
    ("slowlog|len", commandlog::slowlog_len),
    ("slowlog|reset", commandlog::slowlog_reset),
    ("spublish", pubsub::spublish),
    ("ssubscribe", pubsub::ssubscribe),
    ("subscribe", pubsub::subscribe),
    ("sunsubscribe", pubsub::sunsubscribe),
    ("swapdb", keyspace::swapdb),
    ("time", server::time),
    ("unsubscribe", pubsub::unsubscribe),
    ("unwatch", transaction::unwatch),
    ("wait", wait::wait),
    ("waitaof", wait::waitaof),
    ("watch", transaction::watch),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_can_run_has_a_handler() {
        for id in CommandId::all().filter(|id| !id.is_container()) {
            let name = id.full_name();
            let listed = DATA.iter().any(|row| row.0 == name) || SERVER.iter().any(|row| row.0 == name);
            assert!(listed, "{name} stands in the catalogue and has no handler");
        }
    }
}
