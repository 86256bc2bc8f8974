"""One track listened to within its limits: what the analysing children run.

The limit is of processor time, for a child that only gets what nobody else wants
may stand still for minutes. The rule a newcomer would break: the kernel ends the
process at that limit, in the middle of anything, so nothing is cleaned up here.
"""

import resource

MARGIN_S, SHARE = 60.0, 0.5
"""Seconds of processor time that any track may take, and more for each second that it lasts."""


def listen(payload: dict) -> dict:
    """Return what `hearing.listen` does of `payload`, which also has "length_s"."""
    from ai.models import hearing

    limit_for(payload["length_s"])
    return hearing.listen(payload)


def limit_for(length_s: float) -> None:
    """Have this process ended when a track that lasts so long takes more than it may."""
    limit(MARGIN_S + SHARE * max(0.0, length_s))


def limit(seconds: float) -> None:
    """Have this process ended after so much more processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most_s = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most_s if hard == resource.RLIM_INFINITY else min(most_s, hard), hard))
