"""valkey-glide: a client with a core of its own, which speaks the third version of the protocol."""

import asyncio

from check import PASSWORD, PORT, needs, run_all, same

try:
    from glide import (
        Batch,
        ClientSideCache,
        GlideClient,
        GlideClientConfiguration,
        Logger,
        LogLevel,
        NodeAddress,
        ProtocolVersion,
        RequestError,
        ServerCredentials,
    )
except ImportError as error:
    print(f"not ok start: {error}: pip install valkey-glide")
    raise SystemExit from None

# A refused password is what a test wants, and no reason for a warning.
Logger.set_logger_config(LogLevel.OFF)
Modes = GlideClientConfiguration.PubSubChannelModes


class connected:
    """A client, closed when left."""

    def __init__(self, **more):
        self.configuration = GlideClientConfiguration([NodeAddress("127.0.0.1", PORT)], request_timeout=5000, **more)

    async def __aenter__(self):
        self.client = await GlideClient.create(self.configuration)
        return self.client

    async def __aexit__(self, *_):
        await self.client.close()


async def connects():
    for protocol in (ProtocolVersion.RESP2, ProtocolVersion.RESP3):
        async with connected(protocol=protocol, client_name="glide", database_id=2) as client:
            same(await client.ping(), b"PONG")
            same(await client.client_getname(), b"glide")
            same(await client.set("key", "value"), "OK")
            same(await client.get("key"), b"value")
            same(await client.hset("hash", {"field": "value"}), 1)
            same(await client.hgetall("hash"), {b"field": b"value"})
            same(await client.zadd("ranks", {"a": 1.5}), 1)
            same(await client.zscore("ranks", "a"), 1.5)
            assert b"valkey_version:9." in await client.info()
            same(await client.flushdb(), "OK")


async def pipelines():
    async with connected() as client:
        batch = Batch(is_atomic=False)
        for number in range(2000):
            batch.set(f"glide:{number}", str(number))
        same(await client.exec(batch, raise_on_error=True), ["OK"] * 2000)
        same(await asyncio.gather(*(client.get(f"glide:{n}") for n in range(100))), [b"%d" % n for n in range(100)])
        await client.flushall()


async def subscribes():
    subscriptions = GlideClientConfiguration.PubSubSubscriptions(
        channels_and_patterns={Modes.Exact: {"news"}, Modes.Pattern: {"weather.*"}}, callback=None, context=None
    )
    async with connected(pubsub_subscriptions=subscriptions) as listener, connected() as speaker:
        while await speaker.publish("one", "news") == 0:
            await asyncio.sleep(0.01)
        message = await asyncio.wait_for(listener.get_pubsub_message(), 5)
        same((message.channel, message.message), (b"news", b"one"))
        while await speaker.publish("two", "weather.today") == 0:
            await asyncio.sleep(0.01)
        message = await asyncio.wait_for(listener.get_pubsub_message(), 5)
        same((message.pattern, message.message), (b"weather.*", b"two"))


async def caches():
    needs("client|tracking")
    cache = ClientSideCache.create(max_cache_kb=1024, entry_ttl_ms=60_000, server_assisted=True)
    async with connected(client_side_cache=cache) as client, connected() as other:
        await other.set("cached", "old")
        same(await client.get("cached"), b"old")
        await other.set("cached", "new")
        for _ in range(500):
            if await client.get("cached") == b"new":
                break
            await asyncio.sleep(0.01)
        same(await client.get("cached"), b"new")
        await other.delete(["cached"])


async def transacts():
    async with connected() as client, connected() as other:
        batch = Batch(is_atomic=True).incr("n").incr("n")
        same(await client.exec(batch, raise_on_error=True), [1, 2])
        same(await client.watch(["n"]), "OK")
        same(await other.incr("n"), 3)
        same(await client.exec(Batch(is_atomic=True).set("n", "lost"), raise_on_error=True), None)
        same(await client.get("n"), b"3")
        await client.flushall()


async def authenticates():
    async with connected() as client:
        await client.config_set({"requirepass": PASSWORD})
        credentials = ServerCredentials(password=PASSWORD)
        try:
            async with connected(credentials=credentials) as inside:
                same(await inside.ping(), b"PONG")
            try:
                async with connected(credentials=ServerCredentials(password="wrong")):
                    raise AssertionError("a client came in with a wrong password")
            except Exception as error:
                assert "WRONGPASS" in str(error) or "Authentication" in str(error), error
        finally:
            async with connected(credentials=credentials) as inside:
                await inside.config_set({"requirepass": ""})


async def fails_where_it_should():
    async with connected() as client:
        await client.set("text", "abc")
        try:
            await client.incr("text")
            raise AssertionError("no error")
        except RequestError as error:
            assert "not an integer" in str(error), error
        await client.delete(["text"])


tests = [connects, pipelines, subscribes, caches, transacts, authenticates, fails_where_it_should]
asyncio.run(run_all(tests))
