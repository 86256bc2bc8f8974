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


TEXTS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.data_type = 'text'
"""


def plain_order(db: Database) -> None:
    """Let PostgreSQL compare all texts as SQLite does; a step that makes tables with texts ends with this.

    What language a database was set up for is not for us to choose: a folder "a-c" would come after "ab" in one, and
    before it in another. It also spares the indexes the changes that an update of the system makes to such orders.
    """
    _order(db, "C", "IS DISTINCT FROM 'C'")


def set_up_order(db: Database) -> None:
    """Take `plain_order` back."""
    _order(db, "default", "= 'C'")


def _order(db: Database, order: str, where: str) -> None:
    if not isinstance(db, SqliteDatabase):
        for table, column in db.execute_sql(f"{TEXTS} AND c.collation_name {where}").fetchall():
            db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE text COLLATE "{order}"')
