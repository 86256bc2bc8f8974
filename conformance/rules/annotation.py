"""Marks: stars and ratings. They belong to one account; whoever is not asked sees none of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.model import MUST, SHOULD, expect, rule
from conformance.site import Site


def _song(site: Site, by=None) -> dict:
    return site.read("getSong", by, id=site.song["id"])


def _kinds(site: Site) -> tuple[tuple[str, str, str], ...]:
    """The parameter of star, the endpoint that shows the mark, and the id, for each kind of thing."""
    return (("id", "getSong", site.song["id"]), ("albumId", "getAlbum", site.album["id"]),
            ("artistId", "getArtist", site.artist["id"]))


@contextmanager
def unstarred(site: Site) -> Iterator[None]:
    """The sample's song, album and artist without a star, now and after."""
    marks = {name: id_ for name, _, id_ in _kinds(site)}
    site.later(lambda: site.ask("unstar", marks))
    for name, _, id_ in _kinds(site):
        site.ask("unstar", {name: id_})
    yield
    site.ask("unstar", marks)


@rule("shows", MUST, "A star shows on the song, the album, the artist itself.", "star", needs="write songs")
def star_shows(site: Site, endpoint: str) -> None:
    with unstarred(site):
        for name, shown, id_ in _kinds(site):
            site.reply(endpoint, **{name: id_})
            got = site.read(shown, id=id_).get("starred")
            expect(got, f"after {name}={id_} {shown} says starred {got!r}")


@rule("gone", MUST, "What is not starred has no starred field at all: clients read an empty one as a star.", "unstar",
      needs="write songs")
def unstar_gone(site: Site, endpoint: str) -> None:
    with unstarred(site):
        for name, shown, id_ in _kinds(site):
            site.reply("star", **{name: id_})
            site.reply(endpoint, **{name: id_})
            one = site.read(shown, id=id_)
            expect("starred" not in one, f"after {name}={id_} {shown} says starred {one.get('starred')!r}")


@rule("twice", MUST, "To star what is starred, or to unstar what is not, is ok and changes nothing.", "star", "unstar",
      needs="write songs")
def star_twice(site: Site, endpoint: str) -> None:
    with unstarred(site):
        site.reply(endpoint, id=site.song["id"])
        first = _song(site).get("starred")
        site.reply(endpoint, id=site.song["id"])
        expect(_song(site).get("starred") == first, f"starred {first!r}, then {_song(site).get('starred')!r}")


@rule("any", SHOULD, "An album and an artist may be named by id, and the same id by all three names at once.", "star",
      needs="write songs")
def star_any(site: Site, endpoint: str) -> None:
    with unstarred(site):
        for _, shown, id_ in _kinds(site)[1:]:
            site.reply(endpoint, id=id_)
            expect("starred" in site.read(shown, id=id_), f"id={id_} left no star in {shown}")
        song = site.song["id"]
        site.reply(endpoint, id=song, albumId=song, artistId=song)
        expect("starred" in _song(site), "the same id three times left no star")


@rule("several", MUST, "Several songs are starred and unstarred in one call.", "star", "unstar", needs="write songs")
def star_several(site: Site, endpoint: str) -> None:
    ids = [site.song["id"], site.others[0]["id"]]
    before = [site.read("getSong", id=id_).get("starred") for id_ in ids]
    free = [id_ for id_, starred in zip(ids, before, strict=True) if not starred]
    site.later(lambda: site.ask("unstar", {"id": free}))
    site.reply("star", id=ids)
    expect(all("starred" in site.read("getSong", id=id_) for id_ in ids), "not all of two songs are starred")
    if endpoint == "unstar" and free:
        site.reply(endpoint, id=free)
        expect(not any("starred" in site.read("getSong", id=id_) for id_ in free), "not all are unstarred")


@rule("own", MUST, "A star is the account's own: another account does not see it.", "star",
      needs="write songs second")
def star_own(site: Site, endpoint: str) -> None:
    song = {"id": site.song["id"]}
    if "starred" in _song(site, site.second):
        site.later(lambda: site.ask(endpoint, song, account=site.second))
        site.reply("unstar", site.second, **song)
    with unstarred(site):
        site.reply(endpoint, **song)
        after = _song(site, site.second).get("starred")
        expect(after is None, f"another account sees starred {after!r}")


@contextmanager
def unrated(site: Site) -> Iterator[None]:
    before = _song(site).get("userRating") or 0
    site.later(lambda: site.ask("setRating", {"id": site.song["id"], "rating": before}))
    site.reply("setRating", id=site.song["id"], rating=0)
    yield
    site.reply("setRating", id=site.song["id"], rating=before)


@rule("values", MUST, "A rating of 1 to 5 shows as userRating; 0 takes it away.", "setRating", needs="write songs")
def rating_values(site: Site, endpoint: str) -> None:
    with unrated(site):
        for rating in (1, 2, 3, 4, 5):
            site.reply(endpoint, id=site.song["id"], rating=rating)
            got = _song(site).get("userRating")
            expect(got == rating, f"rating={rating} shows as {got!r}")
        site.reply(endpoint, id=site.song["id"], rating=0)
        expect("userRating" not in _song(site), f"after rating=0 userRating is {_song(site).get('userRating')!r}")


@rule("limits", MUST, "A rating below 0 or above 5 is refused and changes nothing.", "setRating", needs="write songs")
def rating_limits(site: Site, endpoint: str) -> None:
    with unrated(site):
        site.reply(endpoint, id=site.song["id"], rating=2)
        for rating in (6, -1, 99):
            site.refused(endpoint, (0, 10), id=site.song["id"], rating=rating)
            expect(_song(site).get("userRating") == 2, f"rating={rating} was refused, and changed the rating")


@rule("album", SHOULD, "Albums and artists can be rated.", "setRating", needs="write songs")
def rating_album(site: Site, endpoint: str) -> None:
    album = site.read("getAlbum", id=site.album["id"])
    back = album.get("userRating") or 0
    site.later(lambda: site.ask(endpoint, {"id": album["id"], "rating": back}))
    site.reply(endpoint, id=album["id"], rating=4)
    got = site.read("getAlbum", id=album["id"]).get("userRating")
    expect(got == 4, f"rating=4 of an album shows as {got!r}")
    site.reply(endpoint, id=album["id"], rating=back)


@rule("own", MUST, "A rating is the account's own: another account does not see it.", "setRating",
      needs="write songs second")
def rating_own(site: Site, endpoint: str) -> None:
    with unrated(site):
        before = _song(site, site.second).get("userRating")
        site.reply(endpoint, id=site.song["id"], rating=5 if before != 5 else 1)
        expect(_song(site, site.second).get("userRating") == before, "another account's rating changed")
