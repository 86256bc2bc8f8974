"""Playlists against a plain Python list, through any sequence of changes, vanishing and returning tracks."""

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.playlists import playlists
from server.playlists.playlists import Change
from server.tests.plays.small import ANN, SONGS, bring_back, lose, read, write

SOME = st.lists(st.sampled_from(SONGS), max_size=6)


class Mirror(RuleBasedStateMachine):
    """One playlist, and a list of its tracks that knows which are hidden."""

    db = None

    @initialize(tracks=SOME)
    def create(self, tracks):
        for song in SONGS:
            bring_back(self.db, song)
        self.hidden = set()
        self.number = write(self.db, playlists.create, ANN, "Mirror", tracks)
        self.whole = list(tracks)

    def seen(self):
        return [track for track in self.whole if track not in self.hidden]

    def there(self, tracks):
        return [track for track in tracks if track not in self.hidden]

    @rule(tracks=SOME)
    def replace(self, tracks):
        fresh = self.there(tracks)
        if tracks and not fresh:
            return
        write(self.db, playlists.replace, ANN, self.number, tracks)
        places = iter(fresh)
        kept = [track if track in self.hidden else next(places, None) for track in self.whole]
        self.whole = [track for track in kept if track is not None] + list(places)

    @rule(tracks=SOME, data=st.data())
    def update(self, tracks, data):
        fresh = self.there(tracks)
        if tracks and not fresh:
            return
        seen = [at for at, track in enumerate(self.whole) if track not in self.hidden]
        indexes = data.draw(st.lists(st.integers(0, len(seen) - 1), max_size=3)) if seen else []
        write(self.db, playlists.update, ANN, self.number, Change(remove=indexes, add=tracks))
        gone = {seen[index] for index in indexes}
        self.whole = [track for at, track in enumerate(self.whole) if at not in gone] + fresh

    @precondition(lambda self: len(self.hidden) < 3)
    @rule(track=st.sampled_from(SONGS))
    def vanish(self, track):
        lose(self.db, track)
        self.hidden.add(track)

    @precondition(lambda self: self.hidden)
    @rule()
    def return_all(self):
        for track in self.hidden:
            bring_back(self.db, track)
        self.hidden = set()

    @invariant()
    def the_viewer_sees_the_list(self):
        head, faces = read(self.db, playlists.opened, ANN, self.number)
        assert [face.id for face in faces] == self.seen()
        assert head.track_count == len(faces)


def test_a_playlist_behaves_like_a_list_whose_hidden_members_come_back(small):
    machine = type("MirrorHere", (Mirror,), {"db": small})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
