"""`/api` for those who are signed in: who asks, and how a refusal looks.

People sign in here as in `/rest`, by the parameters u and p, u, t and s, or
apiKey; scripts may send `Authorization` instead. A refusal is a page of problem
details (RFC 9457). The rule a newcomer would break: no cookie counts and no
answer asks a browser for Basic, so no page of another site can act for anybody.
"""

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from server.app import App
from server.kernel.errors import Conflict, Failure, Forbidden, Invalid, NotFound, Unavailable
from server.kernel.named import loaded
from server.users.addresses import networks, peer
from server.users.people import Viewer
from server.users.signin import CONFLICTING, MISSING, WRONG, Refused, SignIn

log = logging.getLogger("familiar.api")

Handler = Callable[[web.Request, Viewer], Awaitable[web.StreamResponse]]
STATUS = {NotFound: 404, Forbidden: 403, Invalid: 400, Conflict: 409, Unavailable: 503}
CLIENT = "api"
BODY_S = 60.0
"""How long a body may take to arrive."""
JSON_BYTES = 1 << 20
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, ETag, Location, Retry-After",
    "X-Content-Type-Options": "nosniff",
}
PREFLIGHT = {
    "Access-Control-Allow-Headers": "Content-Type, Authorization, Accept, If-Match, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Given(NamedTuple):
    """What a request brought to sign in with, as `SignIn.identify` takes it."""

    u: str | None = None
    p: str | None = None
    t: str | None = None
    s: str | None = None
    api_key: str | None = None


class Signed:
    """Gives addresses below `/api` their handlers, and handlers their viewer."""

    def __init__(self, router: web.UrlDispatcher, app: App):
        self.app = app
        self._router, self._trusted = router, networks(app.config.trusted_proxies)

    def add(self, path: str, **handlers: Handler) -> None:
        """Serve `/api` + path, one handler for each method: `add("/shares", GET=listed, POST=made)`."""
        if "GET" in handlers:
            handlers.setdefault("HEAD", handlers["GET"])
        methods = ", ".join(sorted({*handlers, "OPTIONS"}))

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.method == "OPTIONS":
                return web.Response(status=204, headers=CORS | PREFLIGHT | {"Access-Control-Allow-Methods": methods})
            if request.method not in handlers:
                return problem(405, f"This address takes {methods}.", Allow=methods)
            began = time.perf_counter()
            outcome, response = await self._answer(request, handlers[request.method])
            self.app.metrics.count(f"api{path}", outcome, time.perf_counter() - began)
            if not response.prepared:
                response.headers.update(CORS)
                response.headers.setdefault("Cache-Control", "no-store")
            return response

        self._router.add_route("*", f"{self.app.config.base_path}/api{path}", answer)

    def later(self, where: str, paths: Mapping[str, Mapping[str, str]]) -> None:
        """Serve paths by methods of a class, `"package.module:Class"`, that is imported and made when somebody asks.

        `paths`: for each address below `/api` the name of the method that answers each HTTP method.
        """

        @cache
        def made() -> Any:
            return loaded(where)(self.app)

        def handler(method: str) -> Handler:
            async def handle(request: web.Request, viewer: Viewer) -> web.StreamResponse:
                return await getattr(made(), method)(request, viewer)

            return handle

        for path, methods in paths.items():
            self.add(path, **{verb: handler(method) for verb, method in methods.items()})

    async def _answer(self, request: web.Request, handler: Handler) -> tuple[str, web.StreamResponse]:
        try:
            return "ok", await handler(request, await self._viewer(request))
        except Refused as refused:
            return "refused", _refusal(refused)
        except Failure as failure:
            return "failed", _failure(failure)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return "error", problem(500, "Something went wrong here; the server's log says what.")

    async def _viewer(self, request: web.Request) -> Viewer:
        signin: SignIn = self.app.part(SignIn)
        # A proxy may ask for a Basic sign-in of its own and pass it on: what stands in the address counts first.
        given = Given(*(request.query.get(name) for name in ("u", "p", "t", "s", "apiKey")))
        if given == Given():
            given = _of_header(request.headers.get("Authorization", ""))
        place = peer(request, self._trusted)
        return signin.identify_fast(*given, place, CLIENT) or await signin.identify(*given, place, CLIENT)


async def body(request: web.Request, max_bytes: int) -> bytes:
    """Return a request's body. Raises Invalid when it is longer than this or does not arrive."""
    if (request.content_length or 0) > max_bytes:
        raise Invalid(f"This is too large: {_size(max_bytes)} at most.")
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.content.iter_any():
                found += chunk
                if len(found) > max_bytes:
                    raise Invalid(f"This is too large: {_size(max_bytes)} at most.")
    except (TimeoutError, web.RequestPayloadError):
        raise Invalid("The body of the request did not arrive whole.") from None
    return bytes(found)


async def json_body(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that a request brought. Raises Invalid."""
    # Also what keeps a form on a page of another site from being taken for a request: it cannot say this.
    if request.content_type != "application/json":
        raise Invalid("Send a JSON object, with 'Content-Type: application/json'.")
    try:
        found = orjson.loads(await body(request, JSON_BYTES))
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise Invalid("The body has to be a JSON object.")
    return found


def answer(value: Any, status: int = 200, **headers: str) -> web.Response:
    """Return a JSON answer; `ETag="…"`, `Retry_After="…"` are headers."""
    body = orjson.dumps(value)
    return web.Response(body=body, status=status, content_type="application/json", headers=_headers(headers))


def problem(status: int, detail: str, **headers: str) -> web.Response:
    """Return a refusal as problem details."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(
        body=orjson.dumps(told), status=status, content_type="application/problem+json",
        headers=CORS | _headers(headers),
    )  # fmt: skip


def _headers(named: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}


def _of_header(text: str) -> Given:
    scheme, _, value = text.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value:
        return Given(api_key=value)
    if scheme.lower() == "basic":
        try:
            name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if colon:
            return Given(u=name, p=password)
        raise Refused(WRONG, "The Authorization header cannot be read.")
    if scheme:
        raise Refused(WRONG, "Sign in with 'Authorization: Bearer' and an API key, or with Basic.")
    return Given()


def _refusal(refused: Refused) -> web.Response:
    if refused.wait_s:
        return problem(429, str(refused), Retry_After=str(refused.wait_s))
    if refused.code == CONFLICTING:
        return problem(400, str(refused))
    sentence = f"{refused} Or send 'Authorization: Bearer' and an API key." if refused.code == MISSING else str(refused)
    return problem(401, sentence, WWW_Authenticate='Bearer realm="Familiar"')


def _failure(failure: Failure) -> web.Response:
    status = next(status for kind, status in STATUS.items() if isinstance(failure, kind))
    if isinstance(failure, Unavailable):
        return problem(status, str(failure), Retry_After=str(failure.retry_after_s))
    return problem(status, str(failure))


def _size(count: int) -> str:
    return f"{count >> 20} MB" if count >> 20 else f"{count >> 10} kB"
