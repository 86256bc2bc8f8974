"""What people say in the chat."""

from peewee import BigIntegerField

from migrations.columns import Table, create, drop, text


class ChatMessage(Table):
    # Also the order: no two messages bear the same time.
    said_ms = BigIntegerField(primary_key=True)
    user_id = BigIntegerField(index=True)
    message = text()


TABLES = (ChatMessage,)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
