"""Where `/api` is served by what only some people use, and loaded when the first of them asks.

A start of the server waits for none of it: what stands here would make each a
quarter longer. The rule a newcomer would break: nothing imports these modules
at the top, or a start waits for them again.
"""

from server.api.signed import Signed

LATER = {
    "server.api.analysis:Analysis": {
        "/analysis": {"GET": "status", "PATCH": "changed"},
        "/analysis/again": {"POST": "again"},
        "/tracks/{id}/analysis": {"GET": "of_track"},
    },
    "server.api.avatars:Pictures": {
        "/avatar": {"GET": "show", "PUT": "choose", "DELETE": "remove"},
        "/users/{name}/avatar": {"GET": "show", "PUT": "choose", "DELETE": "remove"},
        "/radio/{id}/picture": {"PUT": "hang", "DELETE": "take_down"},
    },
    "server.api.discover:Discover": {
        "/discover": {"GET": "shown", "POST": "made"},
        "/recommendations": {"GET": "recommended"},
        "/playlists/{id}/reasons": {"GET": "reasons"},
    },
    "server.api.ears:Ears": {
        "/similar": {"GET": "similar"},
        "/path": {"GET": "path"},
    },
    "server.api.flow:Flows": {
        "/flow": {"POST": "order", "PUT": "keep"},
        "/flow/seeds": {"POST": "from_seeds"},
    },
    "server.api.openapi:Document": {
        "/openapi.json": {"GET": "show"},
    },
    "server.api.podcasts:Lists": {
        "/podcasts.opml": {"GET": "written", "POST": "taken"},
    },
    "server.api.quality:Quality": {
        "/quality": {"GET": "shown", "POST": "asked"},
    },
    "server.api.radio:Radio": {
        "/radio": {"POST": "radio"},
        "/alchemy": {"POST": "alchemy"},
    },
    "server.api.search:Search": {
        "/find": {"GET": "find"},
        "/tracks/{track}/suggestions": {"GET": "suggestions", "POST": "decide"},
    },
    "server.api.shares:Shares": {
        "/shares": {"GET": "listed", "POST": "made"},
        "/shares/{share}": {"GET": "one", "PATCH": "changed", "DELETE": "deleted"},
    },
    "server.api.taste:Taste": {
        "/dislikes": {"GET": "dislikes", "POST": "dislike"},
        "/dislikes/{id}": {"DELETE": "like_again"},
        "/unlearned": {"GET": "unlearned", "POST": "unlearn"},
        "/unlearned/{number}": {"DELETE": "learn_again"},
        "/taste": {"GET": "taste"},
        "/taste/replay": {"GET": "replayed"},
        "/taste/settings": {"GET": "settings", "PATCH": "switched"},
    },
}


def mount(api: Signed) -> None:
    """Give all of it its addresses."""
    for where, paths in LATER.items():
        api.later(where, paths)
