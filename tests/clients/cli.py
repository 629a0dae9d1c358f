"""valkey-cli, or redis-cli, which speaks the same: the tool that administrators use."""

import asyncio
import shutil
import subprocess
import time

from check import PASSWORD, PORT, needs, run_all, same

CLI = shutil.which("valkey-cli") or shutil.which("redis-cli")


def cli(*arguments, text=None, code=0):
    done = subprocess.run(
        [CLI, "-p", str(PORT), *arguments], input=text, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def connects():
    same(cli("PING"), "PONG")
    same(cli("-3", "PING"), "PONG")
    same(cli("-n", "9", "SET", "key", "value"), "OK")
    same(cli("GET", "key"), "")
    same(cli("-n", "9", "GET", "key"), "value")
    same(cli("-n", "9", "DEL", "key"), "1")
    assert "valkey_version:9." in cli("INFO", "server")


def pipelines():
    count = 20_000
    requests = "".join(f"SET cli:{number} {number}\r\n" for number in range(count))
    assert f"errors: 0, replies: {count}" in cli("--pipe", text=requests)
    same(cli("DBSIZE"), str(count))
    same(len(cli("--scan", "--pattern", "cli:1999?").split()), 10)
    assert "Biggest string found" in cli("--bigkeys")
    same(cli("FLUSHALL"), "OK")


def subscribes():
    command = [CLI, "-p", str(PORT), "SUBSCRIBE", "news"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
        try:
            while cli("PUBLISH", "news", "here") != "1":
                time.sleep(0.01)
            lines = [listener.stdout.readline() for _ in range(6)]
            assert lines[3:] == ["message\n", "news\n", "here\n"], lines
        finally:
            listener.kill()


def hears_of_changes():
    needs("client|tracking")
    requests = "CLIENT TRACKING ON\nSET heard 1\nGET heard\nSET heard 2\nDEL heard\n"
    heard = cli("-3", "--show-pushes", "yes", text=requests)
    assert "invalidate" in heard and "heard" in heard, heard


def transacts():
    same(cli(text="MULTI\nINCR key\nINCR key\nEXEC\n").split(), ["OK", "QUEUED", "QUEUED", "1", "2"])
    same(cli(text="MULTI\nINCR key\nDISCARD\nGET key\n").split(), ["OK", "QUEUED", "OK", "2"])
    same(cli("DEL", "key"), "1")


def authenticates():
    same(cli("CONFIG", "SET", "requirepass", PASSWORD), "OK")
    try:
        assert "NOAUTH" in cli("PING")
        same(cli("--no-auth-warning", "-a", PASSWORD, "PING"), "PONG")
        same(cli("--no-auth-warning", "--user", "default", "--pass", PASSWORD, "PING"), "PONG")
    finally:
        same(cli("--no-auth-warning", "-a", PASSWORD, "CONFIG", "SET", "requirepass", ""), "OK")


if CLI is None:
    print("not ok start: neither valkey-cli nor redis-cli is installed (Debian: redis-tools)")
else:
    tests = [connects, pipelines, subscribes, hears_of_changes, transacts, authenticates]
    asyncio.run(run_all(tests))
