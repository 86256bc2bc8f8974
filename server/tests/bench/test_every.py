"""The list of what every endpoint costs leaves none out."""

from collections import Counter

from server.bench import every
from server.bench.requests import Known
from subsonic.endpoints import ENDPOINTS


def test_every_endpoint_is_measured_or_named_with_its_reason():
    asked = Counter()

    def ask(endpoint: str, **params) -> dict:
        asked[endpoint] += 1
        row = {"id": f"tr-{asked.total()}", "artist": "Ann", "title": "One", "genre": "Rock"}
        stations = {"internetRadioStation": [{"id": f"ra-{at}"} for at in range(every.MADE)]}
        return {"subsonic-response": {"song": row, "playlist": row, "shares": {"share": [row]},
                                      "internetRadioStations": stations}}  # fmt: skip

    ids = [f"tr-{number}" for number in range(200)]
    measured = every.targets(Known(ids, ids, ids, ids), ask)
    assert measured.keys() | every.ELSEWHERE.keys() == ENDPOINTS.keys()
    assert not measured.keys() & every.ELSEWHERE.keys()
    for name, params in measured.items():
        assert len({str(next(params)) for _ in range(every.ROUNDS)}) == every.ROUNDS, name
    assert asked["createBookmark"] == asked["createPlaylist"] == every.MADE
