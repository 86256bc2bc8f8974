"""What the children of the tests do: good work, and every kind of harm."""

import os
import resource
import signal
import socket
import time

from server.kernel.child import Packed
from server.kernel.errors import NotFound


def work(payload: dict):
    return DEEDS[payload["do"]](payload)


def environment(_payload):
    return dict(os.environ)


def limits(_payload):
    return {
        "nice": os.nice(0), "files": sorted(os.listdir("/proc/self/fd")), "session": os.getsid(0) == os.getpid(),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0], "threads": resource.getrlimit(resource.RLIMIT_NPROC)[0],
    }  # fmt: skip


def crash(_payload):
    os.kill(os.getpid(), signal.SIGSEGV)


def hog(_payload):
    return len(bytearray(1 << 31))


def hang(_payload):
    while True:
        time.sleep(60)


def leave(_payload):
    os._exit(3)


def scream(_payload):
    os.write(2, b"x" * 3_000_000)
    print("this is no frame")
    return "heard"


def missing(_payload):
    raise NotFound("There is no such cover.")


def bug(_payload):
    return {}["nothing"]


def deep(_payload):
    return deep(_payload)


def call_home(_payload):
    return socket.socket().fileno()


def start_program(_payload):
    os.execv("/bin/true", ["true"])


DEEDS = {
    "echo": lambda payload: payload["say"],
    "pid": lambda _payload: os.getpid(),
    "bytes": lambda payload: Packed({"size": payload["size"]}, b"\xff" * payload["size"]),
    "environment": environment,
    "limits": limits,
    "crash": crash,
    "hog": hog,
    "hang": hang,
    "leave": leave,
    "scream": scream,
    "missing": missing,
    "bug": bug,
    "deep": deep,
    "call_home": call_home,
    "start_program": start_program,
}
