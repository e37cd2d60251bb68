#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Do reports render? Opens every page in headless Chromium, in light and dark, on a desk and on a phone.

usage: check_pages.py <fovea_report_pages> <folder for pages and screenshots>

A page must run without a console error, load nothing, show the constants that stand in the .txt file beside it, not overflow a
screen of 390 pixels, have readable contrast (WCAG AA: 4.5:1) and, but for the gallery's, react to its slider. Exit code 77: no
Chromium here.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from html import escape, unescape
from pathlib import Path

SKIPPED = 77

CATCH = """<script>
window.problems = [];
addEventListener("error", function (e) { problems.push(String(e.message || e.target)); }, true);
console.error = console.warn = function () { problems.push(Array.from(arguments).join(" ")); };
</script>"""

# Runs inside a frame, since a headless window is never narrower than 500 pixels.
FRAME = """<!doctype html><html><body style="margin:0"><iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}">
</iframe><pre id="probe"></pre></body></html>"""

PROBE = r"""<script>
addEventListener("load", function () {
  const report = { problems: problems, inner: innerWidth, scroll: document.documentElement.scrollWidth, figures: {}, rows: {},
    slider: {}, contrast: [], drawings: [], dark: matchMedia("(prefers-color-scheme: dark)").matches,
    loaded: performance.getEntriesByType("resource").map(function (e) { return e.name; })
      .filter(function (n) { return !n.startsWith("data:"); }) };
  document.querySelectorAll("[data-key]").forEach(function (e) { report.figures[e.dataset.key] = e.dataset.value; });
  report.lints = document.querySelectorAll(".lints li:not(.clean)").length;
  report.text = document.body.innerText;
  ["a", "b"].forEach(function (id) {
    report.rows[id] = Array.from(document.querySelectorAll('tr[id^="' + id + 'L"]')).map(function (r) {
      return Array.from(r.cells).map(function (c) { return c.textContent; });
    });
  });
  document.querySelectorAll("svg").forEach(function (s) {
    const b = s.getBoundingClientRect();
    report.drawings.push([s.getAttribute("class") || "", b.width, b.height]);
  });
  const channel = function (text) { return (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number); };
  const light = function (c) {
    const f = function (v) { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]);
  };
  const behind = function (e) {
    for (; e; e = e.parentElement) {
      const c = channel(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0.99) return c;
    }
    return [255, 255, 255];
  };
  document.querySelectorAll("p,h1,h2,h3,h3 span,dt,dd,td,th,caption,label,legend,button,output,li,strong,code,figcaption")
    .forEach(function (e) {
      if (!e.textContent.trim() || !e.getClientRects().length) return;
      const style = getComputedStyle(e), a = light(channel(style.color)), b = light(behind(e));
      let ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (+style.opacity < 1) ratio *= +style.opacity;
      if (ratio < 4.5) report.contrast.push(e.tagName + "." + e.className + " " + ratio.toFixed(2));
    });
  document.querySelectorAll("svg.graph text").forEach(function (e) {
    const box = e.closest(".node").querySelector("rect.box");
    const a = light(channel(getComputedStyle(e).fill)), b = light(channel(getComputedStyle(box).fill));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) report.contrast.push("graph " + e.textContent + " " + ratio.toFixed(2));
    const t = e.getBBox(), r = box.getBBox();
    if (t.x < r.x || t.x + t.width > r.x + r.width) report.problems.push("text leaves its box: " + e.textContent);
  });
  document.querySelectorAll("svg.graph .node").forEach(function (node) {
    const s = Array.from(node.querySelectorAll(".sub")).map(function (e) { return e.getBBox(); });
    if (s.length > 1 && s[0].x + s[0].width > s[1].x) report.problems.push("texts overlap: " + node.textContent);
  });
  document.querySelectorAll("[data-network]").forEach(function (holder) {
    const slider = holder.querySelector("input"), said = holder.querySelector("output"), id = holder.dataset.network;
    const cursor = document.querySelector('[data-of="' + id + '"] .cursor');
    const seen = [];
    [slider.max, 0].forEach(function (v) {
      slider.value = v;
      slider.dispatchEvent(new Event("input"));
      seen.push([said.textContent, cursor.getAttribute("width")]);
    });
    report.slider[id] = seen;
  });
  const log = document.querySelector(".scales input[value=log]");
  if (log) {
    log.click();
    const box = log.closest(".scales");
    report.log = [getComputedStyle(box.querySelector(".log")).display, getComputedStyle(box.querySelector(".linear")).display];
  }
  parent.document.getElementById("probe").textContent = JSON.stringify(report);
});
</script>"""


class Check:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def that(self, holds, what):
        self.count += 1
        if not holds:
            self.failed += 1
            print(f"FAILED: {what}")


def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    return None


def run(browser, profile, page, width, dark, *options):
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-extensions",
               "--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
               f"--user-data-dir={profile}", "--enable-logging=stderr", "--virtual-time-budget=3000",
               f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--window-size={width},900", *options,
               page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, console


def corner_and_variety(path):
    """The colour of a PNG's first pixel, and how many different rows it has."""
    data = path.read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not a PNG file")
    at, body, head = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + size]
        head = struct.unpack(">IIBB", chunk[:10]) if kind == b"IHDR" else head
        body += chunk if kind == b"IDAT" else b""
        at += 12 + size
    width, height, _, colour = head
    pixel = {2: 3, 6: 4}[colour]
    rows = zlib.decompress(body)
    step = width * pixel + 1
    return rows[1:4], len({rows[y * step:(y + 1) * step] for y in range(height)})


def expected(path):
    figures, rows = {}, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, value = line.split(" ", 1)
        network, name = key.split(".")
        if name == "row":
            layer, field, parameters, macs = value.rsplit(" ", 3)
            rows.setdefault(network, []).append((layer, field, parameters, macs))
        else:
            figures[(network, name)] = int(value)
    return figures, rows


def check_page(check, browser, profile, page, width, dark, screenshots):
    where = f"{page.stem}, {width} pixels, {'dark' if dark else 'light'}"
    text = page.read_text(encoding="utf-8")
    copy = page.with_name(f"{page.stem}.probe.html")
    probed = text.replace("<head>", "<head>" + CATCH, 1).replace("</body>", PROBE + "</body>", 1)
    copy.write_text(FRAME.format(width=width, page=escape(probed)), encoding="utf-8")
    dom, console = run(browser, profile, copy, 1300, dark, "--dump-dom")
    found = re.search(r'<pre id="probe"[^>]*>(.*?)</pre>', dom, re.S)
    check.that(found and found.group(1), f"{where}: the page's script ran to its end; console: {console}")
    if not found or not found.group(1):
        return
    probe = json.loads(unescape(found.group(1)))
    check.that(not console and not probe["problems"], f"{where}: no console error: {console + probe['problems']}")
    check.that(not probe["loaded"], f"{where}: nothing is loaded: {probe['loaded']}")
    check.that(probe["dark"] == dark, f"{where}: the scheme is as asked")
    check.that(probe["inner"] == width, f"{where}: the window is {probe['inner']} wide")
    check.that(probe["scroll"] <= width, f"{where}: {probe['scroll']} pixels wide, more than the screen")
    check.that(not probe["contrast"], f"{where}: contrast below 4.5: {sorted(set(probe['contrast']))[:8]}")
    check.that(all(w > 0 and h > 0 for _, w, h in probe["drawings"]), f"{where}: a drawing has no size")
    check.that(len([d for d in probe["drawings"] if d[0]]) >= 5, f"{where}: drawings are there")

    figures, rows = expected(page.with_suffix(".txt"))
    networks = sorted(rows)
    for (network, name), value in figures.items():
        if name == "lints":
            continue
        if len(networks) == 1 and name in probe["figures"]:
            check.that(int(probe["figures"][name]) == value, f"{where}: {name} is {probe['figures'][name]}, not {value}")
        elif name == "holes":
            check.that(value == 0 or f"{value:,} hole" in probe["text"], f"{where}: {value} holes are shown")
        else:
            # The lede writes the field without commas, tables with.
            check.that(f"{value:,}" in probe["text"] or str(value) in probe["text"], f"{where}: {name} {value} is shown")
    check.that(probe["lints"] == sum(v for (_, name), v in figures.items() if name == "lints"), f"{where}: all lints are shown")
    for network in networks:
        shown = probe["rows"][network]
        check.that(len(shown) == len(rows[network]), f"{where}: {len(shown)} rows instead of {len(rows[network])}")
        for cells, (layer, field, parameters, macs) in zip(shown, rows[network]):
            check.that([cells[0], cells[3].split(" × ")[-1], cells[5].replace(",", ""), cells[6].replace(",", "")] ==
                       [layer, field, parameters, macs], f"{where}: row {cells} for {layer} {field} {parameters} {macs}")
        last, first = probe["slider"][network]
        check.that(first[0].startswith(rows[network][0][0] + ":") and float(last[1]) > float(first[1]) > 0,
                   f"{where}: the slider moves: {probe['slider'][network]}")
    check.that(probe.get("log") == (["inline", "none"] if networks else None), f"{where}: the scale switches: {probe.get('log')}")

    picture = page.with_name(f"{page.stem}-{width}-{'dark' if dark else 'light'}.png")
    run(browser, profile, page, width, dark, f"--screenshot={picture}")
    corner, variety = corner_and_variety(picture)
    check.that(variety > 100, f"{where}: the screenshot has only {variety} different rows")
    check.that((max(corner) < 64) == dark, f"{where}: its background is {tuple(corner)}")
    screenshots.append(picture)
    copy.unlink()


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip())
        return 64
    browser = chromium()
    if browser is None:
        print("skipped: neither chromium nor google-chrome is installed (Debian: apt-get install chromium)")
        return SKIPPED
    folder = Path(sys.argv[2]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([sys.argv[1], str(folder)], check=True)
    check, screenshots = Check(), []
    with tempfile.TemporaryDirectory(prefix="fovea-browser-") as profile:
        os.environ["HOME"] = profile
        for page in sorted(folder.glob("*.html")):
            for width, dark in ((390, False), (390, True), (1240, False), (1240, True)):
                if page.stem in ("Dilated4", "pair") or (width == 390) != dark:
                    check_page(check, browser, profile, page, width, dark, screenshots)
    print(f"{check.count} checks on {len(screenshots)} renderings, {check.failed} failed; screenshots: {folder}")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
