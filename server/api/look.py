"""How the pages look: their style, the mark, and the hash by which the style is allowed to count.

Colours are those of the resting room: walnut neutrals and verdigris. Whoever
puts a colour in beside them checks its contrast in both lights.
"""

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--b0:#f5efea;--b1:#fcf8f4;--b2:#fff;--line:#e1d9d3;--ctl:#837c76;--t1:#1a1511;
--t2:#4d4641;
--t3:#655e59;--accent:#006758;--warn:#81520a;--empty:#ece4dd;--plank:#c9beb5;
--name:"New York","Iowan Old Style","Sitka Display","Noto Serif Display","Source Serif 4",Charter,"Noto Serif",
Cambria,
Georgia,serif;--ui:-apple-system,BlinkMacSystemFont,"Segoe UI Variable Text","Segoe UI",Inter,Roboto,system-ui,
"Noto Sans",
sans-serif;--mono:ui-monospace,"SF Mono","Cascadia Mono","Roboto Mono","DejaVu Sans Mono",monospace}
@media(prefers-color-scheme:dark){:root{--b0:#120d09;--b1:#19140f;--b2:#211b17;--line:#2f2924;--ctl:#817a75;
--t1:#f3efec;
--t2:#c2bcb8;--t3:#a59f99;--accent:#7ed0be;--warn:#e8be62;--empty:#1e1814;--plank:#4a413a}}
*{box-sizing:border-box}
html{background:var(--b0);color:var(--t1);font:400 .9375rem/1.6 var(--ui);-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column}
header,main,footer{width:100%;max-width:72rem;margin:0 auto;padding:0 clamp(1.25rem,4vw,3rem)}
header{padding-top:2rem}
.mark{display:inline-flex;align-items:center;gap:.6rem;font:400 1.5rem/1.2 var(--name);color:var(--t1);
text-decoration:none}
.mark svg{width:1.5rem;height:1.5rem}
main{flex:1}
h1{font:400 clamp(2.25rem,6.2vw,3.75rem)/1.06 var(--name);margin:clamp(2rem,6vw,4rem) 0 .9rem;max-width:18ch;
text-wrap:balance}
h2{font:400 1.6rem/1.2 var(--name);margin:3.25rem 0 .5rem}
h3{font:600 .9375rem/1.4 var(--ui);margin:0 0 .35rem}
p{margin:.4rem 0;max-width:62ch;color:var(--t2)}
.lead{font-size:1.0625rem}
.warn{color:var(--warn)}
strong{font-weight:600;color:var(--t1)}
.shelf{margin-top:2.25rem;border-bottom:2px solid var(--plank);height:8.5rem;overflow:hidden;display:flex;
align-items:flex-end}
.shelf svg{height:8.5rem;width:1180px;flex:none;display:block}
.shelf .gap{fill:var(--empty);stroke:var(--line)}
dl{margin:1rem 0 0;border-top:1px solid var(--line);max-width:46rem}
dl div{display:grid;grid-template-columns:8rem 1fr;gap:0 1rem;padding:.7rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--t3)}
dd{margin:0;color:var(--t2);min-width:0}
.address{font:400 1.0625rem/1.5 var(--mono);color:var(--t1);overflow-wrap:anywhere;user-select:all;
-webkit-user-select:all}
code{font:400 .875em/1.4 var(--mono);color:var(--t1);background:var(--b2);border:1px solid var(--line);
border-radius:5px;
padding:.05em .35em;overflow-wrap:anywhere}
.apps{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:1.75rem 1.75rem;margin-top:1.25rem}
.apps ul{list-style:none;margin:0;padding:0}
.apps li{padding:.4rem 0;border-top:1px solid var(--line);color:var(--t1)}
.apps small{display:block;color:var(--t3);font-size:.8125rem;line-height:1.35}
details{border-top:1px solid var(--line);max-width:46rem}
details:last-of-type{border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:.75rem 0;font-weight:600}
details p{margin:0 0 .9rem}
a{color:var(--accent);text-underline-offset:.18em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
section:target h2{text-decoration:underline;text-decoration-color:var(--accent);text-underline-offset:.2em}
footer{margin-top:4rem;padding-bottom:2.25rem;color:var(--t3);font-size:.8125rem;display:flex;flex-wrap:wrap;
gap:.25rem 1.5rem}
label{color:var(--t3)}
input{font:inherit;color:var(--t1);background:var(--b2);border:1px solid var(--ctl);border-radius:5px;
padding:.45em .6em;width:100%;max-width:22rem}
button{font:600 1em/1.2 var(--ui);color:var(--b1);background:var(--accent);border:0;border-radius:5px;
padding:.7em 1.1em;cursor:pointer;margin-top:.6rem}
[hidden]{display:none}
@media(max-width:34rem){dl div{grid-template-columns:1fr}}
"""
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

LOGO = (
    '<svg viewBox="0 0 24 24" fill="{0}" aria-hidden="true"><path d="M3 3h3v18H3zM8.2 6h2.6v15H8.2zM13 4h2.6v17H13z'
    'M16.9 5.6l2.5-.7 4 15.4-2.5.7z"/></svg>'
)
ICON = "data:image/svg+xml;base64," + base64.b64encode(
    LOGO.format("#3e9886").replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"').encode()
).decode()
