"""`/api/quality`: what administrators are told of how well the ears do."""

import orjson


def call(server, method, user="admin"):
    answer = server.api(method, "/quality", user)
    return answer.status, orjson.loads(answer.body)


def test_an_administrator_sees_what_was_measured_and_may_have_it_measured_anew(server):
    status, told = call(server, "GET")
    assert status == 200 and told["measured_ms"] is None and told["coverage"]["all"] > 0
    assert [line["name"] for line in told["lines"]] == ["heard", "compared"] and told["lines"][0]["verdict"] == "poor"
    assert told["recommendations"] is None and told["held_back"] == [] and told["songs"] == 0
    assert call(server, "POST")[0] == 202
    assert call(server, "GET", "alice")[0] == call(server, "POST", "alice")[0] == 403
