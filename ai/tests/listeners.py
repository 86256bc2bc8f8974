"""People who have listened: plays put into the history by hand, at any time."""

from collections.abc import Iterable

from server.app import App
from server.kernel.clock import now_ms
from server.plays import marks
from server.users.people import Viewer

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def play(app: App, viewer: Viewer, tracks: Iterable[int], ago_ms: int = DAY, client: str = "app",
         share: float | None = 1.0, every_ms: int = 4 * MINUTE) -> int:  # fmt: skip
    """Let somebody play tracks one after the other, so long ago; `share` is how much of each was heard."""
    begin = now_ms() - ago_ms
    with app.db.writing() as conn:
        lengths = dict(conn.rows("SELECT id, length_ms FROM track"))
        rows = [(viewer.user_id, track, begin + at * every_ms,
                 None if share is None else int(share * lengths[track]), client) for at, track in enumerate(tracks)]
        conn.many("INSERT INTO play (user_id, track_id, played_ms, listened_ms, client) VALUES (?, ?, ?, ?, ?)", rows)
        marks.played(conn, viewer, [(3, track, 1, played) for _, track, played, _, _ in rows])
        conn.bump(f"marks:{viewer.user_id}")
    return begin
