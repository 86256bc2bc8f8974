"""Podcasts of the fake server: it reads a feed while it is asked to, and knows nothing of caches or schedules."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from xml.etree import ElementTree

from conformance.tests.fake_endpoints import Query, Refusal, State
from conformance.tests.fake_library import NOW, Person
from conformance.tests.fake_things import needs_role

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"


class Podcasts:
    state: State

    def get_podcasts(self, who: Person, q: Query):
        rows = list(self.state.channels.values())
        if q.text("id") is not None:
            rows = [self._channel(q.need("id"))]
        with_episodes = q.flag("includeEpisodes", True)
        return {"channel": [{n: v for n, v in row.items() if with_episodes or n != "episode"} for row in rows]}

    def _channel(self, id_: str) -> dict[str, Any]:
        if id_ not in self.state.channels:
            raise Refusal(70, "there is no such podcast")
        return self.state.channels[id_]

    def _episode(self, id_: str) -> dict[str, Any]:
        found = [e for c in self.state.channels.values() for e in c.get("episode", []) if e["id"] == id_]
        if not found:
            raise Refusal(70, "there is no such episode")
        return found[0]

    def get_newest_podcasts(self, who: Person, q: Query):
        rows = [e for c in self.state.channels.values() for e in c.get("episode", [])]
        rows.sort(key=lambda e: e["publishDate"], reverse=True)
        return {"episode": rows[: q.number("count", 20, 0)]}

    def get_podcast_episode(self, who: Person, q: Query):
        return self._episode(q.need("id"))

    def refresh_podcasts(self, who: Person, q: Query):
        needs_role(who, "podcastRole")

    def create_podcast_channel(self, who: Person, q: Query):
        needs_role(who, "podcastRole")
        url = q.need("url")
        if not url.startswith(("http://", "https://")):
            raise Refusal(0, "no http address")
        id_ = self.state.mint("pc")
        made = {"id": id_, "url": url, "status": "error", "errorMessage": "cannot be read"}
        try:
            with urlopen(url, timeout=5) as answer:
                made = read(self.state, id_, url, answer.read())
        except (URLError, ElementTree.ParseError, OSError):
            pass
        self.state.channels[id_] = made

    def delete_podcast_channel(self, who: Person, q: Query):
        needs_role(who, "podcastRole")
        del self.state.channels[self._channel(q.need("id"))["id"]]

    def delete_podcast_episode(self, who: Person, q: Query):
        needs_role(who, "podcastRole")
        one = self._episode(q.need("id"))
        one["status"] = "skipped"
        self.state.sounds.pop(one.pop("streamId", ""), None)

    def download_podcast_episode(self, who: Person, q: Query):
        needs_role(who, "podcastRole")
        one = self._episode(q.need("id"))
        with urlopen(one["path"], timeout=5) as answer:
            self.state.sounds[f"st-{one['id']}"] = answer.read()
        one |= {"status": "completed", "streamId": f"st-{one['id']}"}


def read(state: State, id_: str, url: str, document: bytes) -> dict[str, Any]:
    """A channel from its feed."""
    found = ElementTree.fromstring(document).find("channel")
    episodes = []
    for item in found.iterfind("item"):
        when = parsedate_to_datetime(item.findtext("pubDate")).astimezone(UTC)
        episodes.append({
            "id": state.mint("pe"), "isDir": False, "title": item.findtext("title"), "channelId": id_,
            "description": item.findtext("description"), "status": "skipped", "created": NOW,
            "publishDate": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "duration": int(item.findtext(f"{ITUNES}duration")), "path": item.find("enclosure").get("url"),
            "type": "podcast", "mediaType": "podcast"})
    return {"id": id_, "url": url, "title": found.findtext("title"), "description": found.findtext("description"),
            "status": "completed", "episode": episodes}
