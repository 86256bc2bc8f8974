"""Every benchmark runs to its end on a tiny library and gives numbers that can be true. No number is judged here."""

import math

import pytest

from server.bench.report import Line, summary
from server.bench.run import BENCHES, main
from server.bench.shop import Pace, Shop
from server.stream import ffmpeg

TINY = Pace(
    rounds=1, round_s=0.001, listeners=(5,), listen_s=0.3, streams=1, transcodes=1, covers=2, files=20, starts=1,
    settle_s=0, heard_s=4, pieces=1, turn=1, scans=1,
)  # fmt: skip

pytestmark = pytest.mark.skipif(ffmpeg.find() is None, reason="music is made with ffmpeg")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return Shop(tmp_path_factory.mktemp("bench"), (40,), TINY)


@pytest.mark.parametrize("name", BENCHES)
def test_a_benchmark_gives_lines_with_numbers_above_zero(shop, name):
    lines = list(BENCHES[name](shop))
    assert lines
    for line in lines:
        assert line.bench == name and line.work in line.text()
        assert math.isfinite(line.measured) and line.measured >= 0, line
        assert line.reference is None or line.reference >= 0, line
        assert line.record()["reached"] in (True, False, None)


def test_a_target_is_a_bound_of_the_ratio_where_there_is_a_reference():
    assert Line("b", "w", 6, "ms", 2, "a ping", most=3).reached is True
    assert Line("b", "w", 6, "ms", 2, "a ping", most=2.9).reached is False
    assert Line("b", "w", 6, "ms", 2, "a ping", most=5, absolute=True).reached is False
    assert Line("b", "w", 6, "ms", most=6).reached is True
    assert Line("b", "w", 6, "files/s", least=7).reached is False
    assert Line("b", "w", 6, "ms", 2, "a ping").reached is None


def test_the_summary_counts_only_what_was_promised():
    lines = [Line("b", "w", 6, "ms", most=6), Line("b", "w", 6, "ms", most=5), Line("b", "w", 6, "ms")]
    assert summary(lines) == "1 of 2 targets reached."


def test_an_unknown_benchmark_is_named(capsys):
    assert main(["--only", "pong"]) == 2
    assert "pong" in capsys.readouterr().err
