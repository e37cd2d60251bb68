#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does the gallery show all networks of the examples? Writes it and follows its links.

usage: check_gallery.py <fovea_report> <root of the project> <folder for the gallery>

Every header of examples/networks and examples/families that declares a network has one in the gallery; every link of the index leads
to a page that holds a report of that name, and every page has a link.
"""

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path


def main():
    program, root, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    shutil.rmtree(folder, ignore_errors=True)
    output = subprocess.run([program, "--gallery", str(folder)], check=True, capture_output=True, text=True).stdout
    shown = dict(line.split(": ") for line in output.splitlines() if ": examples/" in line)
    problems = []
    for header in sorted((root / "examples").glob("*/*.hpp")):
        # The families in small are made for a test.
        if header.parent.name not in ("networks", "families") or header.name == "reduced.hpp":
            continue
        declares = re.search(r"^using \w+ = (Network<|\w+Of<|ImageNetClassifier<)", header.read_text(encoding="utf-8"), re.M)
        name = header.relative_to(root).as_posix()
        if declares and name not in shown.values():
            problems.append(f"no network of {name}")
    index = (folder / "index.html").read_text(encoding="utf-8")
    cards = re.findall(r'<h3><a href="([^"]+)">([^<]+)</a></h3>', index)
    rows = re.findall(r'<th class="l" scope="row"><a href="([^"]+)">([^<]+)</a></th>', index)
    if cards != rows or len(cards) != len(shown):
        problems.append(f"{len(shown)} networks, {len(cards)} cards, {len(rows)} rows")
    for file, title in cards:
        page = folder / file
        if not page.exists():
            problems.append(f"no page {file}")
        elif f"<title>{title}</title>" not in page.read_text(encoding="utf-8"):
            problems.append(f"{file} is not about {unescape(title)}")
    linked = {file for file, _ in cards} | {"index.html"}
    problems += [f"no link to {page.name}" for page in folder.iterdir() if page.name not in linked]
    for problem in problems:
        print(problem)
    print(f"{len(cards)} networks, {len(problems)} problems")
    return 1 if problems or not cards else 0


if __name__ == "__main__":
    sys.exit(main())
