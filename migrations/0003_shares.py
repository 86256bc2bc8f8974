"""Shares: what people made public, under an address of its own."""

from peewee import BigAutoField, BigIntegerField, CompositeKey, TextField

from migrations.columns import Table, create, drop, number, text


class Share(Table):
    id = BigAutoField()
    token = TextField(unique=True)
    owner_id = BigIntegerField(index=True)
    description = text()
    password_hash = text()
    download = number()
    created_ms = number()
    expires_ms = BigIntegerField(null=True)
    visited_ms = BigIntegerField(null=True)
    visit_count = number()


class ShareItem(Table):
    share_id = BigIntegerField()
    at = BigIntegerField()
    kind = text()
    item_id = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("share_id", "at")
        without_rowid = True


TABLES = (Share, ShareItem)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
