"""System: the probes that clients begin with.

The list of extensions holds only what works to the end: clients switch to an
extension as soon as they see its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.library import sonic
from subsonic.endpoints import GetLicense, GetOpenSubsonicExtensions, Ping, TokenInfo
from subsonic.protocol import handles
from subsonic.shapes import License, OpenSubsonicExtension
from subsonic.shapes import TokenInfo as Owner

if TYPE_CHECKING:
    from subsonic.mount import Call

EXTENSIONS = {
    "apiKeyAuthentication": (1,),
    "formPost": (1,),
    "getPodcastEpisode": (1,),
    "indexBasedQueue": (1,),
    "playbackReport": (1,),
    "songLyrics": (1, 2),
    "topSongsByArtistId": (1,),
    "transcodeOffset": (1,),
    "transcoding": (1,),
}


@handles(Ping)
async def ping(call: Call, q: Ping) -> None:
    """Who comes this far is signed in."""


@handles(GetLicense)
async def license_of_this_server(call: Call, q: GetLicense) -> License:
    return License(valid=True)


@handles(GetOpenSubsonicExtensions)
async def extensions(call: Call, q: GetOpenSubsonicExtensions) -> tuple[OpenSubsonicExtension, ...]:
    offered = dict(EXTENSIONS)
    if await call.db.read(sonic.active, call.app.parts.get(sonic.Engine)):
        offered["sonicSimilarity"] = (1,)
    return tuple(OpenSubsonicExtension(name=name, versions=versions) for name, versions in offered.items())


@handles(TokenInfo)
async def owner_of_the_key(call: Call, q: TokenInfo) -> Owner:
    return Owner(username=call.viewer.name)
