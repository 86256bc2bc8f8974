"""The document that describes `/api`: it names all of it, and is what it says it is."""

import re

import orjson

from server.api.signed import Signed
from server.serving import equip, web_application


def test_every_address_below_api_is_described_with_all_its_methods(library, monkeypatch):
    from server.api import openapi

    served: dict[str, set[str]] = {}
    add = Signed.add

    def noted(api: Signed, path: str, **handlers) -> None:
        served[path] = {method.lower() for method in handlers if method != "HEAD"}
        add(api, path, **handlers)

    monkeypatch.setattr(Signed, "add", noted)
    child = equip(library)
    web_application(library)
    child.close_now()
    described = {path: set(methods) for path, methods in openapi.document("")["paths"].items()}
    assert described == served


def test_the_document_is_whole_and_served_to_whoever_is_signed_in(server):
    assert server.send("GET", "/api/openapi.json").status == 401
    found = orjson.loads(server.api("GET", "/openapi.json").body)
    assert found["openapi"] == "3.1.0" and found["servers"] == [{"url": "/api"}]
    operations = [(path, each) for path, methods in found["paths"].items() for each in methods.values()]
    assert len({each["operationId"] for _, each in operations}) == len(operations)
    for path, each in operations:
        assert each["summary"].endswith(".") and "default" in each["responses"] and len(each["responses"]) > 1, path
        holes = {given["name"] for given in each["parameters"] if given["in"] == "path"}
        assert holes == set(re.findall(r"{(\w+)}", path)), path
        assert all(name in found["components"]["securitySchemes"] for name in ("apiKey", "bearer", "basic"))
