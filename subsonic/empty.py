"""Lists that clients ask for unasked and that are empty here: podcasts.

An error would end a client's synchronisation half-way; an empty list shows an empty page. Whoever builds one of these
takes it out of here; the calls that would change something are unsupported until then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from subsonic.endpoints import GetNewestPodcasts, GetPodcasts
from subsonic.protocol import handles
from subsonic.shapes import NewestPodcasts, Podcasts

if TYPE_CHECKING:
    from subsonic.mount import Call
    from subsonic.protocol import Request, Shape

EMPTY = {
    GetNewestPodcasts: NewestPodcasts(),
    GetPodcasts: Podcasts(),
}


def _always(reply: Shape) -> Callable:
    async def nothing(call: Call, q: Request) -> Shape:
        return reply

    return nothing


for _request, _reply in EMPTY.items():
    handles(_request)(_always(_reply))
