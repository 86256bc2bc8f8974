"""What a server can do wrong with what it lists: albums, searches, playlists; and the rule that must name it.

A misdeed stands in for one handler of the fake server; `right` is the handler that does it right.
"""


import re
from collections.abc import Callable
from typing import Any

from conformance.tests.fake import Fake
from conformance.tests.fake_endpoints import Refusal
from conformance.tests.faults import Fault


def done(endpoint: str, rule: str, name: str, make: Callable[[Callable, Any, Any], Any]) -> Fault:
    """The server does something else: `make(right, who, query)` stands in for the handler."""
    def apply(fake: Fake) -> None:
        method = re.sub(r"([A-Z])", r"_\1", endpoint).lower()
        right = getattr(fake, method)
        setattr(fake, method, lambda who, q: make(right, who, q))

    return Fault(f"{endpoint} {name}", endpoint, rule, apply)


def named(make: Callable) -> str:
    return make.__name__.replace("_", " ")


def removes_one_by_one(right: Callable, who: Any, q: Any) -> None:
    for at in q.values.pop("songIndexToRemove", []):
        one = right.__self__._mine(who, q.need("playlistId"))
        if at.isdigit() and int(at) < len(one["songs"]):
            one["songs"].pop(int(at))
    right(who, q)


def keeps_comment(right: Callable, who: Any, q: Any) -> None:
    if q.text("comment") == "":
        del q.values["comment"]
    right(who, q)


def says_nothing(right: Callable, who: Any, q: Any) -> None:
    right(who, q)


def appends(right: Callable, who: Any, q: Any) -> Any:
    if "playlistId" in q.values:
        q.values["songId"] = right.__self__._mine(who, q.need("playlistId"))["songs"] + q.all("songId")
    return right(who, q)


def once_each(right: Callable, who: Any, q: Any) -> Any:
    q.values["songId"] = list(dict.fromkeys(q.all("songId")))
    return right(who, q)


def open_to_all(right: Callable, who: Any, q: Any) -> Any:
    """Whoever asks is taken for the owner."""
    state = right.__self__.state
    for one in state.playlists.values():
        if one["id"] in (q.text("id"), q.text("playlistId")):
            owner = state.people[one["owner"]]
            return right(owner, q)
    return right(who, q)


def of_all(right: Callable, who: Any, q: Any) -> Any:
    playlists = right.__self__
    return {"playlist": [playlists._row(p) for p in playlists.state.playlists.values()]}


def overlaps(right: Callable, who: Any, q: Any) -> Any:
    """Every page begins one entry too early."""
    if q.number("offset", 0):
        q.values["offset"] = [str(q.number("offset") - 1)]
    return right(who, q)


def overlapping_songs(right: Callable, who: Any, q: Any) -> Any:
    if q.number("songOffset", 0):
        q.values["songOffset"] = [str(q.number("songOffset") - 1)]
    return right(who, q)


def never_ends(right: Callable, who: Any, q: Any) -> Any:
    """Past the end the first page comes again."""
    found = right(who, q)
    if not found["album"]:
        q.values["offset"] = ["0"]
        found = right(who, q)
    return found


def cuts_at_ten(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return {"album": found["album"][:10]}


def refuses_past_end(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    if not found.get("song") and not found.get("album"):
        raise Refusal(70, "nothing there")
    return found


def refuses_negative(right: Callable, who: Any, q: Any) -> Any:
    if (q.number("offset") or q.number("songOffset") or 0) < 0:
        raise Refusal(0, "an offset below zero")
    return right(who, q)


def ignores_size(right: Callable, who: Any, q: Any) -> Any:
    q.values["size"] = ["20"]
    return right(who, q)


def needs_a_query(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return found if q.text("query") not in ("", '""') else {"artist": [], "album": [], "song": []}


def turns(right: Callable, who: Any, q: Any) -> Any:
    """The order turns with every call."""
    found = right(who, q)
    right.__self__.state.minted += 1
    for kind in ("song", "album", "artist"):
        if right.__self__.state.minted % 2:
            found[kind] = found[kind][::-1]
    return found


def exact_case(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    words = q.text("query", "").split()
    return found | {"song": [s for s in found["song"] if all(word in s["title"] for word in words)]}


def ascii_only(right: Callable, who: Any, q: Any) -> Any:
    q.values["query"] = [q.text("query", "").encode("ascii", "replace").decode()]
    return right(who, q)


def always_twenty(right: Callable, who: Any, q: Any) -> Any:
    q.values["songCount"] = ["20"]
    return right(who, q)


def lenient(right: Callable, who: Any, q: Any) -> Any:
    """Numbers that are none count as not given."""
    q.values = {name: v for name, v in q.values.items() if v != ["nonsense"]}
    return right(who, q)


def up_only(right: Callable, who: Any, q: Any) -> Any:
    if q.text("type") == "byYear":
        q.values["fromYear"], q.values["toYear"] = (
            [str(n)] for n in sorted((int(q.need("fromYear")), int(q.need("toYear")))))
    return right(who, q)


def all_years(right: Callable, who: Any, q: Any) -> Any:
    if q.text("type") == "byYear":
        q.values["fromYear"], q.values["toYear"] = ["0"], ["9999"]
    return right(who, q)


def forgets_letters(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return found | {"index": found["index"][:1]} if "musicFolderId" in q.values else found


def random_again(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return {"album": [*found["album"][:-1], *found["album"][:1]]} if q.text("type") == "random" else found


def forgets_half(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return found | {"song": found["song"][::2]} if "musicFolderId" in q.values else found


def only_my_own(right: Callable, who: Any, q: Any) -> Any:
    q.values.pop("username", None)
    return right(who, q)


def _without(right: Callable, who: Any, q: Any, name: str) -> Any:
    q.values.pop(name, None)
    return right(who, q)


BEHAVIOUR = [
    ("getAlbumList2", "pages.random", random_again), ("search3", "crawl.folder", forgets_half),
    ("getPlaylists", "others.admin", only_my_own), ("updatePlaylist", "removes", removes_one_by_one),
    ("updatePlaylist", "describes", keeps_comment), ("createPlaylist", "answers", says_nothing),
    ("createPlaylist", "replaces", appends), ("createPlaylist", "answers", once_each),
    ("updatePlaylist", "private.write", open_to_all), ("updatePlaylist", "public.write", open_to_all),
    ("deletePlaylist", "private.write", open_to_all), ("createPlaylist", "private.write", open_to_all),
    ("getPlaylist", "private", open_to_all), ("getPlaylists", "private", of_all),
    ("deletePlaylist", "deletes", lambda right, who, q: None), ("getAlbumList2", "pages.once", overlaps),
    ("getAlbumList2", "pages.once", never_ends), ("getAlbumList", "pages.once", overlaps),
    ("getAlbumList2", "pages.once", cuts_at_ten), ("getSongsByGenre", "pages.genre", overlaps),
    ("getAlbumList2", "offset.huge", refuses_past_end), ("search3", "offset.huge", refuses_past_end),
    ("search3", "offset.negative", refuses_negative), ("getAlbumList2", "offset.negative", refuses_negative),
    ("getAlbumList2", "size.default", ignores_size), ("getAlbumList2", "year.order", up_only),
    ("getAlbumList", "year.order", all_years), ("search3", "crawl.all", needs_a_query),
    ("search3", "crawl.all", overlapping_songs), ("search3", "crawl.stable", turns), ("search3", "pages.text", turns),
    ("search2", "pages.text", overlapping_songs), ("search3", "finds.script", ascii_only),
    ("search3", "finds", exact_case), ("search2", "finds", exact_case), ("search3", "counts", always_twenty),
    ("search2", "crawl.folders", needs_a_query), ("getAlbumList2", "wrong", lenient),
    ("getSongsByGenre", "wrong", lenient), ("search3", "wrong", lenient),
    ("getRandomSongs", "random.once", lambda right, who, q: {"song": right(who, q)["song"][:1] * 7}),
    ("getIndexes", "index.modified", lambda right, who, q: _without(right, who, q, "ifModifiedSince")),
    ("getArtists", "folder.restricts", forgets_letters),
]
MISDEEDS = [done(endpoint, rule, named(make), make) for endpoint, rule, make in BEHAVIOUR]
