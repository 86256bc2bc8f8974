"""Radio stations on the loopback: as they should be, and as strangers make them."""

import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

SOUND = bytes(range(256)) * 64
"""16 kB that are easily told from titles."""
EVERY = 4096


def block(text: bytes) -> bytes:
    units = -(-len(text) // 16)
    return bytes([units]) + text.ljust(units * 16, b"\0")


def told(title: str) -> bytes:
    return block(f"StreamTitle='{title}';".encode())


def with_titles(*titles: str) -> bytes:
    """Return the sound with titles after every 4 kB; "" is a block that says nothing new."""
    parts = []
    for at in range(0, len(SOUND), EVERY):
        title = titles[at // EVERY] if at // EVERY < len(titles) else ""
        parts += [SOUND[at : at + EVERY], told(title) if title else b"\0"]
    return b"".join(parts)


class Stations:
    """Answers by path; `play` hangs a page up, `asked` counts who came, `lines` holds what was asked last."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.pages: dict[str, Callable] = {}
        self.asked: Counter[str] = Counter()
        self.lines: dict[str, str] = {}
        self.closing = threading.Event()

    def play(self, path: str, body: bytes = b"", head: str = "", first: str = "HTTP/1.0 200 OK",
             kind: str = "audio/mpeg", endless: bytes = b"") -> str:  # fmt: skip
        """Answer at a path, in the end with the same bytes for ever if there are some; return its address."""

        def answer(out) -> None:
            out.write(f"{first}\r\nContent-Type: {kind}\r\n{head}\r\n".encode() + body)
            while endless and not self.closing.is_set():
                out.write(endless)

        self.pages[path] = answer
        return self.url + path

    def station(self, path: str, *titles: str, endless: bool = False, first: str = "HTTP/1.0 200 OK") -> str:
        """Be a station that tells titles, and goes on for ever if it is to."""
        more = (SOUND[:EVERY] + b"\0") * 4 if endless else b""
        return self.play(path, with_titles(*titles), f"icy-metaint: {EVERY}\r\nicy-br: 128\r\n", first, endless=more)


@contextmanager
def on_air() -> Iterator[Stations]:
    """Run stations for as long as the context lasts."""

    class Handler(socketserver.StreamRequestHandler):
        timeout = 10

        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head and (line := self.rfile.readline(2000)):
                head += line
            path = head.split(b" ")[1].decode()
            stations.asked[path] += 1
            stations.lines[path] = head.decode()
            # Whoever listened may have gone.
            with suppress(OSError):
                stations.pages[path](self.wfile)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        stations = Stations(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield stations
        finally:
            stations.closing.set()
            server.shutdown()
            thread.join(10)
