"""What analysis found in the sound of a track.

It is keyed by the hash of the sound, not by the track: retagging, moving or
copying a file never asks for its analysis again.
"""

from peewee import BlobField, TextField

from migrations.columns import Table, create, drop, number, text


class TrackAnalysis(Table):
    audio_hash = TextField(primary_key=True)
    version = number()
    state = text()
    reason = text()
    tries = number()
    result = text()
    blocks = BlobField(null=True)
    fingerprint = BlobField(null=True)
    cpu_ms = number()
    analysed_ms = number()

    class Meta:
        indexes = ((("state", "version"), False),)


TABLES = (TrackAnalysis,)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
