"""Radio stations, and who listens to one now."""

from peewee import BigAutoField, BigIntegerField, BlobField, CompositeKey, TextField

from migrations.columns import Table, create, drop, number, text


class RadioStation(Table):
    id = BigAutoField()
    name = text()
    sort = text()
    stream_url = text()
    homepage_url = text()
    added_ms = number()
    picture_key = text()
    picture = BlobField(null=True)
    picture_sought_ms = BigIntegerField(null=True)


class NowTuned(Table):
    user_id = BigIntegerField()
    client = TextField()
    station_id = BigIntegerField(index=True)
    state = text()
    started_ms = number()
    updated_ms = number()

    class Meta:
        primary_key = CompositeKey("user_id", "client")
        without_rowid = True


TABLES = (RadioStation, NowTuned)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
