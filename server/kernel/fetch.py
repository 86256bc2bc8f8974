"""The only way out: every request that this server makes of another one.

Addresses come from strangers, so each is checked where it counts: the name is
resolved here, what is private is refused unless FAMILIAR_FETCH_ALLOW admits it,
and the socket that is opened goes to an address that was checked. Sizes, times
and redirects have an end. The rule a newcomer would break: an address may hold a
secret in its path, so a message names the host and nothing else of it.

There is no session to keep and none to close: a call has its own, which brings
no cookies, no proxies of the environment and no passwords of a .netrc along.
"""

import asyncio
import contextlib
import socket
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple, TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from server import VERSION
from server.kernel import trust
from server.kernel.errors import Forbidden, Invalid, Unavailable

T = TypeVar("T")
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

AGENT = f"Familiar/{VERSION}"
LIMIT_BYTES, TIMEOUT_S, CHECK_S = 10 << 20, 30.0, 5.0
URL_MAX = 4096
REDIRECTS = 10
"""Episodes of podcasts come through five or six services that count them."""
MOVED, MOVED_FOR_GOOD = (301, 302, 303, 307, 308), (301, 308)
PAUSE_MAX_S = 3600
CHUNK = 1 << 16
HOSTS = 1000
KEEPS_COMPANY = frozenset(
    ("accept", "accept-language", "icy-metadata", "if-modified-since", "if-none-match", "if-range", "range")
)
"""What a redirect to another site still carries; all else may be a secret meant for the first one."""
NO_WEB_PORTS = frozenset(
    (0, 1, 7, 9, 13, 19, 20, 21, 22, 23, 25, 37, 53, 69, 110, 111, 119, 123, 135, 137, 139, 143, 161, 179, 389, 445,
     465, 514, 515, 540, 548, 554, 587, 636, 873, 989, 990, 993, 995, 1433, 2049, 3306, 3389, 5060, 5061, 5432, 5672,
     6379, 6667, 11211, 27017)
)  # fmt: skip
"""Where no web server listens, and where a request could be taken for something else."""
PRIVATE = tuple(ip_network(text) for text in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
    "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
))  # fmt: skip
"""Our own table: `is_global` of the standard library lets ten of these through.
https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry"""


class Answer(NamedTuple):
    """What came back, whatever its status. `url` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved: str
    """The address to ask from now on: another one than was asked for when that has moved for good."""


class Response:
    """An answer that is still arriving; `read` gives b"" at its end."""

    def __init__(self, response: aiohttp.ClientResponse, host: str, moved: str):
        self._response, self._host = response, host
        self.status, self.headers, self.url, self.moved = response.status, response.headers, str(response.url), moved
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise Unavailable(f"{host} answered in an encoding that it was not asked for.")
        self._unpack = zlib.decompressobj(wbits=31) if encoding.endswith("gzip") else None
        self._packed = b""

    async def read(self, most: int = CHUNK) -> bytes:
        """Return up to so many bytes as soon as there are some. Raises Unavailable when it breaks off."""
        with _told(self._host):
            if self._unpack is None:
                return await self._response.content.read(most)
            return await self._unpacked(most)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self.read():
            yield data

    async def _unpacked(self, most: int) -> bytes:
        # A few bytes can unpack to a gigabyte, so never more of that than was asked for.
        while not self._unpack.eof:
            if not self._packed and not (packed := await self._response.content.read(CHUNK)):
                break
            data = self._unpack.decompress(self._packed or packed, most)
            self._packed = self._unpack.unconsumed_tail
            if data:
                return data
        return b""


class Fetch:
    """Fetches for all of a process. `allow` are networks that are admitted though they are private."""

    def __init__(self, allow: Sequence[str] = (), resolve: Resolve | None = None):
        self._allow = tuple(ip_network(text) for text in allow)
        self._resolve = resolve or resolved
        self._pauses: dict[str, float] = {}

    async def get(self, url: str, *, limit_bytes: int = LIMIT_BYTES, timeout_s: float = TIMEOUT_S,
                  headers: Mapping[str, str] | None = None) -> Answer:
        """Return a whole answer, whatever its status.

        Raises Invalid for what is no web address, Forbidden for one that is private, Unavailable for one that does
        not answer whole within `limit_bytes` and `timeout_s`, or has asked to be left alone for a while.
        """
        with _told(self._checked(url).host, timeout_s):
            async with asyncio.timeout(timeout_s), self._opened(url, timeout_s, headers, "gzip") as response:
                return Answer(response.status, response.headers, await _whole(response, limit_bytes),
                              response.url, response.moved)  # fmt: skip

    async def check(self, url: str) -> None:
        """Raise Invalid or Forbidden where `get` would, as far as that is known before anybody is asked.

        A name that cannot be resolved just now may be another time, so it passes.
        """
        checked = self._checked(url)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CHECK_S):
                await _Resolver(self).resolve(checked.raw_host, checked.port)

    @contextlib.asynccontextmanager
    async def open(self, url: str, *, timeout_s: float = TIMEOUT_S,
                   headers: Mapping[str, str] | None = None) -> AsyncIterator[Response]:
        """Give an answer to be read piece by piece; it may take any time, but never pause for `timeout_s`."""
        async with self._opened(url, timeout_s, headers, "identity") as response:
            yield response

    @contextlib.asynccontextmanager
    async def _opened(self, url: str, timeout_s: float, headers: Mapping[str, str] | None,
                      encoding: str) -> AsyncIterator[Response]:
        first = self._checked(url)
        connector = aiohttp.TCPConnector(
            resolver=_Resolver(self), use_dns_cache=False, socket_factory=self._socket, force_close=True
        )
        connector._factory = partial(_Reader, loop=asyncio.get_running_loop())
        times = aiohttp.ClientTimeout(total=None, sock_connect=timeout_s, sock_read=timeout_s)
        async with aiohttp.ClientSession(
            connector=connector, timeout=times, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False,
            trust_env=False, headers={"User-Agent": AGENT, "Accept-Encoding": encoding},
        ) as session:  # fmt: skip
            with _told(first.host, timeout_s):
                async with asyncio.timeout(timeout_s):
                    response, moved = await self._followed(session, first, dict(headers or {}))
            try:
                yield Response(response, response.url.host, str(moved or url))
            finally:
                response.close()

    async def _followed(self, session: aiohttp.ClientSession, url: URL,
                        headers: dict[str, str]) -> tuple[aiohttp.ClientResponse, URL | None]:
        """Return the answer at the end of all redirects, and where to go at once next time, None for the same place."""
        moved, for_good = None, True
        for _ in range(REDIRECTS + 1):
            self._be_patient(url)
            secured = trust.context() if url.scheme == "https" else True
            response = await session.get(url, headers=headers, allow_redirects=False, ssl=secured)
            self._note_pause(url, response)
            to = response.headers.get("Location")
            if response.status not in MOVED or not to:
                return response, moved
            response.close()
            before, url = url, self._checked(_joined(url, to))
            if url.origin() != before.origin():
                headers = {name: value for name, value in headers.items() if name.lower() in KEEPS_COMPANY}
            for_good = for_good and response.status in MOVED_FOR_GOOD
            moved = url if for_good else moved
        raise Unavailable(f"{url.host} redirects more than {REDIRECTS} times.")

    def _checked(self, text: str) -> URL:
        """Read an address. Raises Invalid, and Forbidden for one that names what is private by number."""
        url = _url(text)
        with contextlib.suppress(ValueError):
            self._admit(ip_address(url.raw_host), url.host)
        return url

    def _admit(self, address: Address, host: str) -> None:
        mapped = getattr(address, "ipv4_mapped", None) or address
        if any(address in network or mapped in network for network in self._allow):
            return
        if any(mapped in network for network in PRIVATE):
            raise Forbidden(
                f"{host} is at an address of a private network; FAMILIAR_FETCH_ALLOW would have to admit that."
            )

    def _socket(self, about: tuple) -> socket.socket:
        """Make the socket of one connection, to an address that may be connected to and no other."""
        family, kind, protocol, _, where = about
        self._admit(ip_address(where[0].partition("%")[0]), where[0])
        return socket.socket(family, kind, protocol)

    def _be_patient(self, url: URL) -> None:
        left_s = self._pauses.get(url.host, 0.0) - time.monotonic()
        if left_s > 0:
            raise Unavailable(f"{url.host} asked to be left alone for {int(left_s) + 1} s.", int(left_s) + 1)

    def _note_pause(self, url: URL, response: aiohttp.ClientResponse) -> None:
        """Remember that a host wants to be left alone. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after"""
        said = response.headers.get("Retry-After", "")
        if response.status in (429, 503) and said.isascii() and said.isdigit():
            if len(self._pauses) >= HOSTS:
                del self._pauses[next(iter(self._pauses))]
            self._pauses[url.host] = time.monotonic() + min(int(said[:9]), PAUSE_MAX_S)


class _Reader(ResponseHandler):
    """Reads `ICY 200 OK`, which is how old radio stations begin, as the HTTP/1.0 that it stands for."""

    _begun = False

    def data_received(self, data: bytes) -> None:
        if not self._begun and data.startswith(b"ICY "):
            data = b"HTTP/1.0 " + data[4:]
        self._begun = True
        super().data_received(data)


class _Resolver(AbstractResolver):
    """Resolves names to addresses that may be connected to; one bad address among good ones spoils the name."""

    def __init__(self, fetch: Fetch):
        self._fetch = fetch

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = [ip_address(text.partition("%")[0]) for text in await self._fetch._resolve(host, port)]
        for address in found:
            self._fetch._admit(address, host)
        return [
            ResolveResult(
                hostname=host, host=str(each), port=port, proto=0, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                family=socket.AF_INET if each.version == 4 else socket.AF_INET6,
            )
            for each in found
        ]  # fmt: skip

    async def close(self) -> None:
        pass


def at_once(function: Callable[..., Coroutine[Any, Any, T]], *args, **kw) -> T:
    """Run a coroutine function such as `app.fetch.get` to its end, for callers without an event loop, such as jobs."""
    return asyncio.run(function(*args, **kw))


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(where[0] for *_, where in found))


def host_of(url: str) -> str:
    """Return the host that an address names, for messages. Raises Invalid for what is no web address."""
    return _url(url).host


def _url(text: str) -> URL:
    if len(text) > URL_MAX:
        raise Invalid(f"The address is longer than {URL_MAX} characters.")
    # What a URL cannot hold is where two readers of it begin to disagree.
    if "\\" in text or any(ord(character) <= 32 or ord(character) == 127 for character in text):
        raise Invalid("The address holds characters that no web address has.")
    try:
        url = URL(text)
        port, host = url.port, url.host or ""
    except ValueError:
        raise Invalid("This is no web address.") from None
    if url.scheme not in ("http", "https") or not host:
        raise Invalid("A web address begins with http:// or https:// and a host.")
    if url.user is not None or url.password is not None:
        raise Invalid("An address with a name or password in it is not fetched.")
    if port in NO_WEB_PORTS:
        raise Invalid(f"Nothing on the web is served from port {port}.")
    if "%" in host or not _is_name(url.raw_host or "") or _is_odd_number(url.raw_host or ""):
        raise Invalid("The address has a host that is written in an unusual way.")
    return url


def _is_name(host: str) -> bool:
    """Tell whether a host has the lengths that names have; Python's resolver breaks on others, and not by OSError."""
    return len(host) <= 253 and all(1 <= len(label) <= 63 for label in host.removesuffix(".").split("."))


def _is_odd_number(host: str) -> bool:
    """Tell whether a host is a number that some systems take for an address, such as 127.1 or 0x7f.1."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    if ":" in host or not (last.isdigit() or last.startswith("0x")):
        return False
    try:
        return str(IPv4Address(host)) != host
    except ValueError:
        return True


def _joined(url: URL, to: str) -> str:
    try:
        return str(url.join(URL(to)))
    except ValueError:
        raise Unavailable(f"{url.host} redirects to what is no address.") from None


async def _whole(response: Response, limit_bytes: int) -> bytes:
    parts, size = [], 0
    async for data in response:
        size += len(data)
        if size > limit_bytes:
            raise Unavailable(f"{response._host} answered with more than {limit_bytes:,} bytes.")
        parts.append(data)
    return b"".join(parts)


@contextlib.contextmanager
def _told(host: str, timeout_s: float | None = None):
    """Turn what goes wrong on the way into a sentence; the library's own repeat the whole address."""
    try:
        yield
    except TimeoutError:
        within = f" within {timeout_s:g} s" if timeout_s else ""
        raise Unavailable(f"{host} did not answer{within}.") from None
    except aiohttp.ClientConnectorDNSError:
        raise Unavailable(f"There is no host {host}, or its name cannot be resolved just now.") from None
    except aiohttp.ClientConnectorCertificateError:
        raise Unavailable(f"{host} cannot prove that it is {host}: its certificate is not valid.") from None
    except (aiohttp.ClientConnectionError, OSError):
        raise Unavailable(f"{host} cannot be reached, or broke the connection off.") from None
    except (aiohttp.ClientError, zlib.error):
        raise Unavailable(f"{host} answered with something that cannot be read.") from None
