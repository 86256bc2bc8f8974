"""Flow on both databases: what is ordered, what is said of each step, what is kept."""

from collections import Counter
from dataclasses import replace

import pytest

from ai import analyses, flow
from ai.analyses import OK, SILENT, Analysis, Value
from ai.flow import LAST, Pin
from ai.tests.hearing import facts
from server.app import App
from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.playlists import playlists
from server.playlists.contents import Item
from server.users.people import LISTENER, Viewer

KEYS = ("8A", "9A", "8B", "3B", "10A")


def varied(app: App) -> None:
    """Let tempo, key and energy of all tracks differ, within a style too."""
    with app.db.writing() as conn:
        for track, audio_hash in conn.rows("SELECT id, audio_hash FROM track WHERE missing_ms IS NULL"):
            own = track * 7919 % 97 / 97
            more = {
                "tempo_bpm": Value(100 + 60 * own, 0.9, "ours"), "camelot": Value(KEYS[track % 5], 0.9, "ours"),
                "energy": Value(own, 0.9, "ours"), "valence": Value(1 - own, 0.9, "ours"),
            }  # fmt: skip
            analyses.put(conn, audio_hash, 1, facts(1, **more), None, None, 1)


@pytest.fixture(scope="module")
def styles(heard) -> dict[int, int]:
    varied(heard.app)
    return heard.styles


@pytest.fixture
def viewer(heard) -> Viewer:
    return heard.viewer


@pytest.fixture
def own(library) -> list[int]:
    """Some tracks of a library of which a test may change what it likes; nothing can be compared in it."""
    varied(library)
    with library.db.reading() as conn:
        return [number for (number,) in conn.rows("SELECT id FROM track WHERE missing_ms IS NULL ORDER BY id")]


@pytest.fixture
def anna(library) -> Viewer:
    with library.db.reading() as conn:
        return Viewer(1, "anna", LISTENER, tuple(number for (number,) in conn.rows("SELECT id FROM library")))


def test_a_list_runs_better_and_each_step_says_how(conn, minds, viewer, styles):
    tracks = sorted(styles)[:18]
    found = flow.flow(conn, minds, viewer, tracks, "warm-up")
    assert sorted(found.order) == tracks and [tracks[place] for place in found.places] == found.order
    assert found.cost.cost < found.before.cost and found.cost.score > found.before.score
    assert found.cost.off_curve < found.before.off_curve and found.cost.repeats <= found.before.repeats
    assert len(found.transitions) == 17 and not found.unheard and found.sentence == ""
    known = analyses.of(conn, viewer, tracks)
    for one, other, step in zip(found.order, found.order[1:], found.transitions, strict=False):
        assert step.tempo == tuple(known[each].get("tempo_bpm") for each in (one, other))
        assert step.key == tuple(known[each].get("camelot") for each in (one, other))
        assert 0 <= step.score <= 1 and set(step.fits) == {"tempo", "key", "sound", "mood", "energy"}
        assert "tempo" in step.words[0] and "key" in step.words[1] and step.words[2].startswith("energy ")
        assert step.repeated == ("the same artist again" in step.words)
    assert flow.flow(conn, minds, viewer, tracks, "warm-up") == found


def test_sound_counts_where_sounds_can_be_compared(conn, minds, viewer, styles):
    tracks = sorted(styles)[:15]
    found = flow.flow(conn, minds, viewer, tracks)
    fits = [(styles[one] == styles[other], step.fits["sound"]) for one, other, step
            in zip(found.order, found.order[1:], found.transitions, strict=False)]  # fmt: skip
    assert min(fit for same, fit in fits if same) > max(fit for same, fit in fits if not same)


def test_pins_are_kept_also_of_a_song_that_is_there_twice(conn, minds, viewer, styles):
    one, two, *rest = sorted(styles)[:12]
    tracks = [*rest, one, two, one]
    found = flow.flow(conn, minds, viewer, tracks, "arc", [Pin(one, 0), Pin(two, 5), Pin(one, LAST)])
    assert (found.order[0], found.order[5], found.order[-1]) == (one, two, one)
    assert Counter(found.order) == Counter(tracks)


@pytest.mark.parametrize("pins", [
    [Pin(-1, 0)], [Pin(1, 99)], [Pin(1, -2)], [Pin(1, 0), Pin(2, 0)], [Pin(1, 0), Pin(1, 1)],
])  # fmt: skip
def test_pins_that_cannot_be_kept_are_refused(conn, minds, viewer, styles, pins):
    tracks = sorted(styles)[:4]
    real = [Pin(tracks[pin.track_id - 1] if pin.track_id > 0 else pin.track_id, pin.at) for pin in pins]
    with pytest.raises(Invalid):
        flow.flow(conn, minds, viewer, tracks, "flat", real)


@pytest.mark.parametrize("curve", ["up", [1], [0, 2], [0, "x"], [0, True], [0.5] * 2000, [float("nan"), 1]])
def test_a_curve_that_is_none_is_refused(conn, minds, viewer, curve):
    with pytest.raises(Invalid):
        flow.flow(conn, minds, viewer, [], curve)


def test_very_short_lists_are_ordered_too(conn, minds, viewer, styles):
    tracks = sorted(styles)[:3]
    for count in range(4):
        found = flow.flow(conn, minds, viewer, tracks[:count], "arc")
        assert sorted(found.order) == tracks[:count] and len(found.transitions) == max(0, count - 1)


def test_songs_that_were_not_listened_to_are_said_and_do_no_harm(library, minds, own, anna):
    tracks = own[:8]
    with library.db.writing() as conn:
        hashes = dict(conn.rows("SELECT id, audio_hash FROM track"))
        conn.run("DELETE FROM track_analysis WHERE audio_hash = :hash", hash=hashes[tracks[0]])
        analyses.put(conn, hashes[tracks[1]], 1, Analysis(SILENT, "Nothing can be heard.", {}), None, None, 1)
        analyses.put(conn, hashes[tracks[2]], 1, Analysis(OK, "", {}), None, None, 1)
    with library.db.reading() as conn:
        found = flow.flow(conn, minds, anna, tracks, "arc")
        assert sorted(found.order) == tracks and set(found.unheard) == set(tracks[:2])
        assert found.sentence.startswith("2 of 8 songs")
        step = found.transitions[max(0, found.order.index(tracks[0]) - 1)]
        assert "not listened to yet" in step.words and step.tempo is step.key is step.energy is None
        none = flow.flow(conn, minds, anna, tracks[:2], "arc")
        assert sorted(none.order) == tracks[:2] and none.cost.off_curve is None


def test_without_a_space_the_other_things_count(library, minds, own, anna):
    with library.db.reading() as conn:
        found = flow.flow(conn, minds, anna, own[:9], "arc")
    assert found.cost.cost < found.before.cost and "cannot be compared" in found.sentence
    assert {step.fits["sound"] for step in found.transitions} == {0.5}


def test_nobody_gets_what_they_may_not_hear(conn, minds, viewer, styles):
    tracks = sorted(styles)[::3]
    stranger = replace(viewer, libraries=())
    assert flow.flow(conn, minds, stranger, tracks[:9], "arc").order == []
    some = replace(viewer, libraries=viewer.libraries[:1])
    allowed = {number for (number,) in conn.rows("SELECT id FROM track WHERE library_id = :id",
                                                 id=viewer.libraries[0])}  # fmt: skip
    assert set(flow.flow(conn, minds, some, tracks).order) == allowed & set(tracks) != set(tracks)


def test_too_many_songs_are_refused(conn, minds, viewer, styles):
    with pytest.raises(Invalid):
        flow.flow(conn, minds, viewer, [min(styles)] * (flow.TRACKS_MAX + 1))


def test_a_list_is_made_from_seeds(conn, minds, viewer, styles):
    seeds = [track for track, style in styles.items() if style == 1][:2]
    found = flow.from_seeds(conn, minds, viewer, [Item("tr", seed) for seed in seeds], 10, "wind-down",
                            [Pin(seeds[1], 0)])  # fmt: skip
    assert len(found.order) == len(set(found.order)) == 10 and found.order[0] == seeds[1] and seeds[0] in found.order
    assert found.cost.score >= found.before.score and len(found.transitions) == 9
    assert Counter(styles[track] for track in found.order)[1] >= 8
    only = replace(viewer, libraries=viewer.libraries[:1])
    heard = set(flow.from_seeds(conn, minds, only, ["Folk"], 8).order)
    assert heard and heard == set(flow.flow(conn, minds, only, sorted(heard)).order)
    with pytest.raises(NotFound):
        flow.from_seeds(conn, minds, replace(viewer, libraries=()), [Item("tr", seeds[0])], 5)
    for count in (0, 101, 1):
        with pytest.raises(Invalid):
            flow.from_seeds(conn, minds, viewer, [Item("tr", seed) for seed in seeds], count)


def test_an_order_is_kept_by_whoever_owns_the_playlist_while_it_holds_the_same_songs(library, anna, own):
    one, two, three = own[:3]
    with library.db.writing() as conn:
        number = playlists.create(conn, anna, "Evening", [one, two, three, one])
        flow.keep(conn, anna, number, [one, three, one, two])
        assert playlists.track_ids(conn, anna, number) == [one, three, one, two]
    for wrong in ([one, two, three], [one, one, one, two], [one, two, three, one, 5], []):
        with pytest.raises(Conflict), library.db.writing() as conn:
            flow.keep(conn, anna, number, wrong)
    other = replace(anna, user_id=anna.user_id + 1, name="ben", roles=LISTENER)
    for person in (other, replace(anna, roles=frozenset())):
        with pytest.raises((Forbidden, NotFound)), library.db.writing() as conn:
            flow.keep(conn, person, number, [one, two, three, one])
    with library.db.reading() as conn:
        assert playlists.track_ids(conn, anna, number) == [one, three, one, two]
