"""Texts in PostgreSQL in the order of their letters' numbers, as in SQLite, however the database was set up."""

from migrations.columns import plain_order, set_up_order


def up(migrator, db):
    plain_order(db)


def down(migrator, db):
    set_up_order(db)
