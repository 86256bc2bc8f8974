"""What a server can do wrong with what is somebody's own: marks, plays, queues, accounts, files; and who must name it.

A misdeed stands in for one handler of the fake server; `right` is the handler that does it right.
"""

from collections.abc import Callable
from typing import Any

from conformance.tests.fake_endpoints import Refusal
from conformance.tests.fake_library import NOW, library
from conformance.tests.misdeeds import done, lenient, named


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


def forgets_password(right: Callable, who: Any, q: Any) -> Any:
    q.values.pop("password", None)
    return right(who, q)


def _strict_scrobble(right: Callable, who: Any, q: Any) -> None:
    if any(id_ not in library()["song"] for id_ in q.all("id")):
        raise Refusal(70, "no such song")
    right(who, q)


BEHAVIOUR = [
    ("updateUser", "password", forgets_password), ("setRating", "limits", takes_any_rating),
    ("setRating", "values", keeps_zero), ("setRating", "own", for_all),
    ("scrobble", "announces", counts_announcements), ("scrobble", "counts", counts_twice),
    ("scrobble", "twice", counts_twice), ("scrobble", "batch", counts_first_only),
    ("scrobble", "batch.bad", lambda right, who, q: _strict_scrobble(right, who, q)),
    ("star", "twice", refuses_twice), ("star", "twice", restarred), ("star", "own", for_all),
    ("star", "shows", only_songs), ("unstar", "gone", lambda right, who, q: None),
    ("createBookmark", "kept", in_seconds), ("getBookmarks", "own", of_everybody),
    ("createBookmark", "replaced", lambda right, who, q: right(who, q) if not who.bookmarks else None),
    ("deleteBookmark", "deleted", lambda right, who, q: None), ("savePlayQueue", "kept", turns_queue),
    ("savePlayQueueByIndex", "repeats", forgets_repeats),
    ("savePlayQueue", "clears", lambda right, who, q: right(who, q) if q.all("id") else None),
    ("getPlayQueue", "own", of_everybody), ("getUsers", "forbidden", anyone_is_admin),
    ("getUser", "forbidden", anyone_is_admin), ("createUser", "forbidden.write", anyone_is_admin),
    ("deleteUser", "forbidden.write", anyone_is_admin), ("updateUser", "no.promotion", anyone_is_admin),
    ("changePassword", "forbidden.write", anyone_is_admin), ("createUser", "roles.unasked", gives_all_roles),
    ("updateUser", "changes", resets_roles), ("changePassword", "password", keeps_password),
    ("deleteUser", "deleted", keeps_password), ("stream", "not.counted", counts_streams),
    ("stream", "raw", converts_raw), ("stream", "offset", no_offset), ("getCoverArt", "image.scaled", large),
    ("getCoverArt", "image.scaled", large), ("stream", "role", any_role), ("download", "role", any_role),
    ("savePlayQueue", "wrong", lenient), ("getNowPlaying", "playing.listed", lambda right, who, q: {"entry": []}),
    ("getStarred2", "starred.all", lambda right, who, q: {"artist": [], "album": [], "song": []}),
    ("reportPlayback", "report.shows", lambda right, who, q: None),
]
MISDEEDS = [done(endpoint, rule, named(make), make) for endpoint, rule, make in BEHAVIOUR]
