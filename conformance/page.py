"""The outcome as one page for people: what fell short first, then every endpoint against every rule.

It stands alone (no script, no font, no address is loaded) and is meant for the maintainers of the server, who need
not know this suite: each shortcoming says what was asked, what came, what was expected, and where that is written.
"""

from collections import Counter
from datetime import UTC, datetime
from html import escape
from itertools import groupby

from conformance import facts
from conformance.model import FAILED, KNOWN, MUST, PASSED, RETURNED, SKIPPED, Exchange, Outcome
from conformance.site import Site
from conformance.style import STYLE

BAD = (FAILED, RETURNED)
WIDE = 12  # a rule of at least so many endpoints has a column of its own
CLASSES = {PASSED: "p", SKIPPED: "s", KNOWN: "k"}
SIGNS = {"p": "", "s": "", "k": "≈", "m": "✕", "h": "!"}
WORDS = {"p": "passed", "s": "left out", "k": "known deviation", "m": "MUST fell short", "h": "SHOULD fell short"}


def as_html(outcomes: list[Outcome], server: str, site: Site, read_only: bool = False) -> str:
    """The whole page."""
    body = "".join((_head(outcomes, server, site, read_only), _shortcomings(outcomes), _known(outcomes),
                    _matrix(outcomes), _skipped(outcomes), _sentences(outcomes)))
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_text(server)}: conformance</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="color-scheme" content="light dark"><style>{STYLE}</style></head><body>{body}</body></html>\n')


def _text(text: str) -> str:
    """Text as HTML can hold it: no control characters, no lone surrogates."""
    kept = "".join(c if c in "\n\t" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF) else "�" for c in text)
    return escape(kept, quote=True)


def _class(one: Outcome) -> str:
    return CLASSES.get(one.state) or ("m" if one.rule.level == MUST else "h")


def _anchor(one: Outcome) -> str:
    return f"{one.endpoint}-{one.rule.id}"


# --------------------------------------------------------------------------- the head


def _head(outcomes: list[Outcome], server: str, site: Site, read_only: bool) -> str:
    found = Counter(map(_class, outcomes))
    judged = len(outcomes) - found["s"]
    share = f"{100 * (found['p'] + found['k']) / judged:.1f} %" if judged else "–"
    clean = not (found["m"] or found["h"])
    verdict = "Nothing fell short." if clean else f"{found['m']} MUST and {found['h']} SHOULD fell short."
    tiles = "".join(f'<li class="{kind}"><b>{number:,}</b>{name}</li>' for kind, number, name in (
        ("p", found["p"], "passed"), ("m", found["m"], "MUST fell short"), ("h", found["h"], "SHOULD fell short"),
        ("k", found["k"], "known"), ("s", found["s"], "left out")))
    told = [f"protocol {site.version_text}", "OpenSubsonic" if site.open else "Subsonic only",
            f"{len({o.endpoint for o in outcomes})} endpoints", f"{len({o.rule.id for o in outcomes})} rules",
            f"{datetime.now(UTC):%-d %B %Y}", *(["read-only run"] if read_only else [])]
    extensions = ", ".join(f"{name} {'+'.join(map(str, v))}" for name, v in sorted(site.extensions.items()))
    return (f'<header><p class="eyebrow">Subsonic and OpenSubsonic conformance</p><h1>{_text(server)}</h1>'
            f'<p class="verdict {"good" if clean else "bad"}">{verdict} <span>{share} of {judged:,} passed</span></p>'
            f'<ul class="tiles">{tiles}</ul><p class="facts">{_text(" · ".join(told))}</p>'
            f'<p class="facts">Extensions: {_text(extensions) or "none"}</p></header>')


# --------------------------------------------------------------------------- what fell short


def _shortcomings(outcomes: list[Outcome]) -> str:
    bad = [o for o in outcomes if o.state in BAD]
    if not bad:
        return ""
    bad.sort(key=lambda o: o.rule.level != MUST)
    by_rule: dict[tuple[str, str, str], list[Outcome]] = {}
    for one in bad:
        by_rule.setdefault((one.rule.id, one.rule.sentence, one.rule.level), []).append(one)
    return (f'<section><h2>What fell short</h2><p class="lead">One entry for each rule; where many endpoints share a '
            f'fault the first is shown and the others are named. Passwords and tokens in addresses are masked.</p>'
            f'{"".join(map(_entry, by_rule.values()))}</section>')


def _entry(rows: list[Outcome]) -> str:
    first = rows[0]
    kind = _class(first)
    anchors = "".join(f'<a id="{_text(_anchor(one))}"></a>' for one in rows)
    names = ", ".join(f"<code>{one.endpoint}</code>" for one in rows)
    more = ""
    if len(rows) > 1:
        others = "".join(f"<li><code>{one.endpoint}</code> {_text(one.got)}</li>" for one in rows[1:])
        more = f'<details><summary>{len(rows) - 1} more</summary><ul class="more">{others}</ul></details>'
    return (f'<article class="{kind}">{anchors}<h3><span class="level">{first.rule.level}</span> '
            f'{_text(first.rule.sentence)}</h3><p class="where">{names} <span class="id">{first.rule.id}</span></p>'
            f"{_case(first)}{more}</article>")


def _case(one: Outcome) -> str:
    """One shortcoming: asked, came, expected, where it is written."""
    rows = [("Found", f"<p>{_text(one.got)}</p>")]
    rows += [("Expected", f"<p>{_text(one.wanted or one.rule.sentence)}</p>")]
    rows += [row for exchange in one.trail[-1:] for row in _exchange(exchange)]
    before = [row for exchange in one.trail[:-1] for row in _exchange(exchange)]
    if before:
        rows.append(("Before", f"<details><summary>{len(before) // 2} earlier</summary>{_list(before)}</details>"))
    address = _text(one.rule.address(one.endpoint))
    rows.append(("Written", f'<p><a href="{address}">{address.removeprefix("https://")}</a></p>'))
    return _list(rows)


def _exchange(exchange: Exchange) -> list[tuple[str, str]]:
    status, _, text = exchange.came.partition("\n")
    came = f"<p>{_text(status)}</p>" + (f"<pre>{_text(text)}</pre>" if text else "")
    return [("Asked", f'<p class="address">{_text(exchange.asked)}</p>'), ("Came", came)]


def _list(rows: list[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows) + "</dl>"


def _known(outcomes: list[Outcome]) -> str:
    rows = [o for o in outcomes if o.state == KNOWN]
    if not rows:
        return ""
    by_rule: dict[tuple[str, str], list[Outcome]] = {}
    for one in rows:
        by_rule.setdefault((one.rule.id, one.got.rpartition(" — known: ")[2]), []).append(one)
    items = "".join(
        f'<li><b>{_text(reason)}</b><span>{same[0].rule.level} {_text(same[0].rule.sentence)}</span>'
        f'<span>{", ".join(f"<code>{o.endpoint}</code>" for o in same)} <span class="id">{id_}</span></span></li>'
        for (id_, reason), same in by_rule.items())
    return (f'<section><h2>Known deviations</h2><p class="lead">Accepted, each with its reason; one that passes again '
            f'is reported above.</p><ul class="known">{items}</ul></section>')


# --------------------------------------------------------------------------- endpoint × rule


def _matrix(outcomes: list[Outcome]) -> str:
    many = Counter(o.rule.id for o in outcomes)
    order = list(dict.fromkeys(o.rule.id for o in outcomes))
    wide = [id_ for id_ in order if many[id_] >= WIDE]
    head = "".join(f'<th scope="col"><a href="#r-{id_}"><span>{id_}</span></a></th>' for id_ in wide)
    rows = []
    groups = groupby(outcomes, key=lambda o: facts.endpoints()[o.endpoint].group)
    for group, members in groups:
        rows.append(f'<tr class="group"><th scope="colgroup" colspan="{len(wide) + 2}"><span>{group}</span></th></tr>')
        for endpoint, own in groupby(members, key=lambda o: o.endpoint):
            rows.append(_row(endpoint, list(own), wide))
    legend = " ".join(f'<span><i class="{k}">{SIGNS[k]}</i> {WORDS[k]}</span>' for k in ("p", "m", "h", "k", "s"))
    return (f'<section class="matrix"><h2>Every endpoint, every rule</h2><p class="legend">{legend}</p>'
            f'<div class="scroll" tabindex="0" role="region" aria-label="Endpoints and rules"><table><thead><tr>'
            f'<th scope="col" class="corner">endpoint</th>{head}<th scope="col" class="own">rules of its own</th></tr>'
            f'</thead><tbody>{"".join(rows)}</tbody></table></div></section>')


def _row(endpoint: str, rows: list[Outcome], wide: list[str]) -> str:
    found = {one.rule.id: one for one in rows}
    cells = "".join(f"<td>{_dot(found[id_]) if id_ in found else ''}</td>" for id_ in wide)
    own = " ".join(_dot(one, one.rule.id) for one in rows if one.rule.id not in wide)
    return f'<tr><th scope="row">{endpoint}</th>{cells}<td class="own">{own}</td></tr>'


def _dot(one: Outcome, name: str = "") -> str:
    """One outcome as a sign; with a name, as a chip. What fell short leads to its entry."""
    kind = _class(one)
    inner = name or SIGNS[kind]
    title = f"{one.endpoint} {one.rule.id}: {WORDS[kind]}"
    if kind in "mh":
        return f'<a class="{kind}" href="#{_text(_anchor(one))}" title="{title}">{inner}</a>'
    shown = f' title="{title}"' if kind == "k" else ""
    return f'<i class="{kind}"{shown}>{inner}</i>'


# --------------------------------------------------------------------------- the rest


def _skipped(outcomes: list[Outcome]) -> str:
    found = Counter(o.got for o in outcomes if o.state == SKIPPED)
    if not found:
        return ""
    items = "".join(f"<li><b>{n}</b> {_text(why)}</li>" for why, n in found.most_common())
    return f'<section><h2>Left out, and why</h2><ul class="reasons">{items}</ul></section>'


def _sentences(outcomes: list[Outcome]) -> str:
    seen: dict[tuple[str, str], Outcome] = {}
    for one in outcomes:
        seen.setdefault((one.rule.id, one.rule.sentence), one)
    items, anchored = [], set()
    for (id_, sentence), one in sorted(seen.items()):
        anchor = "" if id_ in anchored else f' id="r-{id_}"'
        anchored.add(id_)
        items.append(f'<li{anchor}><a href="{_text(one.rule.address(one.endpoint))}" class="id">{id_}</a> '
                     f'<span class="level">{one.rule.level}</span> {_text(sentence)}</li>')
    return (f'<section><details><summary><h2>All {len(seen)} rules</h2></summary><ul class="rules">{"".join(items)}'
            f"</ul></details></section>")
