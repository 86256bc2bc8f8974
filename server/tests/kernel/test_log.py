"""The log: one line per event, no secret in any of them."""

import logging

import pytest

from server.kernel.log import SPARING_S, OneLine, Sparing


def logged(text: str, *args) -> str:
    return OneLine("%(message)s").format(logging.LogRecord("x", logging.INFO, "", 0, text, args, None))


@pytest.mark.parametrize("secret", ["p", "t", "s", "apiKey", "password", "token", "secret", "P", "APIKEY"])
def test_credentials_are_masked(secret):
    line = logged(f"GET /rest/ping?u=ann&{secret}=canary&c=x")
    assert "canary" not in line and "u=ann" in line and "c=x" in line


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[31m", "\0", "\u2028", "\x7f", "\x85"])
def test_a_strangers_text_stays_on_its_line(sign):
    line = logged("user %s signed in", f"ann{sign}2026-01-01 INFO forged")
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line and "\0" not in line


def test_a_trace_is_kept_whole_but_for_credentials():
    try:
        raise ValueError("at p=canary&c=x")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "", 0, "it failed", (), sys.exc_info())
    text = OneLine("%(message)s").format(record)
    assert "ValueError" in text and "canary" not in text


def test_the_same_complaint_is_heard_once_a_minute_and_in_one_line():
    sparing, heard = Sparing(), []
    for second in range(0, 2 * SPARING_S, 10):
        record = logging.LogRecord("huey", logging.ERROR, "", 0, "Error reading from queue", (), None)
        record.exc_info, record.created = (OSError, OSError("disk is full"), None), 1000.0 + second
        if sparing.filter(record):
            heard.append(OneLine("%(message)s").format(record))
    assert heard == ["Error reading from queue: disk is full"] * 2
