"""valkey-py, blocking and asynchronous, in both versions of the protocol."""

import asyncio
import threading

from check import PASSWORD, PORT, needs, run_all, same

try:
    import valkey
    import valkey.asyncio
except ImportError as error:
    print(f"not ok start: {error}: pip install valkey")
    raise SystemExit from None


def client(**more):
    return valkey.Valkey(port=PORT, decode_responses=True, socket_timeout=10, **more)


def connects():
    for protocol in (2, 3):
        with client(protocol=protocol, client_name=f"py{protocol}", db=3) as server:
            assert server.ping()
            same(server.client_getname(), f"py{protocol}")
            assert server.info("server")["valkey_version"].startswith("9.")
            server.hset("hash", mapping={"field": "value", "number": 7})
            same(server.hgetall("hash"), {"field": "value", "number": "7"})
            server.zadd("ranks", {"a": 1.5, "b": 2})
            assert [list(pair) for pair in server.zrange("ranks", 0, -1, withscores=True)] == [["a", 1.5], ["b", 2.0]]
            server.xadd("stream", {"field": "value"}, id="1-1")
            server.xgroup_create("stream", "group", "0")
            assert "1-1" in str(server.xreadgroup("group", "me", {"stream": ">"}))
            same(sorted(server.scan_iter()), ["hash", "ranks", "stream"])
            assert server.command_count() > 100
            server.flushdb()


def pipelines():
    with client() as server, server.pipeline(transaction=False) as pipe:
        for number in range(5000):
            pipe.set(f"py:{number}", number)
        assert all(pipe.execute())
        same(server.mget("py:0", "py:4999", "py:5000"), ["0", "4999", None])
        same(server.unlink(*server.keys("py:*")), 5000)


def fails_where_it_should():
    with client() as server:
        server.set("text", "abc")
        for call, kind in (
            (lambda: server.incr("text"), valkey.ResponseError),
            (lambda: server.lpush("text", 1), valkey.ResponseError),
            (lambda: server.execute_command("NO-SUCH-COMMAND"), valkey.ResponseError),
        ):
            try:
                call()
            except kind:
                continue
            raise AssertionError("no error")
        server.delete("text")


def subscribes():
    for protocol in (2, 3):
        with client(protocol=protocol) as server, server.pubsub() as listener:
            listener.subscribe("news")
            listener.psubscribe("weather.*")
            same([listener.get_message(timeout=5)["type"] for _ in range(2)], ["subscribe", "psubscribe"])
            same((server.publish("news", "one"), server.publish("weather.today", "two")), (1, 1))
            messages = [listener.get_message(timeout=5) for _ in range(2)]
            same([(message["type"], message["data"]) for message in messages], [("message", "one"), ("pmessage", "two")])


def blocks():
    with client() as server, client() as other:
        timer = threading.Timer(0.05, lambda: other.rpush("queue", "job"))
        timer.start()
        same(tuple(server.blpop("queue", timeout=5)), ("queue", "job"))
        timer.join()


def caches():
    needs("client|tracking")
    with client(protocol=3, cache_enabled=True, single_connection_client=True) as server, client() as other:
        other.set("cached", "old")
        same(server.get("cached"), "old")
        same(server.get("cached"), "old")
        other.set("cached", "new")
        # What was heard meanwhile is looked at with the next request that goes to the server.
        server.ping()
        same(server.get("cached"), "new")
        other.delete("cached")


def transacts():
    with client() as server, client() as other:
        with server.pipeline() as pipe:
            same(pipe.incr("n").incr("n").execute(), [1, 2])
        with server.pipeline() as pipe:
            pipe.watch("n")
            other.incr("n")
            pipe.multi()
            pipe.set("n", "lost")
            try:
                pipe.execute()
                raise AssertionError("a transaction went on after its key had changed")
            except valkey.WatchError:
                pass
        same(server.get("n"), "3")
        server.flushall()


def locks():
    needs("evalsha")
    with client() as server:
        with server.lock("lock", timeout=5) as lock:
            assert lock.owned() and not server.lock("lock", timeout=5).acquire(blocking=False)
        assert not server.exists("lock")


def authenticates():
    with client() as server:
        server.config_set("requirepass", PASSWORD)
        try:
            with client(password=PASSWORD) as inside, client(username="default", password=PASSWORD, protocol=3) as too:
                assert inside.ping() and too.ping()
            for wrong in ({}, {"password": "wrong"}):
                try:
                    client(**wrong).ping()
                    raise AssertionError("a client came in without the password")
                except valkey.AuthenticationError:
                    pass
        finally:
            client(password=PASSWORD).config_set("requirepass", "")


def authenticates_users():
    needs("acl|setuser")
    with client() as server:
        server.acl_setuser("reader", enabled=True, passwords=["+secret"], keys=["data:*"], commands=["+get", "+ping"])
        try:
            with client(username="reader", password="secret") as reader:
                assert reader.ping() and reader.get("data:1") is None
                for call in (lambda: reader.get("other"), lambda: reader.set("data:1", "x")):
                    try:
                        call()
                        raise AssertionError("a user did what the rules forbid")
                    except valkey.exceptions.NoPermissionError:
                        pass
        finally:
            server.acl_deluser("reader")


async def works_asynchronously():
    async with valkey.asyncio.Valkey(port=PORT, decode_responses=True, protocol=3) as server:
        async with server.pipeline(transaction=True) as pipe:
            same(await pipe.set("key", "value").get("key").execute(), [True, "value"])
        same(sorted(await asyncio.gather(*(server.incr("many") for _ in range(50)))), list(range(1, 51)))
        async with server.pubsub() as listener:
            await listener.subscribe("news")
            await listener.get_message(timeout=5)
            await server.publish("news", "here")
            same((await listener.get_message(timeout=5))["data"], "here")
        await server.flushall()


tests = [connects, pipelines, fails_where_it_should, subscribes, blocks, caches, transacts, locks]
asyncio.run(run_all([*tests, authenticates, authenticates_users, works_asynchronously]))
