"""From an HTTP request to a handler and back: the only file of this front that knows aiohttp's requests.

Every answer, a refusal too, is a Subsonic envelope in the format that was asked
for; only media answers leave it. Whatever escapes a handler becomes error 0 and
a line in the log, never a page of HTML.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import unquote_plus

from aiohttp import web
from isal import igzip

from server.app import App
from server.kernel.db import Cache
from server.kernel.errors import Failure, Forbidden, Invalid, NotFound, Unavailable
from server.users.addresses import Network, origin, peer
from server.users.people import Viewer
from server.users.signin import Refused, SignIn
from subsonic import auth, chapters, quirks
from subsonic.endpoints import ENDPOINTS, Words
from subsonic.protocol import Missing, Request, Shape, failure, parse, render
from subsonic.protocol.characters import clean

log = logging.getLogger("familiar.subsonic")

GENERIC, MISSING, FORBIDDEN, NOT_FOUND = 0, 10, 50, 70
CREDENTIALS = frozenset(("u", "p", "t", "s", "apiKey", "v", "c", "f", "_", "callback"))
ANSWERS_BYTES = 12 * 1024 * 1024
CLIENT_MAX = 100
COMPRESSED_FROM = 1400
"""Below one packet there is nothing to win."""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Total-Count, Content-Length, Content-Range, Accept-Ranges, "
    "X-Content-Duration, Content-Disposition, ETag",
    "X-Content-Type-Options": "nosniff",
}
"""Pages of any site may read answers of `/rest`: it reads no cookies, so nothing can be stolen that way."""
PREFLIGHT = CORS | {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Range, Authorization, Accept",
    "Access-Control-Max-Age": "86400",
}
ENDINGS = {"hls": (".m3u8", ".aac")}
"""Other addresses of an endpoint: players take lists and their parts for what these names end in."""
LONG = 1000
"""More rows than this are written in a thread."""
STATUS = {FORBIDDEN: 403, NOT_FOUND: 404}
METHODS = ("GET", "POST", "DELETE", "HEAD")
FORM = "application/x-www-form-urlencoded"
FORM_S = 60.0
"""How long a form may take to arrive."""
LARGE_FORM, LARGE_FORMS = 1 << 18, 16
PARAMETERS_MAX = 60_000
"""Enough for the longest playlist; five million empty ones would take seconds to read."""


class Call:
    """One request on its way to a handler."""

    __slots__ = ("app", "client", "db", "fmt", "headers", "ids", "params", "quirks", "request", "viewer")

    def __init__(self, app: App, request: web.Request, viewer: Viewer, client: str, fmt: str, params: dict):
        self.app, self.request, self.viewer, self.client, self.fmt = app, request, viewer, client, fmt
        self.db, self.ids = app.db, app.ids
        self.params: dict[str, list[str]] = params
        """All that was sent, in the address and in a form."""
        self.quirks = quirks.of(client)
        self.headers: dict[str, str] = {}
        """What the handler wants to say in the answer's head, such as X-Total-Count."""


class Front:
    """All of `/rest`."""

    def __init__(self, app: App, trusted: tuple[Network, ...]):
        self.app, self.trusted = app, trusted
        self.signin: SignIn = app.part(SignIn)
        self.answers = Cache(ANSWERS_BYTES)
        self._large = asyncio.Semaphore(LARGE_FORMS)
        self._prefix = f"{app.config.base_path}/rest/"

    def mount(self, router: web.UrlDispatcher, base_path: str) -> None:
        """Give every endpoint its addresses, with and without `.view`."""
        for name, endpoint in ENDPOINTS.items():
            answer = self._bound(name, endpoint)
            for ending in ("", ".view", *ENDINGS.get(name, ())):
                router.add_route("*", f"{base_path}/rest/{name}{ending}", answer)
        router.add_route("*", base_path + "/rest/{tail:.*}", self._bound("unknown", None))

    async def head(self, request: web.Request, response: web.StreamResponse) -> None:
        """Complete the head of an answer, of this front or of another."""
        # Instead of the versions of everything we are made of.
        response.headers["Server"] = "Familiar"
        if request.rel_url.raw_path.startswith(self._prefix):
            response.headers.update(CORS)

    def _bound(self, name: str, endpoint: type[Request] | None) -> Callable:
        methods = ("POST",) if endpoint is not None and endpoint.body else METHODS

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.method not in methods:
                return refused_method(request, methods)
            began = time.perf_counter()
            outcome, response = await self._answer(request, endpoint)
            self.app.metrics.count(name, outcome, time.perf_counter() - began)
            return response

        return answer

    async def _answer(self, request: web.Request, endpoint: type[Request] | None) -> tuple[str, web.StreamResponse]:
        """Return the outcome as a word for the counters, and the response."""
        params: dict[str, list[str]] = {}
        try:
            await parameters(request, params, self._large)
            fmt = _one(params, "f") or "xml"
            handler = chapters.handler_of(endpoint) if endpoint else None
            if handler is None:
                raise Invalid("This server does not offer that.")
            viewer = await self._viewer(request, endpoint, params)
            _check_version(params)
            client = clean(_one(params, "c") or "")[:CLIENT_MAX] or "unknown"
            call = Call(self.app, request, viewer, client, fmt, params)
            return await self._handled(call, endpoint, handler, params, _one(params, "callback"))
        except Refused as error:
            help_url = auth.help_url(error, origin(request, self.trusted), self.app.config.base_path)
            return "refused", _with_status(endpoint, _failed(params, error.code, str(error), help_url), 401)
        except Failure as error:
            return "failed", self._refusal(endpoint, params, error)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            log.exception("%s failed", endpoint.wire if endpoint else "a call")
            failed = _failed(params, GENERIC, "Something went wrong here; the server's log says what.")
            return "error", _with_status(endpoint, failed, 500)

    async def _viewer(self, request: web.Request, endpoint: type[Request], params: dict) -> Viewer | None:
        if endpoint.access is None:
            return None
        viewer = await auth.identify(self.signin, params, peer(request, self.trusted))
        if endpoint.access and not viewer.may(endpoint.access):
            raise Forbidden(f"You lack the right '{endpoint.access}' that this needs.")
        return viewer

    async def _handled(self, call: Call, endpoint: type[Request], handler: Callable, params: dict,
                       callback: str | None) -> tuple[str, web.StreamResponse]:
        stamp = key = None
        if endpoint.cached and call.viewer is not None:
            key = _key(call, endpoint, params)
            stamp = await self._stamp(call.viewer)
            if (kept := self.answers.get(key, stamp)) is not None:
                return "ok", web.Response(body=kept[0], headers=kept[1])
        q = parse(endpoint, params)
        reply = await handler(call, q)
        if isinstance(reply, web.StreamResponse):
            return "ok", reply
        write = partial(render, reply, call.fmt, member=endpoint.member, callback=callback, **call.quirks.view)
        # A playlist of 10,000 songs takes 0.7 s as XML, and others are listening.
        pack = partial(_packed, call)
        if _is_long(reply):
            body, headers = await asyncio.to_thread(lambda: pack(*write()))
        else:
            body, headers = pack(*write())
        if key is not None and q.may_cache() and not isinstance(q, Words):
            self.answers.put(key, stamp, (body, headers))
        return "ok", web.Response(body=body, headers=headers)

    async def _stamp(self, viewer: Viewer) -> tuple[int, ...]:
        """Return the versions on which a cacheable answer to this viewer depends."""
        names = ("library", f"marks:{viewer.user_id}", "accounts", "ratings")
        stamp = self.app.db.stamp(names)
        if None in stamp:
            return tuple([await self.app.db.version(name) for name in names])
        return stamp

    def _refusal(self, endpoint: type[Request] | None, params: dict, error: Failure) -> web.Response:
        code = GENERIC
        if isinstance(error, Missing):
            code = MISSING
        elif isinstance(error, NotFound):
            code = NOT_FOUND
        elif isinstance(error, Forbidden):
            code = FORBIDDEN
        response = _with_status(endpoint, _failed(params, code, str(error)), STATUS.get(code, 400))
        if isinstance(error, Unavailable):
            response.headers["Retry-After"] = str(error.retry_after_s)
            if endpoint is not None and endpoint.media:
                response.set_status(429)
        return response


def refused_method(request: web.Request, methods: tuple[str, ...] = METHODS) -> web.Response:
    """Answer what browsers ask before they call from another site, and refuse what nobody should send."""
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=PREFLIGHT)
    return web.Response(status=405, headers={"Allow": ", ".join((*methods, "OPTIONS"))})


async def parameters(request: web.Request, params: dict[str, list[str]], large: asyncio.Semaphore) -> None:
    """Put the parameters of address and form into `params`; a refused form leaves those of the address there.

    So many `large` forms are read at once: what they hold is held before anybody has signed in.
    """
    _add(params, request.rel_url.raw_query_string)
    if request.method == "POST" and request.content_type == FORM and request.can_read_body:
        if (request.content_length or LARGE_FORM) < LARGE_FORM:
            _add(params, await _form(request))
        else:
            async with large:
                _add(params, await _form(request))


async def _form(request: web.Request) -> str:
    try:
        async with asyncio.timeout(FORM_S):
            return (await request.read()).decode()
    except UnicodeDecodeError:
        raise Invalid("The form is not UTF-8.") from None
    except web.HTTPRequestEntityTooLarge:
        raise Invalid("The form is too long: 10 MB at most.") from None
    except (TimeoutError, web.RequestPayloadError):
        raise Invalid("The form did not arrive whole.") from None


def _add(params: dict[str, list[str]], text: str) -> None:
    if text.count("&") > PARAMETERS_MAX:
        raise Invalid(f"There are more than {PARAMETERS_MAX} parameters.")
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if not name:
            continue
        if "%" in value or "+" in value:
            value = unquote_plus(value)
        if "%" in name or "+" in name:
            name = unquote_plus(name)
        if name in params:
            params[name].append(value)
        else:
            params[name] = [value]


def _one(params: dict[str, list[str]], name: str) -> str | None:
    found = params.get(name)
    return found[0] if found else None


def _check_version(params: dict[str, list[str]]) -> None:
    """Refuse another major version of the protocol; anything newer within ours is welcome."""
    major = (_one(params, "v") or "1").partition(".")[0]
    if major.isdigit() and int(major) != 1:
        newer = int(major) > 1
        raise Refused(30 if newer else 20, "This server speaks version 1 of the protocol.")


def _key(call: Call, endpoint: type[Request], params: dict) -> tuple:
    rest = tuple([(name, *params[name]) for name in sorted(params) if name not in CREDENTIALS])
    callback = _one(params, "callback") if call.fmt == "jsonp" else None
    return endpoint.wire, call.viewer.user_id, call.fmt, callback, call.quirks, _reads_gzip(call.request), rest


def _is_long(reply: object) -> bool:
    return isinstance(reply, Shape) and _rows(reply) > LONG


def _rows(reply: Shape) -> int:
    """Return how many rows a reply has, in its lists and in lists of these."""
    lists = [each for each in vars(reply).values() if type(each) is tuple and each]
    # Shapes may stand beside rows that are stored faces.
    return sum(len(each) + sum(_rows(row) for row in each if isinstance(row, Shape)) for each in lists)


def _packed(call: Call, body: bytes, content_type: str) -> tuple[bytes, dict[str, str]]:
    """Return the answer, compressed where it pays and the client can read it, and its headers."""
    headers = {**call.headers, "Content-Type": content_type}
    if len(body) >= COMPRESSED_FROM:
        headers["Vary"] = "Accept-Encoding"
        if _reads_gzip(call.request):
            headers["Content-Encoding"] = "gzip"
            body = igzip.compress(body, 1)
    return body, headers


def _reads_gzip(request: web.Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _with_status(endpoint: type[Request] | None, response: web.Response, status: int) -> web.Response:
    if endpoint is not None and endpoint.by_status:
        response.set_status(status)
    return response


def _failed(params: dict, code: int, message: str, help_url: str | None = None) -> web.Response:
    body, content_type = failure(code, message, _one(params, "f") or "xml", _one(params, "callback"), help_url)
    return web.Response(body=body, headers={"Content-Type": content_type})
