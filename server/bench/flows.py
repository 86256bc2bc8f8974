"""What it costs to put songs in order, and how much better that is than always taking the nearest next song.

Counted is the processor's time of the search alone, as its child spends it.
"""

from collections.abc import Iterator
from statistics import median

from ai import races
from server.bench.report import Line
from server.bench.shop import Shop

SIZES = {50: 1000, 120: 3000, 2000: 10_000}
"""Milliseconds at most, by songs."""


def flows(shop: Shop) -> Iterator[Line]:
    """Measure orders along an arc, and races against greedy and greedy + 2-opt."""
    for size, most in SIZES.items():
        if size <= shop.usual:
            spent = median(races.timed(size, seed) for seed in range(1 if size > 120 else min(3, shop.pace.rounds)))
            yield Line("flow", f"order {size} songs along an arc", spent, "ms CPU", most=most)
    told = races.trial(2 * shop.pace.rounds)
    yield Line("flow", f"cost of {told['lists']} orders", told["ratio"], "of greedy's", most=1)
    beaten = told["lost_to_greedy"] + told["lost_to_two_opt"]
    yield Line("flow", "beaten by greedy or by greedy + 2-opt", beaten, "times", most=0)
