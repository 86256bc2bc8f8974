"""What the fake server sends in other ways: HLS, videos with captions, decided transcodes, songs that sound alike."""

import json
from typing import Any

from conformance.tests.fake_endpoints import Query, Refusal, State, Status, find
from conformance.tests.fake_library import DURATION_S, SIZE, Person, library, marked, transcoded
from conformance.tests.fake_marks import File

PLAYLIST = "application/vnd.apple.mpegurl"
VIDEO = {"id": "vi-1", "isDir": False, "title": "A Film", "isVideo": True, "type": "video", "mediaType": "video",
         "suffix": "mp4", "contentType": "video/mp4", "size": SIZE, "duration": 60}
CAPTIONS = {"vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n", "srt": "1\n00:00:01,000 --> 00:00:02,000\nHello\n"}


class Streams:
    state: State

    def hls(self, who: Person, q: Query):
        song = find("song", q.need("id"))
        if not who.roles.get("streamRole"):
            raise Refusal(50, "may not stream")
        rates = [rate for rate in q.all("bitRate") if not rate.isdigit()]
        if rates:
            raise Refusal(0, "bitRate is no number")
        if len(set(q.all("bitRate"))) > 1:
            lines = [line for rate in q.all("bitRate")
                     for line in (f"#EXT-X-STREAM-INF:BANDWIDTH={int(rate) * 1000}", f"/variant/{rate}")]
            return File(PLAYLIST, "\n".join(["#EXTM3U", *lines, ""]).encode(), ranges=False)
        return File(PLAYLIST, self.playlist(song["id"]).encode(), ranges=False)

    def playlist(self, id_: str) -> str:
        parts = "".join(f"#EXTINF:4.0,\n/part/{id_}/{n}.aac\n" for n in range(DURATION_S // 4))
        return f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n{parts}#EXT-X-ENDLIST\n"

    def hls_keys(self) -> set[str]:
        return set(library()["song"])


class Videos:
    state: State

    def get_videos(self, who: Person, q: Query):
        return {"video": [dict(VIDEO)]}

    def _video(self, q: Query) -> None:
        if q.need("id") != VIDEO["id"]:
            raise Refusal(70, "there is no such video")

    def get_video_info(self, who: Person, q: Query):
        self._video(q)
        return {"id": VIDEO["id"], "captions": [{"id": "ca-1", "name": "Deutsch"}],
                "audioTrack": [{"id": "at-1", "name": "Deutsch", "languageCode": "de"}], "conversion": []}

    def get_captions(self, who: Person, q: Query):
        self._video(q)
        form = q.text("format", "srt")
        if form not in CAPTIONS:
            raise Refusal(0, "srt or vtt")
        return File({"vtt": "text/vtt", "srt": "application/x-subrip"}[form], CAPTIONS[form].encode(), ranges=False)


class Decisions:
    """The song is FLAC: a player either takes that, or MP3 made from it."""

    state: State

    def get_transcode_decision(self, who: Person, q: Query):
        song, kind = find("song", q.need("mediaId")), q.need("mediaType")
        player = read_player(q.body)
        if kind not in ("song", "podcast"):
            raise Refusal(0, "no such mediaType")
        direct = any("flac" in p["containers"] and "flac" in p["audioCodecs"] for p in player["directPlayProfiles"])
        direct = direct and not any(keeps_out(limit) for p in player["codecProfiles"] for limit in p["limitations"])
        decided: dict[str, Any] = {"canDirectPlay": direct, "canTranscode": not direct, "sourceStream": {
            "protocol": "http", "container": "flac", "codec": "flac", "audioChannels": 2, "audioBitrate": 700_000}}
        if not direct:
            decided |= {"transcodeReason": ["audio codec not supported"], "transcodeParams": f"p-{song['id']}",
                        "transcodeStream": {"protocol": "http", "container": "mp3", "codec": "mp3"}}
        return decided

    def get_transcode_stream(self, who: Person, q: Query):
        id_, given = q.need("mediaId"), q.need("transcodeParams")
        q.need("mediaType")
        song = find("song", id_)
        if given != f"p-{song['id']}":
            raise Status(410)
        seconds = max(1, DURATION_S - q.number("offset", 0, 0))
        return File("audio/mpeg", transcoded("mp3", seconds, 128), ranges=False)


def read_player(body: bytes) -> dict[str, Any]:
    try:
        player = json.loads(body)
        for profile in player["codecProfiles"]:
            if profile["type"] != "AudioCodec":
                raise ValueError(profile["type"])
        return player
    except (ValueError, KeyError, TypeError):
        raise Refusal(0, "no such player") from None


def keeps_out(limit: dict[str, Any]) -> bool:
    """Whether a limit that must hold does not: the song has two channels."""
    return limit["required"] and limit["comparison"] == "GreaterThanEqual" and int(limit["values"][0]) > 2


class Sonic:
    state: State

    def get_sonic_similar_tracks(self, who: Person, q: Query):
        song = find("song", q.need("id"))
        others = [s for s in library()["song"].values() if s["id"] != song["id"]][: q.number("count", 10, 0)]
        return [{"entry": marked(who, s), "similarity": round(1 / (n + 2), 4)} for n, s in enumerate(others)]

    def find_sonic_path(self, who: Person, q: Query):
        first, last = find("song", q.need("startSongId")), find("song", q.need("endSongId"))
        count = q.number("count", 25, 2)
        between = [s for s in library()["song"].values() if s["id"] not in (first["id"], last["id"])]
        path = [first, *between[: max(0, min(count, 6) - 2)], last]
        return [{"entry": marked(who, s), "similarity": -1} for s in path]
