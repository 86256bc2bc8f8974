"""What a server can do wrong, one thing at a time, and the rule that must name it.

A misdeed stands in for one handler of the fake server; `right` is the handler that does it right.
"""

import re
from collections.abc import Callable
from typing import Any

from conformance.tests.fake import Fake
from conformance.tests.fake_endpoints import Refusal
from conformance.tests.fake_library import NOW, library
from conformance.tests.faults import Fault


def done(endpoint: str, rule: str, name: str, make: Callable[[Callable, Any, Any], Any]) -> Fault:
    """The server does something else: `make(right, who, query)` stands in for the handler."""
    def apply(fake: Fake) -> None:
        method = re.sub(r"([A-Z])", r"_\1", endpoint).lower()
        right = getattr(fake, method)
        setattr(fake, method, lambda who, q: make(right, who, q))

    return Fault(f"{endpoint} {name}", endpoint, rule, apply)


def takes_any_rating(right: Callable, who: Any, q: Any) -> None:
    who.rating[q.need("id")] = int(q.need("rating"))


def keeps_zero(right: Callable, who: Any, q: Any) -> None:
    right(who, q)
    who.rating.setdefault(q.need("id"), 0)


def counts_announcements(right: Callable, who: Any, q: Any) -> None:
    q.values["submission"] = ["true"]
    right(who, q)


def counts_twice(right: Callable, who: Any, q: Any) -> None:
    right(who, q)
    for id_ in q.all("id") if q.flag("submission", True) else []:
        who.plays.setdefault(id_, []).append(-len(who.plays.get(id_, [])) - 1)


def counts_first_only(right: Callable, who: Any, q: Any) -> None:
    for name in ("id", "time"):
        q.values[name] = q.all(name)[:1]
    right(who, q)


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


def restarred(right: Callable, who: Any, q: Any) -> None:
    right(who, q)
    stamps = right.__self__.state
    stamps.minted += 1
    for id_ in q.all("id"):
        who.starred[id_] = NOW.replace("16:52", f"17:{stamps.minted % 60:02d}")


def for_all(right: Callable, who: Any, q: Any) -> None:
    for person in right.__self__.state.people.values():
        right(person, q)


def refuses_twice(right: Callable, who: Any, q: Any) -> None:
    if q.text("id") in who.starred:
        raise Refusal(0, "already starred")
    right(who, q)


def only_songs(right: Callable, who: Any, q: Any) -> None:
    named = [*q.all("id"), *q.all("albumId"), *q.all("artistId")]
    q.values["id"] = [id_ for id_ in named if id_ in library()["song"]] or ["tr-1"]
    q.values["albumId"] = q.values["artistId"] = []
    right(who, q)


def in_seconds(right: Callable, who: Any, q: Any) -> Any:
    q.values["position"] = [str(int(q.need("position")) // 1000 * 1000)] if q.need("position").isdigit() else ["x"]
    return right(who, q)


def second_bookmark(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return {"bookmark": [*found["bookmark"], *found["bookmark"]]}


def of_everybody(right: Callable, who: Any, q: Any) -> Any:
    people = right.__self__.state.people
    return right(people["admin"], q)


def turns_queue(right: Callable, who: Any, q: Any) -> Any:
    q.values["id"] = q.all("id")[::-1]
    return right(who, q)


def forgets_repeats(right: Callable, who: Any, q: Any) -> Any:
    q.values["id"] = list(dict.fromkeys(q.all("id")))
    q.values["currentIndex"] = ["0"] if q.text("currentIndex") else []
    return right(who, q)


def anyone_is_admin(right: Callable, who: Any, q: Any) -> Any:
    return right(right.__self__.state.people["admin"], q)


def gives_all_roles(right: Callable, who: Any, q: Any) -> Any:
    right(who, q)
    person = right.__self__.state.people[q.need("username")]
    person.roles = dict.fromkeys(person.facts(), True)


def resets_roles(right: Callable, who: Any, q: Any) -> Any:
    for role in ("shareRole", "streamRole"):
        q.values.setdefault(role, ["false"])
    return right(who, q)


def keeps_password(right: Callable, who: Any, q: Any) -> Any:
    right.__self__._person(q)


def counts_streams(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    who.plays.setdefault(q.need("id"), []).append(len(who.plays.get(q.need("id"), [])))
    return found


def converts_raw(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    if q.text("format") == "raw":
        found.body = b"ID3" + found.body[3:]
    return found


def no_offset(right: Callable, who: Any, q: Any) -> Any:
    q.values["timeOffset"] = ["0"]
    return right(who, q)


def large(right: Callable, who: Any, q: Any) -> Any:
    q.values["size"] = ["300"]
    return right(who, q)


def any_role(right: Callable, who: Any, q: Any) -> Any:
    return right(right.__self__.state.people["admin"], q)


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


def _named(make: Callable) -> str:
    return make.__name__.replace("_", " ")


BEHAVIOUR = [
    ("setRating", "limits", takes_any_rating), ("setRating", "values", keeps_zero), ("setRating", "own", for_all),
    ("scrobble", "announces", counts_announcements), ("scrobble", "counts", counts_twice),
    ("scrobble", "twice", counts_twice), ("scrobble", "batch", counts_first_only),
    ("scrobble", "batch.bad", lambda right, who, q: _strict_scrobble(right, who, q)),
    ("updatePlaylist", "removes", removes_one_by_one), ("updatePlaylist", "describes", keeps_comment),
    ("createPlaylist", "answers", says_nothing), ("createPlaylist", "replaces", appends),
    ("createPlaylist", "answers", once_each), ("updatePlaylist", "private.write", open_to_all),
    ("updatePlaylist", "public.write", open_to_all), ("deletePlaylist", "private.write", open_to_all),
    ("createPlaylist", "private.write", open_to_all), ("getPlaylist", "private", open_to_all),
    ("getPlaylists", "private", of_all), ("deletePlaylist", "deletes", lambda right, who, q: None),
    ("getAlbumList2", "pages.once", overlaps), ("getAlbumList2", "pages.once", never_ends),
    ("getAlbumList", "pages.once", overlaps), ("getAlbumList2", "pages.once", cuts_at_ten),
    ("getSongsByGenre", "pages.genre", overlaps), ("getAlbumList2", "offset.huge", refuses_past_end),
    ("search3", "offset.huge", refuses_past_end), ("search3", "offset.negative", refuses_negative),
    ("getAlbumList2", "offset.negative", refuses_negative), ("getAlbumList2", "size.default", ignores_size),
    ("getAlbumList2", "year.order", up_only), ("getAlbumList", "year.order", all_years),
    ("search3", "crawl.all", needs_a_query), ("search3", "crawl.all", overlapping_songs),
    ("search3", "crawl.stable", turns), ("search3", "pages.text", turns), ("search2", "pages.text", overlapping_songs),
    ("search3", "finds.script", ascii_only), ("search3", "finds", exact_case), ("search2", "finds", exact_case),
    ("search3", "counts", always_twenty), ("search2", "crawl.folders", needs_a_query),
    ("star", "twice", refuses_twice), ("star", "twice", restarred), ("star", "own", for_all),
    ("star", "shows", only_songs), ("unstar", "gone", lambda right, who, q: None),
    ("createBookmark", "kept", in_seconds), ("getBookmarks", "own", of_everybody),
    ("createBookmark", "replaced", lambda right, who, q: right(who, q) if not who.bookmarks else None),
    ("deleteBookmark", "deleted", lambda right, who, q: None),
    ("savePlayQueue", "kept", turns_queue), ("savePlayQueueByIndex", "repeats", forgets_repeats),
    ("savePlayQueue", "clears", lambda right, who, q: right(who, q) if q.all("id") else None),
    ("getPlayQueue", "own", of_everybody), ("getUsers", "forbidden", anyone_is_admin),
    ("getUser", "forbidden", anyone_is_admin), ("createUser", "forbidden.write", anyone_is_admin),
    ("deleteUser", "forbidden.write", anyone_is_admin), ("updateUser", "no.promotion", anyone_is_admin),
    ("changePassword", "forbidden.write", anyone_is_admin), ("createUser", "roles.unasked", gives_all_roles),
    ("updateUser", "changes", resets_roles), ("changePassword", "password", keeps_password),
    ("deleteUser", "deleted", keeps_password), ("stream", "not.counted", counts_streams),
    ("stream", "raw", converts_raw), ("stream", "offset", no_offset), ("getCoverArt", "image.size", large),
    ("getCoverArt", "image.scaled", large),
    ("stream", "role", any_role), ("download", "role", any_role), ("getAlbumList2", "wrong", lenient),
    ("getSongsByGenre", "wrong", lenient), ("search3", "wrong", lenient), ("savePlayQueue", "wrong", lenient),
    ("getNowPlaying", "playing.listed", lambda right, who, q: {"entry": []}),
    ("getStarred2", "starred.all", lambda right, who, q: {"artist": [], "album": [], "song": []}),
    ("getRandomSongs", "random.once", lambda right, who, q: {"song": right(who, q)["song"][:1] * 7}),
    ("getIndexes", "index.modified", lambda right, who, q: _without(right, who, q, "ifModifiedSince")),
    ("getArtists", "folder.restricts", forgets_letters),
    ("reportPlayback", "report.shows", lambda right, who, q: None),
]


def _strict_scrobble(right: Callable, who: Any, q: Any) -> None:
    if any(id_ not in library()["song"] for id_ in q.all("id")):
        raise Refusal(70, "no such song")
    right(who, q)


def _without(right: Callable, who: Any, q: Any, name: str) -> Any:
    q.values.pop(name, None)
    return right(who, q)


MISDEEDS = [done(endpoint, rule, _named(make), make) for endpoint, rule, make in BEHAVIOUR]
