"""What the clients written in Python share: naming tests, running them, telling of them."""

import inspect
import socket
import sys
import traceback

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
PASSWORD = "a pass word"


class Skip(Exception):
    """A test that the server is not ready for."""


def words(*request):
    """Sends a request as bytes and answers the first line of the reply: what a client library cannot stand in the way of."""
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        parts = [f"*{len(request)}\r\n".encode()]
        for word in request:
            parts.append(f"${len(word)}\r\n{word}\r\n".encode())
        connection.sendall(b"".join(parts))
        return connection.makefile("rb").readline()


def needs(*command):
    """Skips the test unless the server has the command: `needs("client|tracking")`."""
    for name in command:
        with socket.create_connection(("127.0.0.1", PORT)) as connection:
            connection.sendall(f"COMMAND INFO {name}\r\n".encode())
            answer = connection.makefile("rb")
            answer.readline()
            if answer.readline() in (b"*-1\r\n", b"$-1\r\n"):
                raise Skip(f"the server has no {name}")


async def run_all(tests):
    """Runs tests, plain functions or coroutines, and prints a line for each."""
    for test in tests:
        name = test.__name__.replace("_", " ")
        try:
            result = test()
            if inspect.isawaitable(result):
                await result
            print(f"ok {name}", flush=True)
        except Skip as skip:
            print(f"skip {name}: {skip}", flush=True)
        except Exception as error:  # whatever a library throws is a failure of the test
            traceback.print_exc()
            print(f"not ok {name}: {type(error).__name__}: {error}", flush=True)


def same(got, wanted):
    """Asserts that two values are equal, and shows them if not."""
    assert got == wanted, f"{got!r} instead of {wanted!r}"
