"""What outside services say of artists, albums and songs, kept for weeks.

Nobody waits for a service: a question is answered from what is kept, and what is
missing or old is noted as wanted, for a job to ask. The rule a newcomer would
break: "they know nothing" is an answer and is kept too, a failure is none.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

import orjson

from server import integrations
from server.integrations.capabilities import About, AlbumInfo, ArtistInfo, Lyrics, Subject, Words
from server.kernel import jobs
from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Failure, Invalid
from server.kernel.fetch import Fetch, at_once
from server.kernel.jobs import Running
from server.library.facts import ALBUM, ARTIST, TRACK

OWNS = ("outside",)

log = logging.getLogger("familiar.outside")

SERVICES = "outside services"
"""The part of the App that holds name → client of those that are asked, in their order."""
DAY_MS: Millis = 86_400_000
KEPT_MS, NOTHING_KEPT_MS, AGAIN_MS = 30 * DAY_MS, 3 * DAY_MS, DAY_MS // 24
WAITING_MAX = 5000
"""A client that asks about every album there is does not make a queue of all of them."""
SLICE_S = 15.0
"""Then other jobs have their turn."""


def about(db: Connection, kind: int, number: int) -> About:
    """Return what is kept of an artist or album: of each member what the first service says that says anything."""
    rows = dict(db.rows(
        "SELECT service, content FROM outside WHERE kind = :kind AND item_id = :id AND content <> ''",
        kind=kind, id=number,
    ))  # fmt: skip
    said = [_read(rows[service.name]) for service in integrations.SERVICES if service.name in rows]
    return About(*[next((value for value in values if value), default)
                   for values, default in zip(zip(*said, About(), strict=True), About(), strict=True)])  # fmt: skip


def lyrics(db: Connection, number: int) -> list[tuple[str, str]]:
    """Return the lyrics that are kept of a track, as (kind, layer) pairs."""
    content = db.value(
        "SELECT content FROM outside WHERE kind = :kind AND item_id = :id AND content <> '' ORDER BY service LIMIT 1",
        kind=TRACK, id=number,
    )  # fmt: skip
    return [(kind, layer) for kind, layer in orjson.loads(content)] if content else []


async def wish(app, kind: int, number: int) -> None:
    """See to it that services are asked for what is not known, or is old; nobody waits for them."""
    names = [name for name, client in app.parts[SERVICES].items() if isinstance(client, ASKED[kind])]
    if not names or not (names := await app.db.read(missing, kind, number, names)):
        return
    if await app.db.write(want, kind, number, names):
        await asyncio.to_thread(app.queue.submit, app.db, "ask_outside")


ASKED = {ARTIST: ArtistInfo, ALBUM: AlbumInfo, TRACK: Lyrics}


def missing(db: Connection, kind: int, number: int, names: Sequence[str]) -> list[str]:
    """Return those services whose answer is not there, or is old, and that are not waited for already."""
    rows = db.rows("SELECT service, until_ms, wanted_ms FROM outside WHERE kind = :kind AND item_id = :id",
                   kind=kind, id=number)  # fmt: skip
    now = now_ms()
    fine = {service for service, until, wanted in rows if until > now or wanted}
    return [name for name in names if name not in fine]


def want(db: Connection, kind: int, number: int, names: Sequence[str]) -> bool:
    """Note that services are to be asked; return whether they will be."""
    if db.value("SELECT CAST(count(*) AS BIGINT) FROM outside WHERE wanted_ms > 0") >= WAITING_MAX:
        return False
    db.many(
        "INSERT INTO outside (kind, item_id, service, wanted_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (kind, item_id, service) DO UPDATE SET wanted_ms = excluded.wanted_ms",
        [(kind, number, name, now_ms()) for name in names],
    )
    return True


def switched_on(app) -> dict[str, object]:
    """Return name → client of the services that are to be asked, and forget what others once said. Raises Invalid."""
    services = integrations.switched_on(app.config)
    with app.db.reading() as conn:
        gone = [name for (name,) in conn.rows("SELECT DISTINCT service FROM outside") if name not in services]
    if gone:
        with app.db.writing() as conn:
            conn.run("DELETE FROM outside WHERE service IN (SELECT id FROM EACH_TEXT(:gone))", gone=gone)
            conn.bump("outside")
    return services


@jobs.job
def ask_outside(app, running: Running) -> str:
    """Ask what is wanted, latest wish first, for a while; what is left over then waits for its next turn."""
    services = app.parts.get(SERVICES)
    if services is None:
        services = app.parts[SERVICES] = integrations.switched_on(app.config)
    asked, end_s = 0, time.monotonic() + SLICE_S
    while wish := _next(app.db, list(services)):
        if time.monotonic() > end_s or not running.report({"asked": asked}):
            app.queue.submit(app.db, "ask_outside")
            break
        _ask(app.db, app.fetch, services, *wish)
        asked += 1
    return f"{asked} questions were asked."


def _next(db, names: list[str]) -> tuple[int, int, str] | None:
    with db.reading() as conn:
        return conn.row(
            "SELECT o.kind, o.item_id, o.service FROM outside o WHERE o.wanted_ms > 0"
            " AND o.service IN (SELECT id FROM EACH_TEXT(:names)) ORDER BY o.wanted_ms DESC, o.kind, o.item_id LIMIT 1",
            names=names,
        )


def _ask(db, fetch: Fetch, services: Mapping[str, object], kind: int, number: int, name: str) -> None:
    with db.reading() as conn:
        subject = conn.row(SUBJECTS[kind], id=number)
    said, kept_ms = None, AGAIN_MS
    try:
        said = at_once(_answer, services[name], fetch, kind, subject) if subject else ""
        kept_ms = KEPT_MS if said else NOTHING_KEPT_MS
    except Failure as error:
        log.warning("%s: %s", name, error)
        if not isinstance(error, Invalid):
            return _leave_alone(db, name)
    except Exception:
        # A service may send anything at all, and the next one is to be asked all the same.
        log.exception("What %s answered could not be understood.", name)
    with db.writing() as conn:
        # What a service said while it still answered stays.
        conn.run(
            "UPDATE outside SET content = CASE WHEN :failed = 1 THEN content ELSE :said END, wanted_ms = 0,"
            " until_ms = :until WHERE kind = :kind AND item_id = :id AND service = :service",
            kind=kind, id=number, service=name, failed=int(said is None), said=said or "", until=now_ms() + kept_ms,
        )  # fmt: skip
        if said:
            conn.bump("outside")


def _leave_alone(db, name: str) -> None:
    """Ask a service nothing for a while that cannot be asked just now: it would be the same for all that is wanted."""
    with db.writing() as conn:
        conn.run("UPDATE outside SET wanted_ms = 0, until_ms = :until WHERE service = :service AND wanted_ms > 0",
                 service=name, until=now_ms() + AGAIN_MS)  # fmt: skip


SUBJECTS = {
    ARTIST: "SELECT name, '', mbid FROM artist WHERE id = :id",
    ALBUM: "SELECT name, artist, mbid FROM album WHERE id = :id AND track_count > 0",
    TRACK: "SELECT t.artist, t.title, a.name, t.length_ms / 1000 FROM track t JOIN album a ON a.id = t.album_id"
    " WHERE t.id = :id AND t.missing_ms IS NULL",
}
"""What a service is asked with, by the kind of thing."""


async def _answer(client: object, fetch: Fetch, kind: int, subject: tuple) -> str:
    """Return what is to be kept of an answer, "" of none."""
    if kind == ARTIST and isinstance(client, ArtistInfo):
        return _written(await client.artist(fetch, Subject(*subject)))
    if kind == ALBUM and isinstance(client, AlbumInfo):
        return _written(await client.album(fetch, Subject(*subject)))
    if kind == TRACK and isinstance(client, Lyrics):
        return _layers(await client.lyrics(fetch, *subject))
    return ""


def _layers(found: Words | None) -> str:
    """Return lyrics as the scan keeps those of tags: (kind, layer) pairs, best first."""
    # Only the worker reads lyrics; the server, which loads this too, need not know how.
    from server.library.sung import texts
    from server.library.sung.layers import stored

    layers = stored([layer for text in reversed(found or ()) if text for layer in texts.layers(text)])
    return orjson.dumps(layers).decode() if layers else ""


def _read(content: str) -> About:
    found = orjson.loads(content)
    for name in ("images", "similar", "top"):
        found[name] = tuple([tuple(each) if isinstance(each, list) else each for each in found.get(name, ())])
    return About(**found)


def _written(said: About | None) -> str:
    found = {name: value for name, value in said._asdict().items() if value} if said else {}
    return orjson.dumps(found).decode() if found else ""
