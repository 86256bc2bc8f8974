"""How the page of a report looks: light and dark, wide and narrow, without anything to load."""

STYLE = """
:root{--ground:#fbfaf8;--raised:#fff;--ink:#1d1b18;--soft:#6a645c;--line:#e4dfd7;--good:#2f7d4f;--must:#b3261e;
--should:#a15c00;--known:#5a55a8;--must-soft:#fbeae8;--should-soft:#fbf1df;--known-soft:#eeedf8;--link:#1d5fa8;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (prefers-color-scheme:dark){:root{--ground:#171614;--raised:#201f1c;--ink:#ece8e1;--soft:#a19a8f;
--line:#35322d;--good:#6cc08b;--must:#ff8a80;--should:#f0b35a;--known:#b0aaf5;--must-soft:#3a1f1c;--should-soft:#362a15;
--known-soft:#29273f;--link:#8ab8f0}}
*{box-sizing:border-box}html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;max-width:1180px;padding:40px 24px 80px;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:2.1rem;line-height:1.15;margin:.1em 0 .35em;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:0 0 .4em;letter-spacing:-.01em}
h3{font-size:1.05rem;line-height:1.35;margin:0;font-weight:600}
p{margin:0}a{color:var(--link)}code,pre,.id,.address{font-family:var(--mono);font-size:.86em}
section{margin-top:52px}.lead,.facts{color:var(--soft);max-width:72ch}.lead{margin-bottom:18px}.facts{font-size:.92rem}
.eyebrow{color:var(--soft);font-size:.9rem}
.verdict{font-size:1.15rem;font-weight:600}.verdict span{font-weight:400;color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--must)}
.tiles{list-style:none;display:grid;grid-template-columns:repeat(5,1fr);gap:1px;margin:22px 0 16px;padding:0;
background:var(--line);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.tiles li{background:var(--raised);padding:14px 16px;color:var(--soft);font-size:.88rem;line-height:1.3}
.tiles b{display:block;font-size:1.65rem;line-height:1.2;color:var(--ink);font-variant-numeric:tabular-nums}
.tiles .p b{color:var(--good)}.tiles .m b{color:var(--must)}
.tiles .h b{color:var(--should)}.tiles .k b{color:var(--known)}
article{background:var(--raised);border:1px solid var(--line);border-left:4px solid var(--must);border-radius:10px;
padding:18px 20px;margin:0 0 14px;scroll-margin-top:16px}article.h{border-left-color:var(--should)}
article>a{scroll-margin-top:16px}
.level{font-size:.74rem;font-weight:700;letter-spacing:.04em;color:var(--soft);margin-right:.3em}
.m .level{color:var(--must)}.h .level{color:var(--should)}
.where{margin:.35em 0 .9em;overflow-wrap:anywhere;color:var(--ink)}.id{color:var(--soft)}
dl{margin:0;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:92px minmax(0,1fr);gap:12px;padding:8px 0;border-bottom:1px solid var(--line)}
dl div:last-child{border-bottom:0;padding-bottom:0}
dt{color:var(--soft);font-size:.9rem}dd{margin:0;overflow-wrap:anywhere}
pre{margin:6px 0 0;padding:10px 12px;background:var(--ground);border-radius:6px;white-space:pre-wrap;
overflow-wrap:anywhere;max-height:11em;overflow:auto}
details{margin-top:10px}dd details{margin:0}dd summary{padding:0}summary{cursor:pointer;color:var(--link);padding:6px 0}
summary h2{display:inline;color:var(--ink)}
.more,.rules,.reasons,.known{padding:0;margin:8px 0 0;list-style:none}
.more li,.rules li,.reasons li{padding:7px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.rules li:target{background:var(--known-soft)}
.reasons b{display:inline-block;min-width:3.5em;font-variant-numeric:tabular-nums}
.known li{background:var(--raised);border:1px solid var(--line);border-left:4px solid var(--known);border-radius:10px;
padding:12px 16px;margin-bottom:10px}.known span{display:block;color:var(--soft);overflow-wrap:anywhere}
.known span .id{display:inline}
.legend{color:var(--soft);font-size:.92rem;display:flex;flex-wrap:wrap;gap:6px 20px;margin-bottom:12px}
.scroll{overflow:auto;max-height:88vh;border:1px solid var(--line);border-radius:12px;background:var(--raised)}
table{border-collapse:separate;border-spacing:0;font-size:.86rem}
th{font-weight:500;text-align:left;white-space:nowrap}
tbody th{position:sticky;left:0;background:var(--raised);padding:3px 14px;border-right:1px solid var(--line);z-index:1}
thead th{position:sticky;top:0;background:var(--raised);z-index:2;vertical-align:bottom;padding:12px 0 8px;
border-bottom:1px solid var(--line);width:24px;min-width:24px}
thead a{color:var(--soft);text-decoration:none;display:block}thead a:hover{color:var(--link)}
thead a span{writing-mode:vertical-rl;transform:rotate(180deg);font-family:var(--mono);font-size:.8rem;margin:0 auto;
display:block}
th.corner{left:0;z-index:3;padding-left:14px;border-right:1px solid var(--line);color:var(--soft)}
th.own{padding-left:16px;color:var(--soft);width:auto;min-width:560px}td{padding:2px 0;text-align:center}
td.own{padding:2px 16px;text-align:left;white-space:nowrap}
tr.group th{padding:16px 14px 5px;border:0;position:static}
tr.group span{position:sticky;left:14px;font-weight:700}
tbody tr:hover td,tbody tr:hover th{background:var(--ground)}tr.group:hover th{background:var(--raised)}
i,td a,.own a{font-style:normal;text-decoration:none}
td>i,td>a,.legend i{display:inline-grid;place-items:center;width:18px;height:18px;border-radius:5px;font-weight:700;
font-size:.8rem;vertical-align:middle}
td.own>i,td.own>a{display:inline-block;width:auto;height:auto;padding:0 7px;font-family:var(--mono);font-weight:400;
font-size:.8rem;line-height:1.6;border:1px solid var(--line)}
.p{color:var(--good)}td.own>i.p{color:var(--soft)}
td>i.p::before,.legend i.p::before{content:"";width:8px;height:8px;border-radius:50%;background:currentColor}
td.own>i.p::before{display:none}
td>i.s::before,.legend i.s::before{content:"";width:8px;height:8px;border-radius:50%;border:1px solid var(--soft);
opacity:.55}td.own>i.s::before{display:none}
td.own>i.s{color:var(--soft);border-style:dashed}
td>a.m,.legend i.m,td.own>a.m{background:var(--must-soft);color:var(--must);border-color:var(--must)}
td>a.h,.legend i.h,td.own>a.h{background:var(--should-soft);color:var(--should);border-color:var(--should)}
td>i.k,.legend i.k,td.own>i.k{background:var(--known-soft);color:var(--known);border-color:var(--known)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
@media (max-width:680px){body{padding:24px 16px 60px}h1{font-size:1.6rem}.tiles{grid-template-columns:repeat(2,1fr)}
.tiles li:first-child{grid-column:1/-1}article{padding:14px 14px}dl div{grid-template-columns:1fr;gap:2px}
section{margin-top:40px}tbody th{max-width:150px;overflow:hidden;text-overflow:ellipsis;padding:5px 10px}
td>i,td>a{width:22px;height:22px}thead th{width:28px;min-width:28px}.scroll{max-height:80vh}}
@media print{.scroll{max-height:none;overflow:visible}body{max-width:none}}
"""
