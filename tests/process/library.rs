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
