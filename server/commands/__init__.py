"""The command line, a module for each command: its words for `--help`, its own options, and `run(given, config)`.

Only the module of the command that was typed is imported, so that no command
pays for the others. `line` reads what was typed.
"""

COMMANDS = {
    "serve": "serve music",
    "work": "do a worker's jobs only: scan, listen, fetch podcasts, make lists",
    "scan": "look through the music folders now, or see how a scan goes",
    "user": "add and change people, app passwords and API keys",
    "podcast": "follow and leave podcasts, look for new episodes, exchange lists of them",
    "radio": "list, add and remove radio stations, or take over a list of them",
    "share": "list, add, change and end what people made public",
    "similar": "name the songs that sound like one, with reasons, or a path between two",
    "discover": "make somebody's Discover Weekly, mixes and radar now, or show them with reasons",
    "flow": "put a playlist into the order in which it runs best",
    "find": "name the songs that are like a description, and why",
    "analyse": "listen to the music now, or see and change how a worker does it",
    "models": "list, add, use and remove models of sound",
    "quality": "say how well music is compared and recommended here",
    "config": "show every setting, its value and where that comes from",
    "doctor": "check everything this installation needs, and say what is wrong",
    "backup": "write one file with all that people have: accounts, playlists, stars, history",
    "restore": "bring a backup back",
    "migrate": "bring the database up to date",
    "demo": "make a small demo library",
    "bench": "measure how fast Familiar is on this machine",
}
