// SPDX-License-Identifier: BSD-3-Clause
// How does a report's page look, and what moves in it? Everything can be read without the script.
#pragma once

#include <string_view>

namespace fovea::detail {

inline constexpr std::string_view page_style = R"css(
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--accent)}
.skiplink{position:absolute;left:-999px}.skiplink:focus{left:1rem;top:1rem;background:var(--surface);padding:.5rem 1rem;z-index:9}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 clamp(1rem,3vw,2rem)}
header{padding-top:clamp(1.5rem,5vw,3.5rem)}
.eyebrow{margin:0;color:var(--muted);font-size:.8rem;letter-spacing:.12em;text-transform:uppercase}
h1{margin:.1em 0 .25em;font-size:clamp(2rem,6vw,3.4rem);line-height:1.08;letter-spacing:-.025em;overflow-wrap:anywhere}
.lede{margin:0;max-width:46em;font-size:1.1rem;color:var(--muted)}.lede strong{color:var(--ink);font-weight:650}
section{margin:2.6rem 0}
h2{margin:0 0 .2rem;font-size:1.35rem;letter-spacing:-.01em}
h3{margin:0 0 .4rem;font-size:1rem}
.hint{margin:.1rem 0 1rem;max-width:52em;color:var(--muted);font-size:.93rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(172px,1fr));gap:.7rem;margin:1.8rem 0 0}
.card{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:.75rem .9rem;min-width:0}
.card dt{color:var(--muted);font-size:.82rem}
.card dd{margin:0}
.card .big{font-size:1.36rem;font-weight:650;letter-spacing:-.02em;line-height:1.25;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.card .note{color:var(--muted);font-size:.78rem}
.card.main{border-color:var(--accent);box-shadow:inset 0 3px 0 var(--accent)}
.panel{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:clamp(.8rem,2.4vw,1.3rem);min-width:0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:1rem}
figure{margin:0}figcaption{margin-top:.6rem;color:var(--muted);font-size:.88rem}
svg{max-width:100%}svg.heat{overflow:visible}
svg.growth,svg.heat{display:block;width:100%;height:auto;max-height:440px;margin:0 auto}
svg.strip{display:block;width:100%;height:220px}
svg.graph{display:block;max-width:none;margin:0 auto}
.scroll{overflow:auto;max-height:min(78vh,900px);border:1px solid var(--line);border-radius:14px;background:var(--surface)}
.scroll:focus-visible,input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.graphbox{padding:.6rem;background:var(--raised)}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:.2rem 0 .8rem;padding:0;font-size:.85rem;color:var(--muted)}
.legend svg{vertical-align:-2px;margin-right:.4rem}
.ramp{display:flex;align-items:center;gap:.5rem;font-size:.82rem;color:var(--muted);margin-top:.5rem}
.ramp svg{width:150px;height:10px;border-radius:3px}
.switch{border:0;margin:.5rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.9rem;color:var(--muted)}
.switch label{display:inline-flex;gap:.4rem;align-items:center;min-height:28px}
input[type=radio],input[type=range]{accent-color:var(--accent)}
.log{display:none}
.scales:has(input[value=log]:checked) .log{display:inline}
.scales:has(input[value=log]:checked) .linear{display:none}
.part{opacity:.45}
.controls{display:none;gap:.5rem .8rem;align-items:center;flex-wrap:wrap;margin:.2rem 0 .8rem}
.js .controls{display:flex}
.controls input{flex:1 1 180px;min-width:0}
.controls output{flex:1 1 100%;font-size:.92rem;min-height:1.5em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
button{font:inherit;font-size:.9rem;color:var(--accent-ink);background:var(--accent);border:0;border-radius:999px;padding:.35rem 1rem;min-height:32px;cursor:pointer}
.chart{margin:0 0 1.1rem}.chart:last-child{margin:0}
.chart h3{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;font-size:.95rem;margin:0 0 .3rem}
.chart h3 span{font-weight:400;color:var(--muted);font-size:.85rem}
.bars{display:block;width:100%;height:84px;background:linear-gradient(var(--grid),var(--grid)) 0 100%/100% 1px no-repeat,linear-gradient(var(--grid),var(--grid)) 0 50%/100% 1px no-repeat,linear-gradient(var(--grid),var(--grid)) 0 0/100% 1px no-repeat}
.bars .bar{fill:var(--h6)}.bars .waste{fill:var(--h6);opacity:.4}.bars .inside{fill:var(--h6)}
.bars .here{fill:var(--mark);fill-opacity:.3}
.bars .curve{fill:none;stroke:var(--h8);stroke-width:2;vector-effect:non-scaling-stroke}
.bars .curve.second{stroke:var(--mark);stroke-dasharray:6 4}
.bars .area{fill:var(--h6);fill-opacity:.16}
.bars .limit{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:5 4;vector-effect:non-scaling-stroke}
.tall{height:260px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.8rem .9rem;color:var(--muted);font-size:.9rem}
th,td{padding:.32rem .9rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid)}
th.l,td.l{text-align:left}
thead th{position:sticky;top:0;background:var(--raised);z-index:1;border-bottom:1px solid var(--line);font-weight:600}
tbody th{font:inherit;color:var(--muted)}.layers tbody th{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.84em}
tfoot th,tfoot td{position:sticky;bottom:0;background:var(--raised);border-top:1px solid var(--line);font-weight:650}
tr:target th,tr:target td,tr.here th,tr.here td{background:var(--raised)}
tr:target th.l,tr.here th.l{box-shadow:inset 3px 0 0 var(--accent);color:var(--ink)}
td .k{display:inline-block;width:4px;height:1em;border-radius:2px;margin-right:.55rem;vertical-align:-2px}
.zero{color:var(--muted);opacity:.85}
.lints{list-style:none;margin:0;padding:0;display:grid;gap:.7rem}
.lints li{background:var(--surface);border:1px solid var(--line);border-left:5px solid var(--warn);border-radius:10px;padding:.7rem 1rem}
.lints strong{color:var(--warn)}.lints p{margin:.15rem 0 0}
.clean{border-left-color:var(--k-pool)!important}
.diff{color:var(--muted)}
footer{padding-top:1rem;padding-bottom:3rem;color:var(--muted);font-size:.85rem;overflow-wrap:anywhere}
@media(max-width:560px){.cards{grid-template-columns:repeat(2,minmax(0,1fr))}.card .big{font-size:1.2rem}th,td{padding:.3rem .55rem}section{margin:2rem 0}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{.scroll{max-height:none;overflow:visible}.controls,.js .controls{display:none}}
)css";

/// One slider moves through the layers: the field in the drawing, marks in the charts, the row in the table. Also where
/// :has() is unknown, the scales switch.
inline constexpr std::string_view page_script = R"js(
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelectorAll("[data-network]").forEach(function (holder) {
    const id = holder.dataset.network;
    const net = JSON.parse(document.getElementById(id + "data").textContent);
    const all = function (query) {
      return Array.from(document.querySelectorAll('[data-of="' + id + '"] ' + query));
    };
    const slider = holder.querySelector("input[type=range]"), button = holder.querySelector("button");
    const out = holder.querySelector("output"), drawing = all("svg.growth")[0];
    const cursor = drawing && drawing.querySelector(".cursor");
    const text = function (f) {
      return net.one_dimensional ? f.width.size + " steps" : f.height.size + " × " + f.width.size;
    };
    let row = null, timer = 0;
    const show = function (i, follow) {
      const layer = net.layers[i], f = layer.receptive_field;
      slider.value = i;
      out.textContent = layer.path + ": " + layer.brick + ", sees " + text(f) + (layer.positions ? "" : " (frozen: no position any more)");
      slider.setAttribute("aria-valuetext", out.textContent);
      if (cursor) {
        const s = +drawing.dataset.scale, flat = +drawing.dataset.bars > 0, view = drawing.viewBox.baseVal;
        cursor.setAttribute("x", 4 + s * (-f.width.before - drawing.dataset.left));
        cursor.setAttribute("y", flat ? 2 : 4 + s * (-f.height.before - drawing.dataset.top));
        cursor.setAttribute("width", Math.max(1, s * f.width.size));
        cursor.setAttribute("height", flat ? view.height - 4 : s * f.height.size);
      }
      if (follow) {
        all("rect.here").forEach(function (mark) { mark.setAttribute("x", i); mark.setAttribute("width", 1); });
        if (row) row.classList.remove("here");
        row = document.getElementById(id + "L" + i);
        if (row) row.classList.add("here");
      }
    };
    const stop = function () { clearInterval(timer); timer = 0; button.textContent = "Play"; };
    slider.addEventListener("input", function () { stop(); show(+slider.value, true); });
    button.addEventListener("click", function () {
      if (timer) { stop(); return; }
      let i = +slider.value >= net.layers.length - 1 ? 0 : +slider.value;
      button.textContent = "Pause";
      timer = setInterval(function () {
        show(i, true);
        if (++i >= net.layers.length) stop();
      }, Math.max(still ? 400 : 40, Math.min(450, 9000 / net.layers.length)));
    });
    all("svg.bars").forEach(function (chart) {
      chart.addEventListener("pointermove", function (event) {
        const box = chart.getBoundingClientRect();
        const i = Math.floor((event.clientX - box.left) / box.width * net.layers.length);
        stop();
        show(Math.max(0, Math.min(net.layers.length - 1, i)), true);
      });
    });
    show(+slider.value, false);
  });
  if (!(window.CSS && CSS.supports("selector(:has(a))"))) {
    document.querySelectorAll(".scales").forEach(function (box) {
      box.addEventListener("change", function (event) {
        const log = event.target.value === "log";
        box.querySelectorAll(".log").forEach(function (g) { g.style.display = log ? "inline" : "none"; });
        box.querySelectorAll(".linear").forEach(function (g) { g.style.display = log ? "none" : "inline"; });
      });
    });
  }
})();
)js";

}  // namespace fovea::detail
