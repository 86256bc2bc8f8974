"""`/metrics`: everything that is counted, for Prometheus. Labels hold names of ours and of music folders only."""

import os
import resource
import time
from collections import Counter

from ai.progress import LISTENING
from server import VERSION
from server.api.state import NOTHING, State
from server.app import App
from server.kernel.metrics import labels
from server.library.artwork import Artwork
from server.stream.transcode import Transcoder

STARTED_S = time.time()
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def gauges(app: App, state: State, worker: str) -> dict[str, tuple[str, dict[str, float]]]:
    """Return name → (help, {labels: value}) of all that is not counted per request."""
    return {
        "info": ("What runs here.", {labels(version=VERSION, database=app.db.dialect.name): 1}),
        **_streams(app),
        **_work(state, worker),
        **_library(state),
        **_process(app),
    }


def _streams(app: App) -> dict:
    transcoder: Transcoder = app.part(Transcoder)
    return {
        "transcode_listeners": ("People who are sent a track while it is converted.", {"": transcoder.listeners}),
        "transcodes_running": ("Encoders that run now.", {"": transcoder.running}),
        "transcodes_started_total": ("Encoders started.", {"": transcoder.started}),
        "transcodes_failed_total": ("Encoders that failed.", {"": transcoder.failed}),
        "transcodes_refused_total": ("Conversions refused because of a limit.", {"": transcoder.refused}),
        "transcode_cache_bytes": ("Room that finished conversions take.", {"": transcoder.cache_bytes}),
        "covers_total": (
            "Covers answered, by how.",
            {labels(how=how): number for how, number in sorted(app.part(Artwork).counted.items())},
        ),
    }


def _work(state: State, worker: str) -> dict:
    progress = state.scan.progress if state.scan and state.scanning else {}
    counted = {labels(what=name): number for name, number in progress.items() if isinstance(number, int)}
    return {
        "jobs": (
            "Jobs remembered, by name and state.",
            {labels(name=name, state=how): number for (name, how), number in sorted(state.jobs.items())},
        ),
        "worker_running": ("Whether a worker lives.", {"": int(worker in ("running", "unreachable"))}),
        "scan_running": ("Whether a scan runs or waits.", {"": int(state.scanning)}),
        "scan_files": ("Files of the running scan, by what became of them.", counted),
        "analysis_running": ("Whether music is being listened to.", {"": int(state.analysis.state == LISTENING)}),
        "analysis_sounds": (
            "Sounds of the library, by what listening to them told.",
            {labels(state=name): number for name, number in sorted(state.analysis.counts.items())},
        ),
        "analysis_sounds_per_hour": ("Sounds heard an hour, as the last hour went.", {"": state.analysis.per_hour}),
    }


def _library(state: State) -> dict:
    names = Counter(each.name for each in state.libraries)
    # Two folders may have one name, and the second of two lines that look the same would take the first one's place.
    marked = [
        (labels(library=each.name if names[each.name] == 1 else f"{each.name} ({each.id})"), each)
        for each in state.libraries
    ]
    sized = [(mark, state.sizes.get(each.id, NOTHING)) for mark, each in marked]
    return {
        "library_online": (
            "Whether the music folder can be reached.",
            {mark: int(each.online) for mark, each in marked},
        ),
        "library_artists": ("Artists in the music folder.", {mark: size.artists for mark, size in sized}),
        "library_albums": ("Albums in the music folder.", {mark: size.albums for mark, size in sized}),
        "library_tracks": ("Tracks in the music folder.", {mark: size.tracks for mark, size in sized}),
        "library_scanned_seconds": (
            "When the music folder was last seen whole, as Unix time.",
            {mark: each.scanned_ms / 1000 for mark, each in marked if each.scanned_ms},
        ),
    }


def _process(app: App) -> dict:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm") as file:
        resident = int(file.read().split()[1]) * PAGE_BYTES
    return {
        "process_resident_bytes": ("Memory of the server process.", {"": resident}),
        "process_cpu_seconds_total": ("Processor time that the server took.", {"": used.ru_utime + used.ru_stime}),
        "process_open_files": ("Files and connections open in the server.", {"": len(os.listdir("/proc/self/fd"))}),
        "process_start_seconds": ("When the server started, as Unix time.", {"": STARTED_S}),
        "database_statements_total": ("SQL statements run by the server.", {"": app.db.statements}),
    }
