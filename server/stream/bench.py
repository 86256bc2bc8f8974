"""What streaming costs, each number beside its reference from the same minute.

Every function returns a dict of numbers and takes a few seconds. The server
runs in a process of its own, so that its CPU time and memory are not mixed with
those of the clients that are played here.
"""

import asyncio
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep

from server.library.facts import TrackFile
from server.stream import decide, ffmpeg
from server.stream.send import SEND_BUFFER_BYTES

_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1 << 20

_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; sendfile on; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}
"""


def raw_streaming(megabytes: int = 40, rounds: int = 8) -> dict[str, float]:
    """Return CPU seconds for each GB of a file sent over and over, by us and by the reference, and the ratio.

    The two take turns and the best round of each counts, because a client that is kept waiting by other work on
    the machine makes any server send in smaller pieces.
    """
    times, kinds = 4, ("ours", reference())
    gigabytes = megabytes * times * _MEGABYTE / 1e9
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        Path(folder, "raw").write_bytes(os.urandom(_MEGABYTE) * megabytes)
        running = {kind: servers.enter_context(_server(kind, folder)) for kind in kinds}
        costs: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for kind, (pid, port) in running.items():
                before = _cpu_s(pid)
                _fetch(port, times)
                costs[kind].append((_cpu_s(pid) - before) / gigabytes)
    found = {f"{kind}_cpu_s_per_gb": min(cost) for kind, cost in costs.items()}
    return found | {"ratio": min(costs["ours"]) / min(costs[reference()])}


def slow_listeners(count: int = 1000, kbps: int = 320, seconds: float = 5) -> dict[str, float]:
    """Return what `count` listeners cost who read as fast as they play: percent of a core, and KB of RSS for each."""
    _allow_files(count * 3 + 100)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "raw").write_bytes(os.urandom(_MEGABYTE) * 20)
        with _server("ours", folder) as (pid, port):
            _fetch(port, 1)
            small = _rss_kb(pid)
            listeners = [_ask(port, buffer_bytes=64 * 1024) for _ in range(count)]
            for listener in listeners:
                listener.setblocking(False)
            _scatter(listeners)
            before, began = _cpu_s(pid), perf_counter()
            delivered = _listen(listeners, kbps, seconds)
            took = perf_counter() - began
            found = {
                "listeners": count,
                "cpu_percent_of_a_core": 100 * (_cpu_s(pid) - before) / took,
                "rss_kb_each": (_rss_kb(pid) - small) / count,
                "delivered_percent": 100 * delivered / (count * kbps * 125 * took),
            }
            for listener in listeners:
                listener.close()
    return found


def transcode_first_byte(rounds: int = 9) -> dict[str, float]:
    """Return the median milliseconds to the first byte of a new transcode, through us and from bare ffmpeg."""
    encoder = ffmpeg.find()
    if encoder is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        source = str(Path(folder, "source.flac"))
        noise = "aevalsrc=0.3*sin(880*t)+0.1*random(0)|0.3*sin(660*t):s=44100:d=120"
        subprocess.run([encoder.path, "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", noise, source], check=True)
        found = {}
        with _server("ours", folder) as (_, port):
            for word in ("mp3", "opus", "aac", "flac"):
                bare, ours = [], []
                for offset_s in range(1, rounds + 1):
                    bare.append(_bare_first_byte(encoder.path, source, word, offset_s))
                    ours.append(_first_byte(port, f"/transcode?format={word}&timeOffset={offset_s}"))
                found[f"{word}_ms"], found[f"{word}_bare_ms"] = median(ours) * 1000, median(bare) * 1000
            _fetch(port, 1, "/transcode?format=mp3&timeOffset=0")
            found["repeat_ms"] = _first_byte(port, "/transcode?format=mp3&timeOffset=0") * 1000
    return found


def reference() -> str:
    """Return what raw streaming is measured against: nginx where it is, else a blocking sendfile loop."""
    return "nginx" if shutil.which("nginx") else "bare_sendfile"


@contextmanager
def _server(kind: str, folder: str) -> Iterator[tuple[int, int]]:
    port = _free_port()
    if kind == "nginx":
        config = Path(folder, "nginx.conf")
        config.write_text(_NGINX.format(folder=folder, port=port))
        command = ["nginx", "-c", str(config)]
    else:
        command = [sys.executable, "-m", "server.stream.bench", kind, folder, str(port)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield _busy_pid(process.pid, kind), port
    finally:
        process.terminate()
        process.wait()


def _busy_pid(pid: int, kind: str) -> int:
    if kind != "nginx":
        return pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int) -> None:
    until = monotonic() + 10
    while monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.02)
    raise TimeoutError("the server did not start")


def _ask(port: int, path: str = "/raw", buffer_bytes: int = 0) -> socket.socket:
    peer = socket.socket()
    if buffer_bytes:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    peer.connect(("127.0.0.1", port))
    peer.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
    return peer


def _fetch(port: int, times: int, path: str = "/raw") -> None:
    buffer = bytearray(_MEGABYTE)
    for _ in range(times):
        with _ask(port, path) as peer:
            while peer.recv_into(buffer):
                pass


def _listen(listeners: list[socket.socket], kbps: int, seconds: float) -> int:
    """Read from all of them at the speed of the music, in steps of 50 ms; return the bytes that came."""
    began, buffer = perf_counter(), bytearray(_MEGABYTE)
    share = [0] * len(listeners)
    while (now := perf_counter() - began) < seconds:
        due = int(now * kbps * 125)
        for number, listener in enumerate(listeners):
            try:
                share[number] += listener.recv_into(buffer, min(due - share[number], len(buffer)) or 1)
            except BlockingIOError:
                continue
        sleep(0.05)
    return sum(share)


def _scatter(listeners: list[socket.socket]) -> None:
    """Bring each listener to another place of its buffers, as if they had begun at different times."""
    most, buffer = 3 * SEND_BUFFER_BYTES, bytearray(_MEGABYTE)
    missing = {listener: most * number // len(listeners) for number, listener in enumerate(listeners)}
    while missing:
        for listener, wanted in list(missing.items()):
            with suppress(BlockingIOError):
                missing[listener] -= listener.recv_into(buffer, max(1, wanted))
            if missing[listener] <= 0:
                del missing[listener]


def _first_byte(port: int, path: str) -> float:
    """Return the seconds from the request to the first byte of the body."""
    began = perf_counter()
    with _ask(port, path) as peer:
        seen = b""
        while not _body(seen):
            seen += peer.recv(4096)
        return perf_counter() - began


def _body(seen: bytes) -> bytes:
    """Return what an answer holds behind its head, and behind the head of its first chunk."""
    head, _, body = seen.partition(b"\r\n\r\n")
    return body.partition(b"\r\n")[2] if b"chunked" in head else body


def _bare_first_byte(encoder: str, source: str, word: str, offset_s: int) -> float:
    plan = decide.plan(_track(source), decide.Wish(word, 0, offset_s), decide.Limits())
    began = perf_counter()
    with subprocess.Popen(
        ffmpeg.command(encoder, source, plan), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        process.stdout.read(1)
        took = perf_counter() - began
        process.kill()
    return took


def _track(path: str) -> TrackFile:
    state = os.stat(path)
    return TrackFile(
        1, path, "flac", "audio/flac", "flac", state.st_size, state.st_mtime_ns, 120_000, 900, 44100, 2, 16
    )


def _cpu_s(pid: int) -> float:
    """Return the CPU time of a process' main thread, which is all that these servers have, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _rss_kb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1000


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


async def _serve_ours(folder: str, port: int) -> None:
    from aiohttp import web

    from server.stream import send
    from server.stream.encoder import Patience
    from server.stream.transcode import Transcoder

    _allow_files(20_000)
    transcoder = Transcoder(
        Path(folder, "cache"), ffmpeg.find(), max_running=64, max_per_user=64, patience=Patience(linger_s=0)
    )
    transcoder.open()
    ffmpeg.warm()

    async def raw(request: web.Request) -> web.StreamResponse:
        return await send.send_file(request, f"{folder}/raw", content_type="audio/mpeg")

    async def transcode(request: web.Request) -> web.StreamResponse:
        track = _track(f"{folder}/source.flac")
        wish = decide.Wish(request.query["format"], 0, int(request.query["timeOffset"]))
        return await transcoder.stream(request, track, decide.plan(track, wish, decide.Limits()), 1)

    app = web.Application()
    app.router.add_get("/raw", raw)
    app.router.add_get("/transcode", transcode)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    await asyncio.Event().wait()


def _serve_bare(folder: str, port: int) -> None:
    """Answer one request after the other by sendfile on a blocking socket: about the least that it can cost."""
    with socket.create_server(("127.0.0.1", port)) as listening, open(f"{folder}/raw", "rb") as file:
        size = os.fstat(file.fileno()).st_size
        while True:
            peer, _ = listening.accept()
            with peer:
                if not peer.recv(4096):
                    continue
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
                sent = 0
                while sent < size:
                    sent += os.sendfile(peer.fileno(), file.fileno(), sent, size - sent)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _, kind, folder, port = sys.argv
        if kind == "ours":
            asyncio.run(_serve_ours(folder, int(port)))
        _serve_bare(folder, int(port))
    for measure in (raw_streaming, slow_listeners, transcode_first_byte):
        print(measure.__name__, {name: round(value, 3) for name, value in measure().items()})
