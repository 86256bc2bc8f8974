"""What tracks are called in words: captions with their traits, and moods and genres that were suggested."""

from peewee import BigIntegerField, BlobField, CompositeKey, DoubleField, TextField

from migrations.columns import Table, create, drop, number, text


class Caption(Table):
    track_id = BigIntegerField(primary_key=True)
    version = number()
    mtime_ns = number()
    analysed_ms = number()
    caption = text()
    traits = BlobField()
    vector_in = number(index=True)
    lent_in = number()


class Suggestion(Table):
    audio_hash = TextField()
    kind = text()
    name = text()
    confidence = DoubleField()
    source = text()
    state = text()
    decided_by = number()
    changed_ms = number()

    class Meta:
        primary_key = CompositeKey("audio_hash", "kind", "name")
        without_rowid = True


TABLES = (Caption, Suggestion)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
