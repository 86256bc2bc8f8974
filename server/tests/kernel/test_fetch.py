"""The only way out, against real servers of this machine: what it fetches, and all that it refuses."""

import asyncio
import contextlib
import gzip
import ssl
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from server.kernel import fetch, trust
from server.kernel.errors import Forbidden, Invalid, Unavailable
from server.kernel.fetch import Fetch, at_once
from server.tests.test_laws import ROOT

HERE = ("127.0.0.0/8",)
PUBLIC = "93.184.216.34"
PRIVATE = (
    "http://127.0.0.1:4040/rest/deleteUser?username=admin", "http://localhost:6380/", "http://[::1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::]/", "http://0.0.0.0/",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://[fe80::1]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://[5f00::1]/", "http://[3fff::1]/", "http://10.0.0.1/",
    "http://192.168.0.1/", "http://172.16.0.1/", "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/",
    "http://192.88.99.1/", "http://255.255.255.255/", "http://loopback.test/", "http://mixed.test/",
    "http://127.0.0.1#@example.test/",
)  # fmt: skip
NONSENSE = (
    "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/", "http://0/", "http://127.0.0.1./",
    "http://user:pw@example.test/", "http://example.test@127.0.0.1/",
    "http://127.0.0.1%2f@example.test/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/stat", "data:audio/mpeg;base64,AAAA", "javascript:alert(1)",
    "http://example.test/\r\nX-Injected: 1", "http://example.test/ x", "http://example.test\\@127.0.0.1/",
    "//127.0.0.1/x", "http:127.0.0.1/", "http:///etc/passwd", "", "example.test", "http://example.test:6379/",
    "http://example.test:22/", "http://example.test:99999/", "http://[::1/", "http://a%00b.test/",
    "http://example.test/" + "x" * 5000,
    "http://" + "x" * 64 + ".test/", "http://a..test/", "http://.test/", "http://" + "x." * 130 + "test/",
)  # fmt: skip
UNUSUAL = ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://127。0。0。1/", "http://１２７.0.0.1/")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def names(host: str, port: int) -> list[str]:
    """A name server of our own."""
    known = {"loopback.test": ["127.0.0.1"], "mixed.test": [PUBLIC, "10.0.0.1"], "localhost": ["::1", "127.0.0.1"]}
    if host not in known:
        raise OSError("no such name")
    return known[host]


@contextlib.asynccontextmanager
async def answering(**handlers: Handler) -> AsyncIterator[str]:
    """Serve each handler under its name; gives the address of them all."""
    application = web.Application()
    for name, handler in handlers.items():
        application.router.add_get("/" + name, handler)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def saying(data: bytes, close: bool = True) -> AsyncIterator[str]:
    """A server that answers everybody with these bytes, whether they are HTTP or not."""
    running = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            await writer.drain()
            if not close:
                await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*running)


async def failing(url: str, of: Fetch | None = None, **options) -> str:
    """Return the sentence with which a fetch was refused."""
    with pytest.raises(Unavailable) as refused:
        await (of or Fetch(HERE)).get(url, **options)
    return str(refused.value)


def text(body: bytes | str, **options) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body.encode() if isinstance(body, str) else body, **options)
    return answer


def to(where: str, status: int = 302) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": where})
    return answer


def test_a_whole_answer_comes_with_status_headers_and_address():
    async def walk():
        async with answering(feed=text("hello", headers={"ETag": '"1"'}), gone=text("", status=410)) as base:
            found = await Fetch(HERE).get(base + "/feed?key=1")
            assert (found.status, found.body, found.url) == (200, b"hello", base + "/feed?key=1")
            assert found.headers["etag"] == '"1"' and found.moved == found.url
            assert (await Fetch(HERE).get(base + "/gone")).status == 410

    asyncio.run(walk())


def test_callers_without_an_event_loop_fetch_as_well():
    assert at_once(names, "loopback.test", 80) == ["127.0.0.1"]
    with pytest.raises(Forbidden):
        at_once(Fetch().get, "http://127.0.0.1/")


def test_headers_are_sent_so_that_what_did_not_change_is_not_sent_again():
    async def feed(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"1"'
        return web.Response(status=304 if known else 200, headers={"User": request.headers["User-Agent"]})

    async def walk():
        async with answering(feed=feed) as base:
            assert (await Fetch(HERE).get(base + "/feed")).headers["User"].startswith("Familiar/")
            assert (await Fetch(HERE).get(base + "/feed", headers={"If-None-Match": '"1"'})).status == 304

    asyncio.run(walk())


def opened_sockets() -> list:
    """Note every connection that this process tries to make from now on, in the list that is returned."""
    tried = []
    sys.addaudithook(lambda event, args: tried.append(args[1]) if event == "socket.connect" else None)
    return tried


def test_what_is_private_is_refused_before_any_packet_and_the_sentence_names_the_setting():
    tried = opened_sockets()
    for url in PRIVATE:
        with pytest.raises(Forbidden, match="FAMILIAR_FETCH_ALLOW"):
            at_once(Fetch(resolve=names).get, url)
    assert tried == []


@pytest.mark.parametrize("url", NONSENSE, ids=lambda url: repr(url)[:40])
def test_what_is_no_plain_web_address_is_refused_even_where_everything_is_allowed(url):
    with pytest.raises(Invalid):
        at_once(Fetch(("0.0.0.0/0", "::/0"), names).get, url)


@pytest.mark.parametrize("url", UNUSUAL)
def test_other_ways_to_write_a_private_host_are_seen_through(url):
    with pytest.raises((Forbidden, Invalid)):
        at_once(Fetch(resolve=names).get, url)


def test_a_network_that_is_allowed_admits_its_own_addresses_only():
    async def walk():
        async with answering(feed=text("x")) as base:
            assert (await Fetch(("127.0.0.1",), names).get(base.replace("127.0.0.1", "loopback.test") + "/feed")).body
            with pytest.raises(Forbidden):
                await Fetch(("10.0.0.0/8", "::/0")).get(base + "/feed")

    asyncio.run(walk())


def test_every_hop_of_a_redirect_is_checked():
    async def walk():
        handlers = {f"to{at}": to(where) for at, where in enumerate((
            "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/", "//169.254.169.254/", "http://mixed.test/",
        ))}  # fmt: skip
        async with answering(**handlers) as base:
            for name in handlers:
                with pytest.raises(Forbidden):
                    await Fetch(HERE, names).get(f"{base}/{name}")
        async with answering(a=to("file:///etc/passwd"), b=to("http://user:pw@127.0.0.1/")) as base:
            for name in "ab":
                with pytest.raises(Invalid):
                    await Fetch(HERE).get(f"{base}/{name}")

    asyncio.run(walk())


def test_redirects_end():
    async def walk():
        async with answering(round=to("/round")) as base:
            assert "redirects more than 10 times" in await failing(base + "/round")

    asyncio.run(walk())


def test_only_what_has_moved_for_good_is_to_be_asked_elsewhere_from_now_on():
    async def walk():
        async with answering(old=to("/new", 301), new=to("/today", 302), today=text("x")) as base:
            found = await Fetch(HERE).get(base + "/old")
            assert (found.moved, found.url) == (base + "/new", base + "/today")
            assert (await Fetch(HERE).get(base + "/new")).moved == base + "/new"

    asyncio.run(walk())


def test_a_secret_for_one_site_does_not_travel_to_another():
    async def echo(request: web.Request) -> web.Response:
        return web.json_response(dict(request.headers))

    async def walk():
        async with answering(end=echo) as other, answering(away=to(other + "/end"), near=to("/end"), end=echo) as base:
            sent = {"Authorization": "Bearer x", "Cookie": "a=b", "X-Api-Key": "k", "Range": "bytes=0-"}
            there = (await Fetch(HERE).get(base + "/away", headers=sent)).body
            assert b"bytes=0-" in there and not any(word in there for word in (b"Bearer", b"a=b", b"X-Api-Key"))
            assert b"Bearer" in (await Fetch(HERE).get(base + "/near", headers=sent)).body

    asyncio.run(walk())


def test_neither_proxies_of_the_environment_nor_cookies_are_used(monkeypatch):
    async def seen(request: web.Request) -> web.Response:
        response = web.Response(text=request.headers.get("Cookie", ""))
        response.set_cookie("session", "stolen")
        return response

    async def walk():
        async with answering(seen=seen) as base:
            monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
            own = Fetch(HERE)
            assert [(await own.get(base + "/seen")).body for _ in range(2)] == [b"", b""]

    asyncio.run(walk())


def test_a_name_that_changes_its_address_leads_to_the_one_that_was_checked():
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async def walk():
        tried = opened_sockets()
        async with answering(feed=text("x")) as base:
            own = Fetch(("127.0.0.1",), rebinding)
            assert (await own.get(base.replace("127.0.0.1", "rebind.test") + "/feed")).body == b"x"
            with pytest.raises(Forbidden):
                await own.get(base.replace("127.0.0.1", "rebind.test") + "/feed")
        assert {where[0] for where in tried} == {"127.0.0.1"}

    asyncio.run(walk())


def test_what_is_packed_is_unpacked_and_a_bomb_of_it_stops_at_the_limit():
    bomb = gzip.compress(b" " * (8 << 20))

    async def walk():
        packed = {"Content-Encoding": "gzip"}
        async with answering(feed=text(gzip.compress(b"hello" * 9), headers=packed), bomb=text(bomb, headers=packed),
                             odd=text("x", headers={"Content-Encoding": "br"}),
                             broken=text("no gzip", headers=packed)) as base:  # fmt: skip
            assert (await Fetch(HERE).get(base + "/feed")).body == b"hello" * 9
            assert "more than 100,000 bytes" in await failing(base + "/bomb", limit_bytes=100_000)
            assert "not asked for" in await failing(base + "/odd")
            assert "cannot be read" in await failing(base + "/broken")
            async with Fetch(HERE).open(base + "/bomb") as response:
                assert len(await response.read(1000)) == 1000

    asyncio.run(walk())
    assert zlib.decompressobj(31).decompress(bomb, 10) == b" " * 10


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(("data", "told"), [
    (HEAD + b"Content-Length: 1000\r\n\r\nx", "broke the connection off|cannot be read"),
    (HEAD + b"X-Big: " + b"a" * 100_000 + b"\r\n\r\n", "cannot be read"),
    (HEAD + b"".join(b"X-%d: a\r\n" % at for at in range(5000)) + b"\r\n", "cannot be read"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be read"),
    (b"", "broke the connection off"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\nContent-Length: 0\r\n\r\n", "no address"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "cannot be read"),
])  # fmt: skip
def test_servers_that_answer_nonsense_are_told_about_in_a_sentence(data, told):
    async def walk():
        async with saying(data) as base:
            with pytest.raises(Unavailable, match=told):
                await Fetch(HERE).get(base + "/feed?token=geheim", timeout_s=5)

    asyncio.run(walk())


@pytest.mark.parametrize("data", [b"", HEAD, HEAD + b"Content-Length: 1000\r\n\r\nx"])
def test_a_server_that_falls_silent_is_given_up(data):
    async def walk():
        async with saying(data, close=False) as base:
            assert "127.0.0.1 did not answer" in await failing(base + "/feed", timeout_s=0.1)
            with pytest.raises(Unavailable, match="did not answer"):
                async with Fetch(HERE).open(base, timeout_s=0.1) as response:
                    async for _ in response:
                        pass

    asyncio.run(walk())


def test_an_endless_answer_ends_at_the_limit_and_can_be_read_piece_by_piece():
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"\xff" * 65536)
        return response

    async def walk():
        async with answering(endless=endless) as base:
            assert "more than" in await failing(base + "/endless", limit_bytes=1 << 20)
            async with Fetch(HERE).open(base + "/endless") as response:
                assert response.status == 200 and await response.read(10) == b"\xff" * 10

    asyncio.run(walk())


def test_messages_never_repeat_more_of_an_address_than_its_host():
    async def walk():
        said = [await failing("http://127.0.0.1:9999/feed/geheim?token=geheim")]
        async with saying(b"nonsense\r\n") as base, answering(loop=to("/loop?token=geheim")) as other:
            said += [await failing(base + "/geheim"), await failing(other + "/loop?token=geheim")]
        with pytest.raises(Forbidden) as refused:
            await Fetch().get("http://10.0.0.1/geheim?token=geheim")
        assert not [text for text in [*said, str(refused.value)] if "geheim" in text]

    asyncio.run(walk())


def test_a_host_that_asks_to_be_left_alone_is_not_asked_again_until_then(monkeypatch):
    asked = []

    async def busy(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=429, headers={"Retry-After": "60"})

    async def walk():
        async with answering(busy=busy) as base:
            own = Fetch(HERE)
            assert (await own.get(base + "/busy")).status == 429
            with pytest.raises(Unavailable) as refused:
                await own.get(base + "/busy")
            assert 50 < refused.value.retry_after_s <= 61 and len(asked) == 1
            monkeypatch.setattr(fetch.time, "monotonic", lambda now=fetch.time.monotonic: now() + 61)
            assert (await own.get(base + "/busy")).status == 429

    asyncio.run(walk())


def own_certificate(folder) -> ssl.SSLContext:
    """Return what a server at 127.0.0.1 needs that signs for itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    day = timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime.now(UTC) - day, datetime.now(UTC) + day)
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = made.add_extension(here, False).add_extension(x509.BasicConstraints(True, None), True)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_a_server_that_cannot_prove_who_it_is_is_not_believed(tmp_path):
    async def walk():
        async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=own_certificate(tmp_path))
        async with server:
            port = server.sockets[0].getsockname()[1]
            assert "certificate is not valid" in await failing(f"https://127.0.0.1:{port}/")

    asyncio.run(walk())


def test_one_that_can_is(tmp_path, monkeypatch):
    async def walk():
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=own_certificate(tmp_path))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        trust.context.cache_clear()
        async with server:
            port = server.sockets[0].getsockname()[1]
            return (await Fetch(HERE).get(f"https://127.0.0.1:{port}/")).body

    try:
        assert asyncio.run(walk()) == b"hello"
    finally:
        trust.context.cache_clear()


def test_a_server_starts_without_reading_the_authorities_and_none_of_its_contexts_believes_anybody():
    code = """
import ssl
from server.kernel import trust

read = []
usual = ssl.SSLContext.load_default_certs
ssl.SSLContext.load_default_certs = lambda self, *given: read.append(usual(self, *given))
with trust.later():
    from server import serving
from aiohttp import connector

made = [connector._SSL_CONTEXT_VERIFIED, connector._SSL_CONTEXT_UNVERIFIED]
assert not read and made[0].verify_mode == ssl.CERT_REQUIRED and made[0].check_hostname
assert trust.context().verify_mode == ssl.CERT_REQUIRED and len(read) == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
