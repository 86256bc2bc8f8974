"""How well the ears do on the library at hand: halves of some sounds, and what came of comparing two spaces."""

from peewee import BigIntegerField, BlobField, TextField

from migrations.columns import Table, create, drop, number, text


class Half(Table):
    audio_hash = TextField(primary_key=True)
    version = number()
    blocks = BlobField(null=True)


class Contest(Table):
    space_id = BigIntegerField(primary_key=True)
    against = number()
    sounds = number()
    reason = text()
    by_hand = number()
    held_ms = number()


TABLES = (Half, Contest)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
