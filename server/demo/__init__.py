"""The demo library, and the generated libraries of the tests and benchmarks.

`music.make_demo` makes a small library that is worth listening to;
`library.make_library` makes a large one that is worth scanning; `audio.write_track`
makes one tagged file. Everything follows from a seed alone: whoever calls
`random` without one, or lets ffmpeg write a date, breaks every test above.
"""
