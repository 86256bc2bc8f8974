"""Pictures that people chose of themselves."""

from peewee import BigIntegerField, BlobField

from migrations.columns import Table, create, drop, number, text


class Avatar(Table):
    user_id = BigIntegerField(primary_key=True)
    picture_key = text()
    picture = BlobField(null=True)
    changed_ms = number()


TABLES = (Avatar,)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
