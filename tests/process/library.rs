//! A client library that we did not write agrees with the server.

use crate::common::Server;
use redis::{Commands, RedisError};

#[test]
fn the_redis_crate_talks_to_the_server() -> Result<(), RedisError> {
    let server = Server::start(&[]);
    let address = format!("redis://127.0.0.1:{}/", server.port());
    let mut connection = redis::Client::open(address)?.get_connection()?;
    let () = connection.set("k", "v")?;
    assert_eq!(connection.get::<_, String>("k")?, "v");
    assert_eq!(connection.get::<_, Option<String>>("nothing")?, None);
    assert_eq!(connection.incr::<_, _, i64>("n", 5)?, 5);
    assert_eq!(connection.append::<_, _, usize>("k", "alue")?, 5);

    let (a, b): (i64, Vec<Option<String>>) =
        redis::pipe().cmd("INCR").arg("n").cmd("MGET").arg("k").arg("nothing").query(&mut connection)?;
    assert_eq!((a, b), (6, vec![Some("value".into()), None]));

    let error = connection.incr::<_, _, i64>("k", 1).unwrap_err();
    assert_eq!(error.code(), Some("ERR"));
    Ok(())
}

#[test]
fn the_redis_crate_talks_in_the_third_version() -> Result<(), RedisError> {
    let server = Server::start(&[]);
    let address = format!("redis://127.0.0.1:{}/?protocol=resp3", server.port());
    let mut connection = redis::Client::open(address)?.get_connection()?;
    let () = connection.set("k", 7)?;
    assert_eq!(connection.get::<_, i64>("k")?, 7);
    assert_eq!(connection.get::<_, Option<i64>>("nothing")?, None);
    Ok(())
}

#[test]
fn the_redis_crate_transacts() -> Result<(), RedisError> {
    let server = Server::start(&[]);
    let client = redis::Client::open(format!("redis://127.0.0.1:{}/", server.port()))?;
    let (mut one, mut other) = (client.get_connection()?, client.get_connection()?);
    let both: (i64, i64) = redis::pipe().atomic().incr("n", 1).incr("n", 1).query(&mut one)?;
    assert_eq!(both, (1, 2));
    let mut tries = 0;
    let () = redis::transaction(&mut one, &["n"], |connection, pipe| {
        tries += 1;
        let now: i64 = connection.get("n")?;
        if tries == 1 {
            let _: i64 = other.incr("n", 10)?;
        }
        pipe.set("n", now * 2).ignore().query(connection)
    })?;
    assert_eq!((tries, one.get::<_, i64>("n")?), (2, 24));
    Ok(())
}

#[test]
fn the_redis_crate_listens() -> Result<(), RedisError> {
    let server = Server::start(&[]);
    let client = redis::Client::open(format!("redis://127.0.0.1:{}/", server.port()))?;
    let (mut one, mut other) = (client.get_connection()?, client.get_connection()?);
    let mut listener = one.as_pubsub();
    listener.subscribe("news")?;
    listener.psubscribe("weather.*")?;
    let heard: (i64, i64) = (other.publish("news", "one")?, other.publish("weather.today", "two")?);
    assert_eq!(heard, (1, 1));
    let first = listener.get_message()?;
    assert_eq!((first.get_channel_name(), first.get_payload::<String>()?), ("news", "one".to_owned()));
    let second = listener.get_message()?;
    assert_eq!(
        (second.get_pattern::<String>()?, second.get_payload::<String>()?),
        ("weather.*".into(), "two".into())
    );
    Ok(())
}

#[test]
fn the_redis_crate_needs_the_right_password() -> Result<(), RedisError> {
    let server = Server::start(&["--requirepass", "secret"]);
    let connect = |user: &str| {
        redis::Client::open(format!("redis://{user}127.0.0.1:{}/", server.port()))?.get_connection()
    };
    for inside in [":secret@", "default:secret@"] {
        assert_eq!(redis::cmd("PING").query::<String>(&mut connect(inside)?)?, "PONG");
    }
    assert_eq!(connect(":wrong@").err().unwrap().kind(), redis::ErrorKind::AuthenticationFailed);
    let error = redis::cmd("PING").query::<String>(&mut connect("")?).unwrap_err();
    assert_eq!(error.code(), Some("NOAUTH"));
    Ok(())
}

#[test]
fn the_redis_crate_hears_what_is_no_longer_valid() -> Result<(), RedisError> {
    let server = Server::start(&[]);
    let address = format!("redis://127.0.0.1:{}/?protocol=resp3", server.port());
    let client = redis::Client::open(address)?;
    let (mut one, mut other) = (client.get_connection()?, client.get_connection()?);
    let known: Vec<redis::Value> =
        redis::cmd("COMMAND").arg("INFO").arg("client|tracking").query(&mut one)?;
    if known == [redis::Value::Nil] {
        println!("skipped: the server has no CLIENT TRACKING");
        return Ok(());
    }
    let (sender, heard) = std::sync::mpsc::channel();
    one.set_push_sender(sender);
    let () = redis::cmd("CLIENT").arg("TRACKING").arg("ON").query(&mut one)?;
    let _: Option<String> = one.get("key")?;
    let () = other.set("key", "value")?;
    let _: String = redis::cmd("PING").query(&mut one)?;
    let push = heard.recv_timeout(crate::common::PATIENCE).unwrap();
    assert_eq!(push.kind, redis::PushKind::Invalidate);
    assert_eq!(push.data, [redis::Value::Array(vec![redis::Value::BulkString(b"key".into())])]);
    Ok(())
}
