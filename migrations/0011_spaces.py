"""Where sounds lie: spaces of vectors, and one vector for each sound and space.

A vector is 16-bit floats, little endian, one behind the other. It belongs to its
space for ever: another fit or another model is another space.
"""

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, CompositeKey, DoubleField, TextField

from migrations.columns import Table, create, drop, number, text


class Space(Table):
    id = BigAutoField()
    purpose = text()
    kind = text()
    state = text()
    dimensions = number()
    layout = text()
    model = text()
    towers = text()
    version = number()
    fit = text()
    fitted_on = number()
    near = text()
    spread = DoubleField(constraints=[SQL("DEFAULT 0")])
    d50 = DoubleField(constraints=[SQL("DEFAULT 0")])
    made_ms = number()
    active_ms = BigIntegerField(null=True)


class Embedding(Table):
    space_id = BigIntegerField()
    audio_hash = TextField()
    vector = BlobField()
    spread = DoubleField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        primary_key = CompositeKey("space_id", "audio_hash")
        without_rowid = True


TABLES = (Space, Embedding)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
