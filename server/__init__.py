"""The music server, without any protocol of others.

kernel      knows no music: config, database, jobs, files, child processes
users       people, their rights, secrets and sign-in
library     what music there is: scan, tags, albums, artists, covers, search
plays       what was heard and marked: plays, stars, ratings, queues, bookmarks
playlists   lists that people keep
stream      how a track travels: decide, transcode, send
api         pages and JSON for browsers; main builds all of it and is imported by none
"""

VERSION = "0.1.0"
