"""The Subsonic/OpenSubsonic front: their wire format in, a verb of ours, their wire format out.

How a call travels:
    protocol    the grammar: a request class is an endpoint, a shape is what a reply can hold; parse() and render()
    shapes      every object that a reply can hold
    endpoints   every endpoint: parameters, reply, access, since: one class each
    present     what the library knows, as shapes and as stored faces
    quirks      the few clients that must not see what OpenSubsonic added
    auth, mount who asks; the road from aiohttp to a handler and back
    the chapters (browsing, lists, …) hold one handler for each endpoint
A front has no SQL and no rules of its own: those are the verbs'.
"""
