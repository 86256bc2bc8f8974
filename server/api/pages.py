"""What a browser and a monitor see: the page at `/`, `/health` and `/metrics`."""

from aiohttp import web

from server import VERSION
from server.app import App
from server.kernel import jobs
from server.kernel.db import Connection
from server.library import libraries
from server.stream.transcode import Transcoder


def mount(router: web.UrlDispatcher, app: App) -> None:
    """Give the pages their addresses."""
    base = app.config.base_path

    async def on_health(request: web.Request) -> web.Response:
        return await health(app)

    async def on_metrics(request: web.Request) -> web.Response:
        return await metrics(app)

    router.add_get(f"{base}/health", on_health)
    router.add_get(f"{base}/metrics", on_metrics)


async def health(app: App) -> web.Response:
    """Say how the server is, in JSON."""
    found = await app.db.read(_state)
    return web.json_response({"status": "ok", "version": VERSION, **found})


async def metrics(app: App) -> web.Response:
    """Give all counters in Prometheus' text format."""
    transcoder: Transcoder = app.part(Transcoder)
    gauges = {"transcodes_running": ("Encoders that run now.", {"": transcoder.running})}
    return web.Response(text=app.metrics.text(gauges), content_type="text/plain", charset="utf-8")


def _state(db: Connection) -> dict:
    job = jobs.latest(db, "scan")
    return {
        "libraries": [{"name": library.name, "online": library.online} for library in libraries.everything(db)],
        "scan": {"running": jobs.active(db, "scan"), "progress": job.progress if job else {}},
    }
