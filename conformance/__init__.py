"""A black-box suite for any server that speaks Subsonic or OpenSubsonic.

    facts.py     what the published documents say: types, fields, endpoints, parameters
    check.py     a value against a type; XML read into the same tree as JSON
    client.py    a small HTTP client of its own
    site.py      the server under test: accounts, a sample of its library, what was made and must be undone
    things.py    what must be made before it can be asked for: shares, stations, podcasts
    verdicts.py  an answer judged at first sight
    model.py     what a rule is and what can come of it
    examples.py  a right call for every endpoint
    rules/       the rules, one file per chapter
    report.py    the table, JUnit, JSON
    page.py      the report as a page, with its style.py
    known.py     known deviations
    music/       the test library
    feed.py      a podcast to read

It imports nothing of any server. Whoever adds a rule states it in one sentence with an address where it can be read.
"""
