"""What others say of artists and albums, and who heard what together with what."""

from peewee import BigIntegerField, CompositeKey

from migrations.columns import Table, create, drop, number, text


class Outside(Table):
    kind = BigIntegerField()
    item_id = BigIntegerField()
    service = text()
    content = text()
    wanted_ms = number()
    until_ms = number()

    class Meta:
        primary_key = CompositeKey("kind", "item_id", "service")
        indexes = ((("wanted_ms",), False),)


TABLES = (Outside,)
INDEXES = {
    "play_track": "play (track_id, played_ms)",
    "mark_item": "mark (kind, item_id, play_count)",
}
"""By these a thing's plays are found whoever played it; all else finds a person's."""


def up(migrator, db):
    create(db, TABLES)
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON {columns}")


def down(migrator, db):
    for name in INDEXES:
        db.execute_sql(f"DROP INDEX {name}")
    drop(db, TABLES)
