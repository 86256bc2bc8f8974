"""`/share/…`: what somebody shared, for whoever has its address; no account, and no cookie but for a password.

Every handler begins with `_reached`, which looks the share up as it is now: what is revoked, over, or no longer its
owner's to hear is gone with the next request. The rule a newcomer would break: a track, a picture or a file is read
with the rights of the share's owner, and only when the share holds it.
"""

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

from aiohttp import web
from isal import igzip

from server.api import sharepage, signed
from server.api.guests import COOKIE, PASS_S, Passes, Passwords, Visits
from server.api.sharepage import Place, Songs
from server.app import App
from server.kernel.db import Connection, long
from server.kernel.errors import Conflict, Failure, Forbidden, Invalid, NotFound, Unavailable
from server.library.artwork import Artwork
from server.library.facts import TrackFile
from server.playlists import contents, shares
from server.playlists.shares import Gone, Open, Share
from server.stream import archive, decide, send
from server.stream.decide import Default, Limits, Wish
from server.stream.transcode import Transcoder
from server.users import addresses
from server.users.signin import SignIn

log = logging.getLogger("familiar.shares")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STATUS = {Gone: 410, NotFound: 404, Forbidden: 403, Invalid: 400, Conflict: 409, Unavailable: 503}
ASSETS = {"page.css": "text/css", "page.js": "text/javascript"}
FORM_BYTES = 8192
ZIPS_MAX, ZIPS_EACH = 16, 4
"""How many are sent at once, and how many of them to one place."""
COVER_SIDE = 600
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
MEDIA = {name: HEADERS[name] for name in ("X-Robots-Tag", "Referrer-Policy", "Cache-Control")}


class Locked(Forbidden):
    """This share has a password, and it was not given yet."""


def mount(router: web.UrlDispatcher, app: App) -> None:
    """Give shares their addresses."""
    front = Front(app)
    top = f"{app.config.base_path}/share"
    for name in ASSETS:
        router.add_get(f"{top}/{name}", front.asset)
    one = f"{top}/{{share}}"
    router.add_get(one, front.guarded("page", front.page))
    router.add_post(one, front.guarded("password", front.password))
    for path, name, handler in (
        ("cover", "cover", front.cover),
        ("cover/{track}", "cover", front.cover),
        ("stream/{track}", "stream", front.stream),
        ("download", "zip", front.zip),
        ("download/{track}", "download", front.download),
        ("songs.m3u8", "m3u", front.m3u),
    ):
        router.add_get(f"{one}/{path}", front.guarded(name, handler))


class Front:
    """The handlers; HEAD comes with GET."""

    def __init__(self, app: App):
        self.app, self.base = app, app.config.base_path
        self.trusted = addresses.networks(app.config.trusted_proxies)
        signin: SignIn = app.part(SignIn)
        self.passes, self.passwords = Passes(signin.key), Passwords(signin.limiter)
        self.visits = Visits(app.db)
        self.zips: Counter[str] = Counter()
        self.assets = {name: Path(__file__).with_name(f"share{name[4:]}").read_bytes() for name in ASSETS}
        self.versions = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self.assets.items()}
        self.place = Place(f"{self.base}/share", self.versions)

    def guarded(self, name: str, handler: Handler) -> Handler:
        """Return a handler that answers a failure in words, and is counted."""

        async def answer(request: web.Request) -> web.StreamResponse:
            began, outcome = time.perf_counter(), "ok"
            try:
                return await handler(request)
            except Failure as failure:
                outcome = "failed"
                return self._refusal(request, failure)
            except (web.HTTPException, ConnectionError):
                raise
            except Exception:
                outcome = "error"
                log.exception("share %s failed", name)
                return self._said(request, 500, "Something went wrong here. Whoever runs this server can look it up.")
            finally:
                self.app.metrics.count(f"share {name}", outcome, time.perf_counter() - began)

        return answer

    async def asset(self, request: web.Request) -> web.Response:
        """Send the page's style or script, for good where the address names the very version."""
        name = request.path.rpartition("/")[2]
        kept = request.query.get("v") == self.versions[name]
        return web.Response(body=self.assets[name], content_type=ASSETS[name], charset="utf-8", headers={
            "Cache-Control": "public, max-age=31536000, immutable" if kept else "no-cache",
            "X-Content-Type-Options": "nosniff",
        })  # fmt: skip

    async def page(self, request: web.Request) -> web.Response:
        """Show what is shared, or ask for the password."""
        try:
            found = await self._reached(request)
        except Locked:
            return self._locked(request, "")
        songs = await self.app.db.read(_songs, found)
        if request.method == "GET":
            await self._noted(request, found.share)
        home = f"{addresses.home(request, self.app.config)}/share/{found.share.token}"
        # Five thousand songs are 3.4 MB that take 40 ms, and others are listening.
        written = await asyncio.to_thread(sharepage.page, self.place, home, songs, self.app.ids.text)
        response = self._html(written, more={"Vary": "Accept-Encoding"})
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.headers["Content-Encoding"] = "gzip"
            response.body = igzip.compress(response.body, 1)
        return response

    async def password(self, request: web.Request) -> web.Response:
        """Take the password from the page's form, and let in whoever knows it."""
        share = (await self.app.db.read(shares.reach, request.match_info["share"])).share
        path = f"{self.base}/share/{share.token}"
        response = web.Response(status=303, headers=HEADERS | {"Location": path})
        if not share.password_hash:
            return response
        form = parse_qs((await signed.body(request, FORM_BYTES)).decode("utf-8", "replace"))
        given = form.get("password", [""])[0]
        try:
            if not given or not await self.passwords.right(share, given, self._peer(request)):
                return self._locked(request, "This is not the password." if given else "")
        except Unavailable as wait:
            return self._locked(request, str(wait), 429, {"Retry-After": str(wait.retry_after_s)})
        safe = addresses.home(request, self.app.config).startswith("https:")
        response.set_cookie(COOKIE, self.passes.make(share), path=path, max_age=PASS_S, httponly=True, samesite="Lax",
                            secure=safe)  # fmt: skip
        return response

    async def cover(self, request: web.Request) -> web.Response:
        """Send the picture of the share, or of one of its tracks."""
        found = await self._reached(request)
        if "track" in request.match_info:
            thing = self.app.ids.text("tr", self._track(request, found))
        elif found.alone:
            thing = self.app.ids.text(*found.first)
        else:
            thing = self.app.ids.text("tr", found.track_ids[0])
        size = _number(request.query.get("size", "")) or COVER_SIDE
        response = await self.app.part(Artwork).respond(request, found.owner, thing, size)
        response.headers.update(MEDIA)
        return response

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send a track: as it is, or as opus or mp3 where the browser cannot play that."""
        found = await self._reached(request)
        track = await self.app.db.read(shares.file, found, self._track(request, found))
        await self._noted(request, found.share)
        transcoder: Transcoder = self.app.part(Transcoder)
        wanted = request.query.get("format", "")
        wish = Wish(wanted if wanted in ("opus", "mp3") else "", 0, _number(request.query.get("start", "")))
        limits = Limits(found.owner.max_bitrate_kbps, Default(), transcoder.encoder is not None)
        plan = decide.plan(track, wish, limits)
        # All guests of one person together count as one more person: they never take an encoder from their host.
        return await transcoder.stream(request, track, plan, -found.owner.user_id, MEDIA)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send a track to be saved, where that is allowed."""
        found = await self._saving(request)
        track = await self.app.db.read(shares.file, found, self._track(request, found))
        return await send.send_file(
            request, track.path, content_type=track.content_type, size=track.size_bytes, mtime_ns=track.mtime_ns,
            headers=MEDIA, attachment_name=_file_name(track),
        )  # fmt: skip

    async def zip(self, request: web.Request) -> web.StreamResponse:
        """Send everything as one zip, where that is allowed."""
        found = await self._saving(request)
        place = self._peer(request)
        if self.zips.total() >= ZIPS_MAX or self.zips[place] >= ZIPS_EACH:
            raise Unavailable("Others are saving just now. Try again in a minute.", retry_after_s=60)
        self.zips[place] += 1
        try:
            files = await self.app.db.read(shares.files, found)
            width = len(str(len(files)))
            named = [(f"{at:0{width}} {_file_name(track)}", track.path) for at, track in enumerate(files, 1)]
            inside = await asyncio.to_thread(archive.members, named)
            title = (await self.app.db.read(_songs, found)).title
            return await archive.answer(request, inside, f"{archive.clean(title)}.zip", partial(self._saves, request))
        finally:
            self.zips[place] -= 1
            self.zips += Counter()

    async def m3u(self, request: web.Request) -> web.Response:
        """List the tracks for a player that is no browser; behind a password each address brings a pass along."""
        found = await self._reached(request)
        songs = await self.app.db.read(_songs, found)
        home = f"{addresses.home(request, self.app.config)}/share/{found.share.token}"
        key = f"?pass={self.passes.make(found.share)}" if found.share.password_hash else ""
        lines = ["#EXTM3U"]
        for track in songs.tracks:
            name = " ".join(" - ".join(filter(None, (track.artist, track.title))).split())
            lines += [f"#EXTINF:{track.length_ms // 1000},{name}",
                      f"{home}/stream/{self.app.ids.text('tr', track.id)}{key}"]  # fmt: skip
        head = MEDIA | {"Content-Disposition": send.attachment(f"{archive.clean(songs.title)}.m3u8")}
        text = "\n".join(lines) + "\n"
        return web.Response(text=text, content_type="audio/x-mpegurl", charset="utf-8", headers=head)

    async def _reached(self, request: web.Request) -> Open:
        """Return the share of this request as it is now. Raises NotFound, Gone, and Locked without its password."""
        found = await self.app.db.read(shares.reach, request.match_info["share"])
        if found.share.password_hash:
            given = request.cookies.get(COOKIE) or request.query.get("pass", "")
            if not self.passes.fits(found.share, given):
                raise Locked("This share has a password. Open its page first.")
        return found

    async def _saving(self, request: web.Request) -> Open:
        found = await self._reached(request)
        if not found.saves:
            raise Forbidden("This share is for listening only.")
        return found

    async def _saves(self, request: web.Request) -> bool:
        """Tell whether the guest may still save: a zip takes its time, and a share can end meanwhile."""
        try:
            return bool(await self._saving(request))
        except (NotFound, Forbidden):
            return False

    def _track(self, request: web.Request, found: Open) -> int:
        number = self.app.ids.number("tr", request.match_info["track"])
        if number not in found.track_ids:
            raise NotFound("This song is not shared here.")
        return number

    async def _noted(self, request: web.Request, share: Share) -> None:
        await self.visits.note(share.token, self._peer(request), request.headers.get("User-Agent", ""))

    def _peer(self, request: web.Request) -> str:
        return addresses.peer(request, self.trusted)

    def _locked(self, request: web.Request, said: str, status: int = 403, more: dict | None = None) -> web.Response:
        path = f"{self.base}/share/{request.match_info['share']}"
        return self._html(sharepage.locked(self.place, path, said), status, more)

    def _refusal(self, request: web.Request, failure: Failure) -> web.Response:
        status = next(status for kind, status in STATUS.items() if isinstance(failure, kind))
        more = {"Retry-After": str(failure.retry_after_s)} if isinstance(failure, Unavailable) else None
        return self._said(request, status, str(failure), more)

    def _said(self, request: web.Request, status: int, sentence: str, more: dict | None = None) -> web.Response:
        if "text/html" in request.headers.get("Accept", ""):
            return self._html(sharepage.refused(self.place, status, sentence), status, more)
        return web.Response(text=f"{sentence}\n", status=status, headers=MEDIA | (more or {}))

    def _html(self, text: str, status: int = 200, more: dict | None = None) -> web.Response:
        headers = HEADERS | (more or {})
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)


@long
def _songs(db: Connection, found: Open) -> Songs:
    """Return what the page tells of a share."""
    tracks = contents.told(db, found.owner, found.track_ids)
    name, artist = contents.name(db, found.owner, found.first) if found.alone else ("", "")
    return Songs(found, tracks, name, artist)


def _file_name(track: TrackFile) -> str:
    name = " - ".join(filter(None, (track.artist, track.title)))
    return f"{archive.clean(name)}.{track.suffix}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
