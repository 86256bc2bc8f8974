"""A black-box suite for any server that speaks Subsonic or OpenSubsonic.

    facts.py     what the published documents say: types, fields, endpoints, parameters
    check.py     a value against a type; XML read into the same tree as JSON
    client.py    a small HTTP client of its own
    site.py      the server under test: accounts, a sample of its library, what was made and must be undone
    model.py     what a rule is and what can come of it
    examples.py  a right call for every endpoint
    rules/       the rules, one file per chapter
    report.py    the table, JUnit, JSON, and the known deviations

It imports nothing of any server. Whoever adds a rule states it in one sentence with an address where it can be read.
"""
