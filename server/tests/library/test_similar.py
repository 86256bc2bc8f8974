"""What goes with what: by tags, by who sings along, by what people hear together and how they like it."""

import pytest

from server.kernel.errors import NotFound
from server.library import artists, info, listening, similar
from server.tests.shelf import Shelf
from server.users.people import Viewer

HOUR_MS = 3_600_000


@pytest.fixture
def music(shelf) -> Shelf:
    """Four albums: two of folk from the nineties, one of folk from long before, one of techno."""
    for folder, artist, genre, year, more in (
        ("a", "Ash", "Folk", 1995, {"mood": "Calm", "bpm": 90}), ("b", "Birch", "Folk", 1996, {}),
        ("c", "Cedar", "Folk", 1961, {}), ("d", "Drone", "Techno", 1995, {}),
    ):  # fmt: skip
        for at in range(1, 5):
            shelf.track(f"{folder}/{at}.flac", title=f"{artist} {at}", artist=artist, albumartist=artist,
                        album=f"{artist}'s", tracknumber=at, genre=genre, date=year, **more)  # fmt: skip
    shelf.scan()
    return shelf


def artist_ids(shelf: Shelf) -> dict[str, int]:
    return dict(shelf.rows("SELECT name, id FROM artist"))


def play(shelf: Shelf, user: int, *titles: str, at_ms: int = 10 * HOUR_MS, gap_ms: int = 240_000) -> None:
    """Put a sitting into the history, and count it."""
    known = shelf.titles()
    with shelf.db.writing() as conn:
        for at, title in enumerate(titles):
            conn.run("INSERT INTO play (user_id, track_id, played_ms) VALUES (:user, :track, :at)",
                     user=user, track=known[title], at=at_ms + at * gap_ms)  # fmt: skip
            artist = conn.value("SELECT artist_id FROM track WHERE id = :id", id=known[title])
            for kind, number in ((3, known[title]), (1, artist)):
                conn.run("INSERT INTO mark (user_id, kind, item_id, play_count) VALUES (:user, :kind, :id, 1)"
                         " ON CONFLICT (user_id, kind, item_id) DO UPDATE SET play_count = mark.play_count + 1",
                         user=user, kind=kind, id=number)  # fmt: skip


def like(shelf: Shelf, prefix: str, number: int, size: int = 50, viewer: Viewer | None = None) -> list[str]:
    names = {number: title for title, number in shelf.titles().items()}
    found = shelf.read(similar.tracks_like, viewer or shelf.viewer, prefix, number, size)
    return [names[each.id] for each in found]


def near(shelf: Shelf, name: str) -> list[str]:
    names = {number: name for name, number in artist_ids(shelf).items()}
    return [names[each] for each in shelf.read(similar.artists_like, shelf.viewer, artist_ids(shelf)[name], 20)]


def test_artists_of_the_same_genre_and_time_are_nearest(music):
    assert near(music, "Ash") == ["Birch", "Cedar"]


def test_who_sings_along_and_who_is_heard_by_the_same_people_is_near_too(music):
    music.track("a/5.flac", title="Duet", artist="Ash feat. Elm", albumartist="Ash", album="Ash's", tracknumber=5)
    music.scan()
    for user in (1, 2):
        play(music, user, "Ash 1", "Ash 2", "Drone 1", "Drone 2")
    assert set(near(music, "Ash")) == {"Birch", "Cedar", "Drone", "Elm"}
    assert near(music, "Ash").index("Drone") < near(music, "Ash").index("Cedar")


def test_songs_like_a_song_are_of_its_kind_and_never_itself(music):
    found = like(music, "tr", music.titles()["Ash 1"])
    assert "Ash 1" not in found and len(found) == len(set(found)) == 11
    assert not [title for title in found if title.startswith("Drone")]
    assert {title.split()[0] for title in found[:4]} == {"Ash", "Birch"}


def test_where_there_is_one_artist_only_a_list_is_as_long_as_it_was_asked_for(shelf):
    for at in range(1, 41):
        shelf.track(f"a/{at}.flac", title=f"Ash {at}", artist="Ash", albumartist="Ash", album="All", tracknumber=at)
    shelf.scan()
    assert len(like(shelf, "tr", shelf.titles()["Ash 1"], 30)) == 30
    assert len(like(shelf, "ar", artist_ids(shelf)["Ash"], 50)) == 40


def test_an_artist_an_album_and_a_folder_lead_somewhere_too(music):
    folder = music.rows("SELECT id FROM folder WHERE path = 'a'")[0][0]
    for prefix, number in (("ar", artist_ids(music)["Ash"]), ("al", music.album_ids()["Ash's"]), ("fo", folder)):
        found = like(music, prefix, number, 6)
        assert len(found) == 6 and {"Ash", "Birch"} <= {title.split()[0] for title in found}


def test_what_is_heard_in_the_same_sitting_goes_together(music):
    play(music, 1, "Ash 1", "Drone 3", at_ms=10 * HOUR_MS)
    play(music, 2, "Drone 3", "Ash 1", at_ms=30 * HOUR_MS)
    play(music, 1, "Drone 4", at_ms=20 * HOUR_MS)
    found = like(music, "tr", music.titles()["Ash 1"])
    assert found.index("Drone 3") < 4 and "Drone 4" not in found


def test_what_is_played_all_the_time_does_not_go_with_everything(music):
    for day in range(20):
        play(music, 1, "Drone 1", at_ms=day * 24 * HOUR_MS + HOUR_MS)
    play(music, 1, "Ash 1", "Drone 1", "Drone 2", at_ms=1000 * HOUR_MS)
    titles = music.titles()
    weights = music.read(listening.with_tracks, [titles["Ash 1"]])
    assert weights[titles["Drone 2"]] == 1.0 > weights[titles["Drone 1"]]


def test_a_song_that_the_viewer_does_not_like_is_left_out(music):
    music.write(_rate, music.viewer.user_id, music.titles()["Ash 2"], 1)
    assert "Ash 2" not in like(music, "tr", music.titles()["Ash 1"])
    other = Viewer(7, "other", music.viewer.roles, music.viewer.libraries)
    assert "Ash 2" in like(music, "tr", music.titles()["Ash 1"], viewer=other)


def _rate(db, user: int, track: int, rating: int) -> None:
    db.run("INSERT INTO mark (user_id, kind, item_id, rating) VALUES (:user, 3, :track, :rating)",
           user=user, track=track, rating=rating)  # fmt: skip


def test_nothing_leads_to_where_a_viewer_may_not_go(music):
    play(music, 1, "Ash 1", "Drone 3")
    stranger = Viewer(9, "stranger", frozenset(), ())
    for prefix, number in (("tr", music.titles()["Ash 1"]), ("ar", artist_ids(music)["Ash"]),
                           ("al", music.album_ids()["Ash's"])):  # fmt: skip
        with pytest.raises(NotFound):
            like(music, prefix, number, viewer=stranger)


def test_top_songs_are_those_played_here_then_the_famous_then_the_well_rated(music):
    ash = artist_ids(music)["Ash"]
    names = {number: title for title, number in music.titles().items()}
    play(music, 2, "Ash 3")
    found = music.read(artists.top_tracks, music.viewer, ash, 10, ("Nowhere", "ASH 4", "Ash 3"))
    assert [names[each] for each in found] == ["Ash 3", "Ash 4", "Ash 1", "Ash 2"]


def test_a_song_on_two_albums_is_one_top_song(music):
    music.track("best/1.flac", title="Ash 1", artist="Ash", albumartist="Ash", album="Best", date=2001)
    music.scan()
    names = {number: title for title, number in music.titles().items()}
    found = music.read(info.top_tracks, music.viewer, artist_ids(music)["Ash"], 10)
    assert len(found) == 4 and {names.get(each, "Ash 1") for each in found} == {f"Ash {at}" for at in range(1, 5)}
