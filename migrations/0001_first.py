"""The first schema: people, the library, what was played and marked, playlists, jobs.

Tables of the library carry numbers that the scanner mints, so that thousands of
rows go in without asking for an id each. Rows of tracks and albums are never
deleted by a scan: what is gone from disk is `missing_ms`, and comes back.
"""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BlobField,
    CompositeKey,
    DoubleField,
    SqliteDatabase,
    TextField,
)

from migrations.columns import Table, create, drop, number, text

SEARCHED = ("artist", "album", "track")


class Version(Table):
    name = TextField(primary_key=True)
    number = number()


class Property(Table):
    name = TextField(primary_key=True)
    value = text()


class Job(Table):
    id = BigAutoField()
    name = text()
    arguments = text()
    state = text()
    progress = text()
    message = text()
    cancelled = number()
    created_ms = number()
    started_ms = BigIntegerField(null=True)
    ended_ms = BigIntegerField(null=True)

    class Meta:
        indexes = ((("name", "id"), False),)


class Account(Table):
    id = BigAutoField()
    name = text()
    key = TextField(unique=True)
    email = text()
    password_hash = text()
    secret = BlobField(null=True)
    tokens_off = number()
    roles = text()
    all_libraries = number()
    max_bitrate_kbps = number()
    created_ms = number()
    seen_ms = BigIntegerField(null=True)


class AccountLibrary(Table):
    user_id = BigIntegerField()
    library_id = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("user_id", "library_id")
        without_rowid = True


class Credential(Table):
    id = BigAutoField()
    user_id = BigIntegerField(index=True)
    kind = text()
    name = text()
    digest = TextField(unique=True)
    secret = BlobField(null=True)
    created_ms = number()
    used_ms = BigIntegerField(null=True)


class Library(Table):
    id = BigAutoField()
    name = text()
    path = TextField(unique=True)
    online = number()
    removed = number()
    reason = text()
    added_ms = number()
    scanned_ms = BigIntegerField(null=True)


class Folder(Table):
    id = BigAutoField()
    library_id = BigIntegerField()
    parent_id = BigIntegerField(null=True, index=True)
    path = text()
    name = text()
    sort = text()
    signature = text()
    image = text()
    portrait = text()
    changed_ms = number()
    missing_ms = BigIntegerField(null=True)

    class Meta:
        indexes = ((("library_id", "path"), True),)


class Artist(Table):
    id = BigAutoField()
    key = TextField(unique=True)
    name = text()
    sort = text()
    sort_name = text()
    mbid = text()
    album_count = number()
    track_count = number()
    listed = number()
    portrait_id = BigIntegerField(null=True)
    cover_id = BigIntegerField(null=True)
    words = text()
    face = BlobField(null=True)
    face_version = number()


class ArtistLibrary(Table):
    artist_id = BigIntegerField()
    library_id = BigIntegerField()
    album_count = number()
    track_count = number()

    class Meta:
        primary_key = CompositeKey("artist_id", "library_id")
        without_rowid = True


class Album(Table):
    id = BigAutoField()
    library_id = BigIntegerField()
    key = text()
    name = text()
    sort = text()
    artist = text()
    artist_sort = text()
    artist_id = BigIntegerField(null=True, index=True)
    folder_id = BigIntegerField(null=True, index=True)
    mbid = text()
    year = number()
    added_ms = number()
    track_count = number()
    length_s = number()
    cover_id = BigIntegerField(null=True)
    words = text()
    face = BlobField(null=True)
    face_version = number()

    class Meta:
        indexes = ((("library_id", "key"), True), (("added_ms", "id"), False))


class AlbumArtist(Table):
    album_id = BigIntegerField()
    at = BigIntegerField()
    artist_id = BigIntegerField(index=True)

    class Meta:
        primary_key = CompositeKey("album_id", "at")
        without_rowid = True


class Genre(Table):
    id = BigAutoField()
    key = TextField(unique=True)
    name = text()


class AlbumGenre(Table):
    album_id = BigIntegerField()
    genre_id = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("album_id", "genre_id")
        indexes = ((("genre_id", "album_id"), False),)
        without_rowid = True


class Track(Table):
    id = BigAutoField()
    library_id = BigIntegerField()
    folder_id = BigIntegerField()
    album_id = BigIntegerField()
    artist_id = BigIntegerField(null=True)
    name = text()
    mtime_ns = number()
    size_bytes = number()
    audio_hash = text()
    title = text()
    sort = text()
    artist = text()
    track = number()
    disc = number()
    year = number()
    length_ms = number()
    bitrate_kbps = number()
    sample_rate_hz = number()
    channels = number()
    bit_depth = number()
    codec = text()
    suffix = text()
    added_ms = number()
    missing_ms = BigIntegerField(null=True)
    picture = number()
    cover_id = BigIntegerField(null=True)
    words = text()
    more = text()
    face = BlobField(null=True)
    face_version = number()

    class Meta:
        indexes = (
            (("folder_id", "name"), True),
            (("album_id", "disc", "track"), False),
            (("audio_hash",), False),
            (("library_id", "missing_ms", "id"), False),
        )


class TrackGenre(Table):
    track_id = BigIntegerField()
    genre_id = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("track_id", "genre_id")
        indexes = ((("genre_id", "track_id"), False),)
        without_rowid = True


class Credit(Table):
    track_id = BigIntegerField()
    role = text()
    at = BigIntegerField()
    artist_id = BigIntegerField()
    sub_role = text()

    class Meta:
        primary_key = CompositeKey("track_id", "role", "at")
        indexes = ((("artist_id", "role", "track_id"), False),)
        without_rowid = True


class Lyric(Table):
    track_id = BigIntegerField()
    at = BigIntegerField()
    kind = text()
    content = text()

    class Meta:
        primary_key = CompositeKey("track_id", "at")


class Cover(Table):
    id = BigAutoField()
    library_id = BigIntegerField()
    path = text()
    picture = number()
    mtime_ns = number()
    size_bytes = number()

    class Meta:
        indexes = ((("library_id", "path", "picture", "mtime_ns", "size_bytes"), True),)


class BadFile(Table):
    library_id = BigIntegerField()
    path = text()
    mtime_ns = number()
    size_bytes = number()
    reason = text()
    seen_ms = number()

    class Meta:
        primary_key = CompositeKey("library_id", "path")


class Mark(Table):
    user_id = BigIntegerField()
    kind = BigIntegerField()
    item_id = BigIntegerField()
    starred_ms = BigIntegerField(null=True)
    rating = number()
    play_count = number()
    played_ms = BigIntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("user_id", "kind", "item_id")
        without_rowid = True


class Rating(Table):
    kind = BigIntegerField()
    item_id = BigIntegerField()
    total = number()
    count = number()

    class Meta:
        primary_key = CompositeKey("kind", "item_id")
        without_rowid = True


class Play(Table):
    id = BigAutoField()
    user_id = BigIntegerField()
    track_id = BigIntegerField()
    played_ms = number()
    listened_ms = BigIntegerField(null=True)
    ended_ms = BigIntegerField(null=True)
    client = text()

    class Meta:
        indexes = ((("user_id", "played_ms"), False), (("user_id", "track_id", "played_ms"), False))


class NowPlaying(Table):
    user_id = BigIntegerField()
    client = text()
    track_id = BigIntegerField()
    state = text()
    position_ms = number()
    rate = DoubleField(constraints=[SQL("DEFAULT 1.0")])
    started_ms = number()
    updated_ms = number()
    heard_ms = number()

    class Meta:
        primary_key = CompositeKey("user_id", "client")


class Bookmark(Table):
    user_id = BigIntegerField()
    track_id = BigIntegerField()
    position_ms = number()
    comment = text()
    created_ms = number()
    changed_ms = number()

    class Meta:
        primary_key = CompositeKey("user_id", "track_id")


class Queue(Table):
    user_id = BigIntegerField(primary_key=True)
    current_at = BigIntegerField(null=True)
    position_ms = number()
    changed_ms = number()
    changed_by = text()


class QueueTrack(Table):
    user_id = BigIntegerField()
    at = BigIntegerField()
    track_id = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("user_id", "at")
        without_rowid = True


class Playlist(Table):
    id = BigAutoField()
    owner_id = BigIntegerField(index=True)
    name = text()
    comment = text()
    public = number()
    created_ms = number()
    changed_ms = number()


class PlaylistTrack(Table):
    playlist_id = BigIntegerField()
    at = BigIntegerField()
    track_id = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("playlist_id", "at")
        without_rowid = True


TABLES = (
    Version, Property, Job, Account, AccountLibrary, Credential, Library, Folder, Artist, ArtistLibrary, Album,
    AlbumArtist, Genre, AlbumGenre, Track, TrackGenre, Credit, Lyric, Cover, BadFile, Mark, Rating, Play, NowPlaying,
    Bookmark, Queue, QueueTrack, Playlist, PlaylistTrack,
)  # fmt: skip


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    create(db, TABLES)
    for name in SEARCHED:
        if sqlite:
            # External content: the words stay in one place, and a deletion can name them again.
            db.execute_sql(
                f"CREATE VIRTUAL TABLE {name}_words USING fts5(words, content='{name}', content_rowid='id',"
                " tokenize='unicode61 remove_diacritics 0', prefix='1 2 3')"
            )
        else:
            db.execute_sql(
                f"CREATE INDEX {name}_words ON {name} USING gin (to_tsvector('simple', words))"
            )


def down(migrator, db):
    if isinstance(db, SqliteDatabase):
        for name in SEARCHED:
            db.execute_sql(f"DROP TABLE {name}_words")
    drop(db, TABLES)
