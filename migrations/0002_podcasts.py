"""Podcasts: channels, and what is known of their episodes."""

from peewee import BigAutoField, BigIntegerField, BlobField, TextField

from migrations.columns import Table, create, drop, number, text


class PodcastChannel(Table):
    id = BigAutoField()
    key = TextField(unique=True)
    url = text()
    title = text()
    author = text()
    description = text()
    image_url = text()
    image = text()
    folder = text()
    etag = text()
    modified = text()
    status = text()
    error = text()
    due_ms = number()
    fetched_ms = BigIntegerField(null=True)
    added_ms = number()
    removed = number()


class PodcastEpisode(Table):
    id = BigAutoField()
    channel_id = BigIntegerField()
    guid = text()
    url = text()
    title = text()
    description = text()
    published_ms = number()
    season = number()
    explicit = text()
    length_ms = number()
    size_bytes = number()
    content_type = text()
    suffix = text()
    codec = text()
    bitrate_kbps = number()
    sample_rate_hz = number()
    channels = number()
    bit_depth = number()
    mtime_ns = number()
    path = text()
    status = text()
    error = text()
    wanted_ms = number()
    added_ms = number()
    face = BlobField(null=True)
    face_version = number()
    # Last, as it hides what the other columns are made with.
    number = number()

    class Meta:
        indexes = (
            (("channel_id", "guid"), True),
            (("channel_id", "published_ms", "id"), False),
            (("published_ms", "id"), False),
            (("status", "wanted_ms"), False),
        )


TABLES = (PodcastChannel, PodcastEpisode)


def up(migrator, db):
    create(db, TABLES)


def down(migrator, db):
    drop(db, TABLES)
