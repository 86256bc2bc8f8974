"""The transcoding extension: a client says what it can play, and gets what was decided for it.

What was decided travels with the client, signed and bound to its user, the song and the state of the file, so that
nothing has to be kept here and a client of yesterday is asked to come again (410) instead of hearing something else.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest
from typing import TYPE_CHECKING, NamedTuple

import orjson
from aiohttp import web

from server.kernel.clock import Kbps, Seconds
from server.kernel.errors import Forbidden, Invalid
from server.library import playables
from server.library.facts import TrackFile
from server.stream import decide, negotiate
from server.stream.decide import Limits, Plan, Transcode
from server.stream.negotiate import Abilities, Codec, Direct, Limitation, Sound, Target
from server.stream.profiles import PROFILES
from server.stream.transcode import Transcoder
from server.users.signin import SignIn
from subsonic.endpoints import GetTranscodeDecision, GetTranscodeStream
from subsonic.media import limits
from subsonic.protocol import handles
from subsonic.protocol.body import shaped
from subsonic.shapes import ClientInfo, StreamDetails, TranscodeDecision

if TYPE_CHECKING:
    from subsonic.mount import Call

BODY_BYTES = 1 << 20
LASTS_S: Seconds = 24 * 3600
PURPOSE = "transcode params"
SIGNATURE = 32


class Decided(NamedTuple):
    """What the parameters of a stream say, once they are known to be ours."""

    track: str
    user_id: int
    until_s: int
    file: list[int]
    """(mtime_ns, size_bytes)"""
    profile: str = ""
    """"" is the file as it is."""
    bitrate_kbps: Kbps = 0
    rate_hz: int = 0
    channels: int = 0


@handles(GetTranscodeDecision)
async def decision(call: Call, q: GetTranscodeDecision) -> TranscodeDecision:
    info = shaped(ClientInfo, await _body(call.request))
    track = await call.db.read(playables.file, call.viewer, playables.number(call.ids, q.media_id))
    verdict = negotiate.decide(track, _abilities(info), await limits(call))
    source = negotiate.of_file(track)
    plan = verdict.plan
    return TranscodeDecision(
        can_direct_play=verdict.direct,
        can_transcode=plan is not None,
        transcode_reason=verdict.reasons,
        error_reason=verdict.error or None,
        transcode_params=_signed(call, q.media_id, track, plan) if verdict.direct or plan else None,
        source_stream=_details(source),
        transcode_stream=_details(negotiate.of_plan(plan, source)) if plan else None,
    )


@handles(GetTranscodeStream)
async def stream(call: Call, q: GetTranscodeStream):
    decided = _read(call, q.transcode_params)
    if decided is not None and decided.user_id != call.viewer.user_id:
        raise Forbidden("This was decided for somebody else.")
    track = await call.db.read(playables.file, call.viewer, playables.number(call.ids, q.media_id))
    fresh = decided and decided.track == q.media_id and decided.file == [track.mtime_ns, track.size_bytes]
    plan = _plan(track, decided, q.offset, await limits(call)) if fresh else None
    if plan is None:
        return web.Response(status=410, text="What was decided no longer holds: ask getTranscodeDecision again.\n")
    return await call.app.part(Transcoder).stream(call.request, track, plan, call.viewer.user_id)


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) <= BODY_BYTES:
        data = await request.read()
        if len(data) <= BODY_BYTES:
            return data
    raise Invalid("The body is too long: 1 MB at most.")


def _abilities(info: ClientInfo) -> Abilities:
    return Abilities(
        tuple([Direct(p.containers, p.audio_codecs, p.protocols, p.max_audio_channels or 0)
               for p in info.direct_play_profiles]),
        tuple([Target(p.container, p.audio_codec, p.protocol, p.max_audio_channels or 0)
               for p in info.transcoding_profiles]),
        tuple([Codec(p.name, tuple([Limitation(each.name, each.comparison, each.values, each.required)
                                    for each in p.limitations])) for p in info.codec_profiles]),
        info.max_audio_bitrate or 0,
        info.max_transcoding_audio_bitrate or 0,
    )  # fmt: skip


def _details(sound: Sound) -> StreamDetails:
    return StreamDetails(
        protocol="http", container=sound.container, codec=sound.codec, audio_channels=sound.channels or None,
        audio_bitrate=sound.bit_s or None, audio_samplerate=sound.rate_hz or None,
        audio_bitdepth=sound.bit_depth or None,
    )  # fmt: skip


def _signed(call: Call, media_id: str, track: TrackFile, plan: Transcode | None) -> str:
    until_s = int(time.time()) + LASTS_S
    decided = Decided(media_id, call.viewer.user_id, until_s, [track.mtime_ns, track.size_bytes])
    if plan:
        decided = decided._replace(
            profile=plan.profile.name, bitrate_kbps=plan.bitrate_kbps, rate_hz=plan.rate_hz, channels=plan.channels
        )
    text = urlsafe_b64encode(orjson.dumps(list(decided))).decode().rstrip("=")
    return f"{text}.{_signature(call, text)}"


def _signature(call: Call, text: str) -> str:
    return call.app.part(SignIn).key.digest(PURPOSE, text)[:SIGNATURE]


def _read(call: Call, params: str) -> Decided | None:
    """Return what was decided, None where it is not ours or too old."""
    text, _, signature = params.partition(".")
    if not compare_digest(signature.encode(), _signature(call, text).encode()):
        return None
    decided = Decided(*orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    return decided if decided.until_s > time.time() else None


def _plan(track: TrackFile, decided: Decided, offset_s: Seconds, limits: Limits) -> Plan | None:
    """Return what was decided as a plan, or None where the account's limit has become lower since."""
    ceiling = limits.max_bitrate_kbps
    if not decided.profile:
        if 0 < ceiling * 1000 < negotiate.of_file(track).bit_s:
            return None
        return decide.plan(track, decide.Wish(time_offset_s=offset_s), Limits(can_transcode=limits.can_transcode))
    if 0 < ceiling < decided.bitrate_kbps:
        return None
    profile = PROFILES[decided.profile]
    offset_s = decide.heard_from(track, offset_s)
    return Transcode(
        profile, decided.bitrate_kbps, decided.rate_hz, decided.channels, offset_s,
        max(0, track.length_ms - offset_s * 1000), False,
    )  # fmt: skip
