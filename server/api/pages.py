"""What a browser and a monitor see: the page at `/`, `/health`, `/metrics`, and a word for every other address."""

import asyncio
import logging

from aiohttp import web

from server import VERSION
from server.api import analysis, home, look, measures, state
from server.app import App
from server.kernel.errors import Unavailable
from server.stream.transcode import Transcoder
from server.users import addresses

log = logging.getLogger("familiar.pages")

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src '{look.STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
PLAIN = {name: value for name, value in HEADERS.items() if name.startswith("X-")} | {"Cache-Control": "no-store"}


def mount(router: web.UrlDispatcher, app: App) -> None:
    """Give the pages their addresses, and every address that nobody else has its 404; to be mounted last."""
    pages = Pages(app)
    base = app.config.base_path
    router.add_get(f"{base}/", pages.home)
    if base:
        router.add_get(base, pages.slash)
    router.add_get(f"{base}/health", pages.health)
    router.add_get(f"{base}/metrics", pages.metrics)
    router.add_route("*", "/{tail:.*}", pages.nothing)


class Pages:
    """The handlers; HEAD comes with GET."""

    def __init__(self, app: App):
        self.app = app
        self.base = app.config.base_path
        self.trusted = addresses.networks(app.config.trusted_proxies)
        self.worker = state.WorkerWatch(app.db, app.queue)

    async def home(self, request: web.Request) -> web.Response:
        """Tell a browser what this is and how to connect an app."""
        address = addresses.origin(request, self.trusted) + self.base
        found = await state.gather(self.app)
        return _page(home.page(address, found, self.base))

    async def slash(self, request: web.Request) -> web.Response:
        raise web.HTTPPermanentRedirect(f"{self.base}/")

    async def health(self, request: web.Request) -> web.Response:
        """Say how the server is, in JSON: 200 when it can serve, 503 when it cannot."""
        database = {"kind": self.app.db.dialect.name, "ok": True}
        try:
            found, worker = await self._looked()
        except Exception as error:
            if isinstance(error, Unavailable):
                log.warning("the health cannot be told: %s", error)
            else:
                log.exception("the database does not answer")
            told = {"status": "down", "version": VERSION, "database": database | {"ok": False}}
            return web.json_response(told, status=503, headers=PLAIN)
        troubles = state.troubles(self.app, found, worker)
        return web.json_response(
            {
                "status": "degraded" if troubles else "ok",
                "version": VERSION,
                "problems": troubles,
                "database": database,
                "worker": {"state": worker, "waiting_jobs": _waiting(found)},
                "ffmpeg": getattr(self.app.part(Transcoder).encoder, "version", None),
                "libraries": [_library(found, each) for each in found.libraries],
                "scan": _scan(found),
                "analysis": analysis.brief(found.analysis),
            },
            headers=PLAIN,
        )

    async def metrics(self, request: web.Request) -> web.Response:
        """Give all counters in Prometheus' text format."""
        found, worker = await self._looked()
        text = self.app.metrics.text(measures.gauges(self.app, found, worker))
        return web.Response(
            body=text.encode(), headers=PLAIN | {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    async def nothing(self, request: web.Request) -> web.Response:
        """Say that there is nothing at this address, in the form that the asker reads."""
        if "text/html" in request.headers.get("Accept", ""):
            return _page(home.nothing(f"{self.base}/"), status=404)
        return web.json_response({"error": "There is nothing at this address."}, status=404, headers=PLAIN)

    async def _looked(self) -> tuple[state.State, str]:
        found = await state.gather(self.app)
        return found, await asyncio.to_thread(self.worker.told)


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def _library(found: state.State, library) -> dict:
    size = found.sizes.get(library.id, state.NOTHING)
    told = {"name": library.name, "online": library.online, **size._asdict(), "scanned_ms": library.scanned_ms}
    return told if library.online else told | {"reason": state.public(library.reason)}


def _scan(found: state.State) -> dict:
    job = found.scan
    if job is None:
        return {"running": found.scanning, "progress": {}, "ended_ms": None, "state": None}
    return {"running": found.scanning, "progress": job.progress, "ended_ms": job.ended_ms, "state": job.state}


def _waiting(found: state.State) -> int:
    return sum(number for (_, how), number in found.jobs.items() if how == "waiting")
