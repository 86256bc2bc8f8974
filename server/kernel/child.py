"""The inside of a child process: limits first, then one function, call after call.

Only `run.py` starts it: `main()`, with MODULE:FUNCTION and SETTINGS as arguments.
The rule a newcomer would break: a worker function imports nothing but what its own
work needs, for every child pays for it in memory. It reads strangers' files, so it
gets no secret, no network and no other program to start.

Frames go both ways: kind (1 byte), length of the JSON and length of the bytes
behind it (4 bytes each), then both. stdin and stdout belong to the frames; what
a function prints goes to stderr.
"""

import ctypes
import gc
import importlib
import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from server.kernel.errors import Failure

HEAD = struct.Struct(">BII")
VALUE, PACKED, FAILURE, MEMORY = range(4)
MEGABYTE = 1024 * 1024

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050001
CALLS = {
    "x86_64": (0xC000003E, 41, 59, 322),
    "aarch64": (0xC00000B7, 198, 221, 281),
}
"""What seccomp calls the architecture, and its numbers of socket, execve and execveat."""
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}


class Packed(NamedTuple):
    """An answer with bytes behind it, which travel as they are."""

    value: Any
    data: bytes


def frame(kind: int, value: Any, data: bytes = b"") -> bytes:
    """Return one frame: a JSON value and the bytes behind it."""
    body = orjson.dumps(value)
    return HEAD.pack(kind, len(body), len(data)) + body + data


def main() -> None:
    where, settings = sys.argv[1], orjson.loads(sys.argv[2])
    if settings["idle"]:
        be_idle()
    confine(settings["memory_mb"], settings["nice"], settings["parent"], settings["card"])
    calls, answers = os.fdopen(os.dup(0), "rb"), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    module, _, name = where.partition(":")
    function = getattr(importlib.import_module(module), name)
    # What was imported stays. Of what a call makes little is in cycles: looked for seldom, it costs nothing.
    gc.freeze()
    gc.set_threshold(20_000)
    for _ in range(settings["recycle_after"]):
        head = calls.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        _kind, length, _tail = HEAD.unpack(head)
        write_all(answers, answer(function, calls.read(length)))


def be_idle() -> None:
    """Take processor and disk only while nobody else wants them."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if (number := IOPRIO_SET.get(os.uname().machine)) is not None:
        # ioprio_set(IOPRIO_WHO_PROCESS, this one, class idle): there is no function of the C library for it.
        ctypes.CDLL(None).syscall(number, 1, 0, 3 << 13)


def confine(memory_mb: int, nice: int, parent: int, card: bool = False) -> None:
    """Give up what a parser does not need; end with the parent."""
    limits = {
        resource.RLIMIT_AS: memory_mb * MEGABYTE,
        resource.RLIMIT_FSIZE: 64 * MEGABYTE,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    if card:
        limits = {which: limits[which] for which in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)}
    for which, limit in limits.items():
        highest = resource.getrlimit(which)[1]
        limit = limit if highest == resource.RLIM_INFINITY else min(limit, highest)
        resource.setrlimit(which, (limit, limit))
    os.umask(0o077)
    niceness = os.nice(nice)
    # Between sessions Linux may share by what a whole session says of itself, and a child has one of its own.
    with suppress(OSError), open("/proc/self/autogroup", "w") as session:
        session.write(str(niceness))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child had begun")
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    refuse(libc, os.uname().machine)


def refuse(libc: ctypes.CDLL, machine: str) -> None:
    """Let sockets and new programs fail with EPERM, on the machines whose call numbers we know.

    The program is what seccomp(2) calls a filter: load the architecture, then the call's number, and compare.
    """
    if machine not in CALLS or sys.maxsize < 1 << 32:
        return
    architecture, *numbers = CALLS[machine]
    end = len(numbers) + 1
    steps = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 0, end, architecture), (LOAD, 0, 0, 0)]
    steps += [(JUMP_EQUAL, end - at, 0, number) for at, number in enumerate(numbers, 1)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    libc.prctl(PR_SET_SECCOMP, 2, ctypes.c_char_p(program), 0, 0)


def answer(function, body: bytes) -> bytes:
    """Return the frame that answers one call. What a stranger's file raises is an answer too."""
    try:
        result = function(orjson.loads(body))
        if isinstance(result, Packed):
            return frame(PACKED, result.value, result.data)
        return frame(VALUE, result)
    except MemoryError:
        return HEAD.pack(MEMORY, 2, 0) + b"{}"
    except Failure as failure:
        return frame(FAILURE, {"failure": type(failure).__name__, "sentence": str(failure)})
    except Exception as error:
        sentence = str(error).encode(errors="replace").decode()[:500]
        return frame(FAILURE, {"failure": type(error).__name__, "sentence": sentence})


def write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
