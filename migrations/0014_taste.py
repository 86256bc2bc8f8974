"""What people like and do not like, what nobody shall learn from, and the lists that are made of that.

`discovery` keeps every list that was made, also of weeks that are over, with
its tracks and reasons as they were; the playlist shows the newest.
"""

from peewee import BigAutoField, BigIntegerField, CompositeKey, TextField

from migrations.columns import Table, create, drop, number, text


class Skip(Table):
    user_id = BigIntegerField()
    track_id = BigIntegerField()
    skipped_ms = number()
    heard_ms = number()
    client = text()

    class Meta:
        primary_key = CompositeKey("user_id", "track_id", "skipped_ms")
        without_rowid = True


class Dislike(Table):
    user_id = BigIntegerField()
    kind = BigIntegerField()
    item_id = BigIntegerField()
    disliked_ms = number()

    class Meta:
        primary_key = CompositeKey("user_id", "kind", "item_id")
        without_rowid = True


class Unlearned(Table):
    id = BigAutoField()
    user_id = BigIntegerField(index=True)
    kind = text()
    track_id = number()
    began_ms = number()
    ended_ms = number()
    client = text()
    noted_ms = number()


class TasteSetting(Table):
    user_id = BigIntegerField()
    name = TextField()
    value = number()

    class Meta:
        primary_key = CompositeKey("user_id", "name")
        without_rowid = True


class Discovery(Table):
    id = BigAutoField()
    user_id = BigIntegerField()
    kind = text()
    slot = number()
    period = text()
    playlist_id = BigIntegerField(null=True)
    basis = text()
    entries = text()
    made_ms = number()

    class Meta:
        indexes = ((("user_id", "kind", "slot", "period"), True),)


TABLES = (Skip, Dislike, Unlearned, TasteSetting, Discovery)


def up(migrator, db):
    create(db, TABLES)
    db.execute_sql("ALTER TABLE playlist ADD COLUMN made_as TEXT NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE playlist ADD COLUMN valid_until_ms BIGINT")
    db.execute_sql("ALTER TABLE playlist_track ADD COLUMN reason TEXT NOT NULL DEFAULT ''")


def down(migrator, db):
    # What nobody made by hand is made again.
    db.execute_sql("DELETE FROM playlist_track WHERE playlist_id IN (SELECT id FROM playlist WHERE made_as <> '')")
    db.execute_sql("DELETE FROM playlist WHERE made_as <> ''")
    db.execute_sql("ALTER TABLE playlist DROP COLUMN made_as")
    db.execute_sql("ALTER TABLE playlist DROP COLUMN valid_until_ms")
    db.execute_sql("ALTER TABLE playlist_track DROP COLUMN reason")
    drop(db, TABLES)
