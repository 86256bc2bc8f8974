"""Everything learned from how music sounds and from what people do with it.

The worker analyses tracks in children (`analyse`, `features`), keeps what they
found (`analyses`) and makes vectors of it (`spaces`, `vectors`). From these come
neighbours, paths and radios (`similar`, `path`, `radio`), search in plain words
(`find`), playlists that flow (`order`) and what a person may like (`taste`,
`discover`, `mixes`), each with its reasons (`explain`).

The rule a newcomer would break: the server process imports nothing of numpy and
no model. What computes runs in children, and is asked through `ai.minds`.
"""
