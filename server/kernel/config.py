"""Every setting, declared once: name, kind, default and one sentence.

A setting comes from the file `familiar.toml` in the data folder (or `--config`),
from the environment as FAMILIAR_NAME, or from a flag; the later one wins. The
README's table, `--help` and the checks all read `SETTINGS`.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.kernel.clock import hours_of
from server.kernel.errors import Invalid

FILE = "familiar.toml"
PREFIX = "FAMILIAR_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set. `kind` is one of `READERS`."""

    name: str
    kind: str
    default: Any
    sentence: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


SETTINGS = (
    Setting("music", "folders", (), "Music folders: PATH, or NAME=PATH, several joined by a colon."),
    Setting("data", "path", "data", "Where the database, the master key and the caches are kept."),
    Setting("host", "text", "0.0.0.0", "Address to listen on."),
    Setting("port", "number", 4533, "Port to listen on."),
    Setting("base_path", "prefix", "", "Path under which a reverse proxy serves Familiar, such as /music."),
    Setting("database", "text", "", "Database URL; empty is SQLite in the data folder.", secret=True),
    Setting("redis", "queue", "", "Redis URL for the queue of jobs; empty keeps it in the data folder.", secret=True),
    Setting("admin_user", "text", "admin", "Name of the first administrator."),
    Setting("admin_password", "text", "", "Password of the first administrator; empty makes one up and prints it once.",
            secret=True),
    Setting("worker", "switch", True, "Start a worker of its own; off where `familiar work` runs elsewhere."),
    Setting("watch", "switch", True, "Scan a folder as soon as something changes in it."),
    Setting("scan_every", "number", 60, "Minutes between scans of everything; 0 scans only on events and by hand."),
    Setting("podcast_folder", "text", "", "Where episodes of podcasts are kept; empty is podcasts in the data folder."),
    Setting("podcast_hours", "number", 6, "Hours between looks for new episodes; 0 looks only when it is asked to."),
    Setting("podcast_download", "number", 0, "How many of a podcast's newest episodes are downloaded by themselves."),
    Setting("ffmpeg", "text", "", "Path of ffmpeg; empty looks on the PATH, then for the one from the wheel."),
    Setting("transcodes", "number", 0, "Encoders that may run at once; 0 is the number of cores plus one."),
    Setting("transcodes_per_user", "number", 3, "Encoders that one person may keep busy at once."),
    Setting("transcode_cache_mb", "number", 2000, "Room on disk for finished transcodes; they"
            " also go where less than 100 MB is free."),
    Setting("cover_cache_mb", "number", 500, "Room on disk for resized covers."),
    Setting("client_formats", "text", "", "Formats for apps that ask for none: CLIENT=FORMAT:KBPS, joined by commas."),
    Setting("jukebox", "text", "off", "Player for the jukebox at the server: auto, mpv, ffplay, a path, or off."),
    Setting("jukebox_device", "text", "", "Where the jukebox plays, as the player calls it; empty is its default."),
    Setting("trusted_proxies", "networks", (), "Networks whose X-Forwarded-For header is believed."),
    Setting("fetch_allow", "networks", (), "Private networks that podcasts, radio and the like may be fetched from."),
    Setting("public_url", "address", "", "Address that shares are told with, such as https://music.example; empty takes"
            " that of the request."),
    Setting("outside", "text", "", "Services to ask: lastfm, wikipedia, musicbrainz, deezer, lrclib (for lyrics)."),
    Setting("outside_language", "text", "en", "Language of the biographies that services are asked for, such as de."),
    Setting("outside_contact", "text", "", "A mail or web address of yours, which MusicBrainz wants to be told."),
    Setting("lastfm_api_key", "text", "", "API key of Last.fm, for asking it.", secret=True),
    Setting("analysis", "switch", True, "Listen to the music in spare time, for all that needs to know how it sounds."),
    Setting("analysis_cores", "number", 0, "Cores that analysis may use at once; 0 is half of them."),
    Setting("analysis_hours", "hours", "", "Hours of the day for analysis, such as 1-6; empty is always."),
    Setting("text_model", "text", "", "Folder of a model of words (MiniLM) for finding music by description."),
    Setting("log_level", "level", "info", "How much is logged: debug, info, warning or error."),
)  # fmt: skip
BY_NAME = {setting.name: setting for setting in SETTINGS}
SECRET = "********"
LEVELS = ("debug", "info", "warning", "error")
NUMBER_MAX = 100_000_000
"""Above all that makes sense, and so many minutes are still a time that a thread can wait."""
STEP = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
"""One step of a base path: what every proxy and browser passes on as it is."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings with their values, as attributes."""

    values: Mapping[str, Any]
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where the values that are no defaults come from, in words."""

    def __getattr__(self, name: str):
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self) -> str:
        # It may end up in a trace: what `shown` masks stays masked there.
        return f"Config({self.shown()})"

    @property
    def data_path(self) -> Path:
        return Path(self.values["data"])

    @property
    def database_url(self) -> str:
        return self.values["database"] or f"sqlite://{self.data_path.resolve() / 'familiar.db'}"

    def shown(self) -> dict[str, str]:
        """Return every setting as text with secrets masked, for people to read."""
        return {
            setting.name: SECRET if setting.secret and self.values[setting.name] else _text(self.values[setting.name])
            for setting in SETTINGS
        }


def load(environment: Mapping[str, str], flags: Mapping[str, Any] | None = None, file: str | None = None) -> Config:
    """Return the settings from file, environment and flags. Raises Invalid for a key or value that cannot be."""
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    from_environment = _environment(environment)
    data = given.get("data") or from_environment.get("data") or BY_NAME["data"].default
    path = Path(file) if file else Path(data) / FILE
    from_file = _file(path, required=file is not None)
    merged = {setting.name: setting.default for setting in SETTINGS}
    sources: dict[str, str] = {}
    for source, values in ((str(path), from_file), ("the environment", from_environment), ("a flag", given)):
        for name, value in values.items():
            merged[name] = _value(BY_NAME[name], value, source)
            sources[name] = source
    return Config(merged, sources)


def handed_on(config: Config) -> dict[str, str]:
    """Return the environment that gives another process of ours these settings, without the first password."""
    found = {}
    for setting in SETTINGS:
        value = config.values[setting.name]
        if value not in ("", ()) and setting.name != "admin_password":
            text = json.dumps(value) if setting.kind == "folders" else _text(value)
            found[setting.variable] = text
    return found


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for variable, value in environment.items():
        if variable.startswith(PREFIX):
            name = variable[len(PREFIX) :].lower()
            if name not in BY_NAME:
                raise Invalid(_unknown(variable, [setting.variable for setting in SETTINGS]))
            if value != "":
                found[name] = value
    return found


def _file(path: Path, required: bool) -> dict[str, Any]:
    if not path.exists():
        if required:
            raise Invalid(f"There is no settings file {path}.")
        return {}
    # Imported where it is needed, as every start pays for the others.
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The settings file {path} cannot be read: {error}.") from None
    for name in content:
        if name not in BY_NAME:
            raise Invalid(f"{path}: {_unknown(name, list(BY_NAME))}")
    return content


def _unknown(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"There is no setting {name}.{hint}"


def _value(setting: Setting, value: Any, source: str) -> Any:
    try:
        return READERS[setting.kind](value)
    except (ValueError, TypeError):
        shown = SECRET if setting.secret else repr(value)
        told = f"{setting.name} from {source} is {shown}, which is no {setting.kind}: {setting.sentence}"
        raise Invalid(told) from None


def _switch(value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    key = str(value).strip().lower()
    if key not in words:
        raise ValueError
    return words[key]


def _number(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= NUMBER_MAX or isinstance(value, (bool, float)):
        raise ValueError
    return number


def _words(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError
    return str(value)


def _prefix(value: Any) -> str:
    """Return a path as it stands before another one, "/music" for "music" and "/music/", "" for "/"."""
    steps = _words(value).strip().strip("/")
    if steps and not all(STEP.fullmatch(step) for step in steps.split("/")):
        raise ValueError
    return f"/{steps}" if steps else ""


def _level(value: Any) -> str:
    level = str(value).strip().lower()
    if level not in LEVELS:
        raise ValueError
    return level


def _folders(value: Any) -> tuple[tuple[str, str], ...]:
    """Read "NAME=PATH:PATH…", a list of such texts, or a table of names and paths, to (name, absolute path) pairs."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    else:
        texts = value if isinstance(value, (list, tuple)) else _several(str(value))
        pairs = [_named(text) if isinstance(text, str) else tuple(text) for text in texts if text]
    # Without a path it would be the folder in which Familiar was started, and all of that is no music.
    if not all(name and path and isinstance(path, str) for name, path in pairs):
        raise ValueError
    whole = [(name, os.path.abspath(os.path.expanduser(path))) for name, path in pairs]
    if len({path for _, path in whole}) < len(whole):
        raise ValueError
    return tuple(whole)


def _several(text: str) -> list[Any]:
    """Split what was typed; what `handed_on` writes is JSON, for a name or path from the file may hold any sign."""
    return json.loads(text) if text.startswith("[[") else text.split(os.pathsep)


def _named(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if equals and "/" not in name:
        return name.strip(), path.lstrip()
    return os.path.basename(os.path.normpath(text)) or "Music", text


def _networks(value: Any) -> tuple[str, ...]:
    from ipaddress import ip_network

    texts = value if isinstance(value, (list, tuple)) else str(value).replace(",", " ").split()
    return tuple(str(ip_network(text, strict=False)) for text in texts)


def _address(value: Any) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(str(value).strip())
    if str(value) and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError
    return parts.geturl().rstrip("/")


def _queue(value: Any) -> str:
    url = _words(value).strip()
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError
    return url


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join("=".join(item) if isinstance(item, tuple) else item for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


READERS = {
    "text": _words,
    "number": _number,
    "switch": _switch,
    "path": lambda value: os.path.abspath(os.path.expanduser(str(value))),
    "folders": _folders,
    "networks": _networks,
    "address": _address,
    "prefix": _prefix,
    "level": _level,
    "queue": _queue,
    "hours": lambda value: hours_of(str(value)),
}
