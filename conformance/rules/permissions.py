"""What an ordinary account may not do: read or change others, make or delete accounts.

Every call here is complete and would work for an administrator, so that only the person can be the reason.
"""

from typing import Any

from conformance.model import MUST, Short, rule
from conformance.site import Site
from conformance.verdicts import accepted


@rule("forbidden", MUST, "An ordinary account that reads other accounts gets error 50.", "getUser", "getUsers",
      needs="second")
def forbidden(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (50,), site.second, **({"username": site.account.name} if endpoint == "getUser" else {}))


WRITES: dict[str, dict[str, Any]] = {
    "createUser": {"password": "a secret-word 9", "email": "x@example.org"},
    "updateUser": {"email": "stolen@example.org"},
    "deleteUser": {}, "changePassword": {"password": "a stolen-secret 9"},
}


@rule("forbidden.write", MUST, "An ordinary account that makes, changes or deletes accounts gets error 50, and changes "
      "nothing.", *WRITES, needs="write admin second")
def forbidden_write(site: Site, endpoint: str) -> None:
    victim = site.new_user("victim")  # never the account that runs the suite: a broken server would delete it
    name = f"{site.mark}-forbidden" if endpoint == "createUser" else victim.name
    site.later(lambda: site.ask("deleteUser", {"username": f"{site.mark}-forbidden"}))
    site.refused(endpoint, (50,), site.second, username=name, **WRITES[endpoint])
    accepted(site.ask("ping", account=victim))


@rule("no.promotion", MUST, "An ordinary account cannot make itself an administrator.", "updateUser",
      needs="write second")
def no_promotion(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, {"username": site.second.name, "adminRole": "true"}, account=site.second)
    if site.read("getUser", site.second, username=site.second.name)["adminRole"] is not False:
        site.ask(endpoint, {"username": site.second.name, "adminRole": "false"}, account=site.second)
        raise Short(f"{answer.asked} made it one")
