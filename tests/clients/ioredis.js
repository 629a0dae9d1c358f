// ioredis: the client of many services in JavaScript.

const port = Number(process.argv[2]);
const password = "a pass word";
const assert = require("assert");

class Skip extends Error {}

let Redis;
try {
  Redis = require("ioredis");
} catch (error) {
  console.log(`not ok start: ${error.code}: npm install ioredis`);
  process.exit(0);
}

const open = [];

function client(more = {}) {
  const made = new Redis({ host: "127.0.0.1", port, retryStrategy: null, maxRetriesPerRequest: 1, ...more });
  made.on("error", () => {});
  open.push(made);
  return made;
}

const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (...values) => resolve(values)));

async function needs(server, command) {
  const [info] = await server.call("COMMAND", "INFO", command);
  if (!info) throw new Skip(`the server has no ${command}`);
}

const tests = {
  async connects() {
    const server = client({ db: 4, connectionName: "io" });
    assert.strictEqual(await server.ping(), "PONG");
    assert.strictEqual(await server.client("GETNAME"), "io");
    await server.hset("hash", { field: "value", number: 7 });
    assert.deepStrictEqual(await server.hgetall("hash"), { field: "value", number: "7" });
    const binary = Buffer.from([0, 255, 13, 10]);
    await server.set("binary", binary);
    assert.deepStrictEqual(await server.getBuffer("binary"), binary);
    await server.flushdb();
  },

  async pipelines() {
    const server = client({ enableAutoPipelining: true });
    const pipeline = server.pipeline();
    for (let i = 0; i < 5000; i++) pipeline.set(`io:${i}`, i);
    const replies = await pipeline.exec();
    assert(replies.length === 5000 && replies.every(([error, reply]) => !error && reply === "OK"));
    const values = await Promise.all(Array.from({ length: 100 }, (_, i) => server.get(`io:${i}`)));
    assert.deepStrictEqual(values, Array.from({ length: 100 }, (_, i) => String(i)));
    let seen = 0;
    for await (const keys of server.scanStream({ match: "io:*", count: 500 })) seen += keys.length;
    assert(seen >= 5000, `${seen} keys`);
    await server.flushall();
  },

  async subscribes() {
    const [listener, speaker] = [client(), client()];
    assert.strictEqual(await listener.subscribe("news"), 1);
    assert.strictEqual(await listener.psubscribe("weather.*"), 2);
    const message = once(listener, "message");
    const shown = once(listener, "pmessage");
    assert.strictEqual(await speaker.publish("news", "one"), 1);
    assert.strictEqual(await speaker.publish("weather.today", "two"), 1);
    assert.deepStrictEqual(await message, ["news", "one"]);
    assert.deepStrictEqual(await shown, ["weather.*", "weather.today", "two"]);
  },

  // In the second version of the protocol, what is no longer valid is told on another connection.
  async hears_of_changes() {
    const [server, listener, other] = [client(), client(), client()];
    await needs(server, "client|tracking");
    const id = await listener.client("ID");
    await listener.subscribe("__redis__:invalidate");
    await server.client("TRACKING", "ON", "REDIRECT", id);
    await other.set("cached", "old");
    assert.strictEqual(await server.get("cached"), "old");
    const heard = once(listener, "message");
    await other.set("cached", "new");
    assert.deepStrictEqual((await heard).flat().map(String), ["__redis__:invalidate", "cached"]);
    await other.del("cached");
  },

  async transacts() {
    const [server, other] = [client(), client()];
    assert.deepStrictEqual(await server.multi().incr("n").incr("n").exec(), [[null, 1], [null, 2]]);
    await server.watch("n");
    await other.incr("n");
    assert.strictEqual(await server.multi().set("n", "lost").exec(), null);
    assert.strictEqual(await server.get("n"), "3");
    await server.flushall();
  },

  async blocks() {
    const [server, other] = [client(), client()];
    const job = server.blpop("queue", 5);
    await other.rpush("queue", "job");
    assert.deepStrictEqual(await job, ["queue", "job"]);
  },

  async authenticates() {
    const server = client();
    await server.config("SET", "requirepass", password);
    const inside = client({ password });
    try {
      assert.strictEqual(await inside.ping(), "PONG");
      await assert.rejects(client({ enableReadyCheck: false }).ping(), /NOAUTH/);
      await assert.rejects(client({ password: "wrong", enableReadyCheck: false }).ping(), /WRONGPASS|NOAUTH|closed/);
    } finally {
      await inside.config("SET", "requirepass", "");
    }
  },

  async fails_where_it_should() {
    const server = client();
    await server.set("text", "abc");
    await assert.rejects(server.incr("text"), /not an integer/);
    await assert.rejects(server.call("NO-SUCH-COMMAND"), /unknown command/);
    await server.del("text");
  },
};

async function main() {
  for (const [name, test] of Object.entries(tests)) {
    const shown = name.replaceAll("_", " ");
    try {
      await test();
      console.log(`ok ${shown}`);
    } catch (error) {
      if (error instanceof Skip) console.log(`skip ${shown}: ${error.message}`);
      else console.log(`not ok ${shown}: ${error.stack.replaceAll("\n", " ")}`);
    }
  }
  open.forEach((client) => client.disconnect());
}

main();
