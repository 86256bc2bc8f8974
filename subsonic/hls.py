"""HLS: a song as a list of parts, for players that fetch music so; and what belongs to videos, of which there are none.

Players fetch what a list names without signing in by themselves, so its addresses carry what the call was signed with:
exactly that, and a password only where there was no token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from server.kernel.clock import Kbps
from server.kernel.errors import Invalid, NotFound, Unavailable
from server.library import playables
from server.stream import decide, hls
from server.stream.hls import Cutter, Variant
from subsonic import media
from subsonic.endpoints import GetCaptions, Hls
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

CARRIED = ("u", "p", "t", "s", "apiKey", "v", "c")
VARIANTS_MAX = 20
KBPS_MAX = 100_000


@handles(Hls)
async def play_list(call: Call, q: Hls) -> web.StreamResponse:
    track = await call.db.read(playables.file, call.viewer, playables.number(call.ids, q.id))
    wished, limits = _bit_rates(q.bit_rate), await media.limits(call)
    plans = {plan.bitrate_kbps: plan for plan in (decide.in_parts(track, kbps, limits) for kbps in wished)}
    cutter: Cutter = call.app.part(Cutter)
    if len(plans) > 1 and q.segment is None:
        variants = [Variant(kbps, _address(call, "m3u8", id=q.id, bitRate=kbps)) for kbps in plans]
        return _list(hls.master(variants))
    (kbps, plan), *_ = plans.items()
    if q.segment is not None:
        try:
            return await cutter.send(call.request, track, plan, call.viewer.user_id, q.segment)
        except Unavailable as error:
            # hls.js gives up on any status from 400 to 499, and asks again after this one.
            return web.Response(status=503, text=str(error), headers={"Retry-After": str(error.retry_after_s)})
    frames = await cutter.frames(track, plan, call.viewer.user_id)
    return _list(hls.media(
        frames, plan.rate_hz, lambda number: _address(call, "aac", id=q.id, bitRate=kbps, segment=number)
    ))  # fmt: skip


@handles(GetCaptions)
async def captions(call: Call, q: GetCaptions):
    raise NotFound("There is no such video.")


def _bit_rates(texts: tuple[str, ...]) -> list[Kbps]:
    """Return the bit rates that were asked for, without the size of the picture that some of them name."""
    if len(texts) > VARIANTS_MAX:
        raise Invalid(f"There are {VARIANTS_MAX} bit rates at most in one list.")
    found = []
    for text in texts or ("0",):
        number = text.partition("@")[0]
        if not (number.isascii() and number.isdigit() and len(number) < 9 and int(number) <= KBPS_MAX):
            raise Invalid(f"A bit rate is a number of kbit/s such as 128, not '{text[:40]}'.")
        found.append(int(number))
    return found


def _address(call: Call, ending: str, **params) -> str:
    """Return where something is, beside the list that names it."""
    carried = {name: call.params[name][0] for name in CARRIED if name in call.params}
    if "t" in carried and "s" in carried:
        carried.pop("p", None)
    return f"hls.{ending}?{urlencode(params | carried)}"


def _list(text: str) -> web.Response:
    headers = {"Content-Type": hls.LIST_TYPE, "Cache-Control": "private, no-store"}
    return web.Response(body=text.encode(), headers=headers)
