"""Notes and words to sound files: fluidsynth and espeak-ng make the sound, ffmpeg the files.

The rule a newcomer would break: the same notes give the same samples, so nothing
here draws a number.
"""

import io
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

RATE_HZ = 44_100
SOUNDFONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/soundfonts/TimGM6mb.sf2",
)  # fmt: skip
"""Of General MIDI, the best first; Debian's packages are fluid-soundfont-gm (130 MB) and timgm6mb-soundfont (6 MB)."""
CODECS = {
    ".flac": ("-c:a", "flac", "-compression_level", "0"),
    ".mp3": ("-c:a", "libmp3lame", "-b:a", "128k"),
    ".opus": ("-c:a", "libopus", "-b:a", "96k"),
    ".ogg": ("-c:a", "libvorbis", "-q:a", "4"),
    ".m4a": ("-c:a", "aac", "-b:a", "128k"),
}
FADE_S = 0.4
KNEE, CEILING = 0.7, 0.97


class Missing(Exception):
    """A program or a soundfont is not there, in a sentence for people."""


def soundfont(small: bool = False) -> str:
    """Return the best soundfont here, or the smallest, which is the one that CI has. Raises Missing."""
    for path in reversed(SOUNDFONTS) if small else SOUNDFONTS:
        if Path(path).exists():
            return path
    raise Missing("There is no General MIDI soundfont: install timgm6mb-soundfont or fluid-soundfont-gm.")


def program(name: str) -> str:
    """Return the path of a program. Raises Missing."""
    if found := shutil.which(name):
        return found
    raise Missing(f"There is no {name} on the PATH.")


def played(midi: bytes, font: str, seconds: float) -> np.ndarray:
    """Return what a MIDI file sounds like, (n, 2) float32 at RATE_HZ, faded out at the end."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "song.mid"), Path(folder, "song.raw")
        source.write_bytes(midi)
        _run([program("fluidsynth"), "-ni", "-q", "-r", str(RATE_HZ), "-g", "0.35", "-O", "s16", "-T", "raw",
              "-F", target, font, source])  # fmt: skip
        samples = np.fromfile(target, "<i2").reshape(-1, 2).astype(np.float32) / 32768
    return _faded(samples, seconds)


def spoken(text: str, voice: str, words_per_minute: int, pitch: int, seconds: float) -> np.ndarray:
    """Return a text read aloud, (n, 2) float32 at RATE_HZ."""
    raw = _run([program("espeak-ng"), "-v", voice, "-s", str(words_per_minute), "-p", str(pitch), "--stdout", text])
    with wave.open(io.BytesIO(raw)) as read:
        rate_hz = read.getframerate()
        # It does not know yet how long it will be, and says 2 GB: the data ends where it ends.
        samples = np.frombuffer(read.readframes(len(raw) // 2), "<i2").astype(np.float32) / 32768
    at = np.arange(int(min(seconds, len(samples) / rate_hz) * RATE_HZ)) * rate_hz / RATE_HZ
    mono = np.interp(at, np.arange(len(samples)), samples).astype(np.float32)
    return _faded(np.stack([mono, mono], axis=1), seconds)


def levelled(samples: np.ndarray, level_db: float) -> tuple[np.ndarray, float]:
    """Return samples brought to a mean level, peaks rounded off below full scale, and the level (dB) they then have."""
    loud = samples * np.float32(10 ** (level_db / 20) / max(_root(samples), 1e-9))
    over = np.abs(loud) > KNEE
    room = CEILING - KNEE
    loud[over] = np.sign(loud[over]) * (KNEE + room * np.tanh((np.abs(loud[over]) - KNEE) / room))
    return loud, float(20 * np.log10(max(_root(loud), 1e-9)))


def remastered(samples: np.ndarray) -> np.ndarray:
    """Return the same recording as somebody else would publish it: half a second less, softer, brighter."""
    cut = samples[RATE_HZ // 2 :]
    brighter = cut.copy()
    brighter[1:] -= 0.3 * cut[:-1]
    return brighter * np.float32(0.75)


def write(path: Path, samples: np.ndarray, tags: Mapping[str, str], ffmpeg: str) -> None:
    """Encode samples (n, 2) at RATE_HZ as the suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    named = [word for name, value in tags.items() for word in ("-metadata", f"{name}={value}")]
    pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    _run([ffmpeg, "-nostdin", "-loglevel", "error", "-y", "-f", "s16le", "-ar", str(RATE_HZ), "-ac", "2", "-i", "pipe:",
          "-fflags", "+bitexact", "-flags:a", "+bitexact", *named, *CODECS[path.suffix], path], pcm)  # fmt: skip


def _run(command: list, given: bytes | None = None) -> bytes:
    try:
        return subprocess.run(command, input=given, capture_output=True, check=True, timeout=300).stdout
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Missing(f"{Path(command[0]).name} failed: {said}") from error


def _faded(samples: np.ndarray, seconds: float) -> np.ndarray:
    cut = samples[: int(seconds * RATE_HZ)].copy()
    count = min(len(cut), int(FADE_S * RATE_HZ))
    cut[len(cut) - count :] *= np.linspace(1, 0, count, dtype=np.float32)[:, None]
    return cut


def _root(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
