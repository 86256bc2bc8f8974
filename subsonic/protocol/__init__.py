"""The grammar of the protocol. Nothing outside this package knows XML, JSON or JSONP.

declare     Request and Shape: endpoints and replies as classes
parse       parameters of a call → an instance of its Request
tree        a reply → the tree that both formats carry
xml         that tree → XML
render      a reply, or a failure → bytes and a content type
"""

from subsonic.protocol.declare import (
    HANDLERS,
    OS,
    Between,
    Date,
    Element,
    Kept,
    Over,
    Range,
    Request,
    Rows,
    Separated,
    Shape,
    Text,
    coverage,
    handles,
)
from subsonic.protocol.parse import Missing, parse
from subsonic.protocol.render import VERSION, Error, failure, render

__all__ = [
    "HANDLERS",
    "OS",
    "VERSION",
    "Between",
    "Date",
    "Element",
    "Error",
    "Kept",
    "Missing",
    "Over",
    "Range",
    "Request",
    "Rows",
    "Separated",
    "Shape",
    "Text",
    "coverage",
    "failure",
    "handles",
    "parse",
    "render",
]
