"""What the steps build tables from. A step that is released never changes: what it needs stands here or in itself."""

from collections.abc import Sequence

from peewee import SQL, BigIntegerField, Database, Model, SqliteDatabase, TextField


class Table(Model):
    class Meta:
        legacy_table_names = False


def text(**options) -> TextField:
    return TextField(constraints=[SQL("DEFAULT ''")], **options)


def number(**options) -> BigIntegerField:
    return BigIntegerField(constraints=[SQL("DEFAULT 0")], **options)


def create(db: Database, tables: Sequence[type[Table]]) -> None:
    """Make these tables, which must not be there yet."""
    for table in tables:
        table._meta.without_rowid = table._meta.without_rowid and isinstance(db, SqliteDatabase)
    with db.bind_ctx(tables):
        db.create_tables(tables, safe=False)


def drop(db: Database, tables: Sequence[type[Table]]) -> None:
    with db.bind_ctx(tables):
        db.drop_tables(tables)
