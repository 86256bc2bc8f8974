"""Scanning: how far a scan is, and starting one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.kernel import jobs
from server.kernel.db import Connection
from server.kernel.errors import Forbidden
from server.library import tracks
from server.users.people import Viewer
from subsonic import endpoints, shapes
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(endpoints.GetScanStatus)
async def scan_status(call: Call, q: endpoints.GetScanStatus) -> shapes.ScanStatus:
    return await call.db.read(_status, call.viewer)


@handles(endpoints.StartScan)
async def start_scan(call: Call, q: endpoints.StartScan) -> shapes.ScanStatus:
    if not call.viewer.is_admin:
        raise Forbidden("Only an administrator may start a scan.")
    await asyncio.to_thread(call.app.queue.submit, call.db, "scan", **({"full": True} if q.full_scan else {}))
    return await call.db.read(_status, call.viewer)


def _status(db: Connection, viewer: Viewer) -> shapes.ScanStatus:
    scanning, job = jobs.active(db, "scan"), jobs.latest(db, "scan")
    count = tracks.count(db, viewer.libraries)
    if scanning and job and job.state == jobs.RUNNING:
        count = job.progress.get("seen", count)
    return shapes.ScanStatus(scanning=scanning, count=count, last_scan=job.ended_ms if job else None)
