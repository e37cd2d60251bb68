#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Do README.md and docs/*.md say what is so? Prints a line for each of these that is not:

- a ```cpp block is the region of the file that the comment above it names: <!-- start.cpp [train] -->, where the file in
  docs/snippets marks the region's ends with lines `// [train]`;
- a ```text block under <!-- compiler prints: report.cpp --> is what --compiler prints on standard output for that file,
  tabs expanded;
- under <!-- compiler says: mistake.cpp --> each line occurs in g++'s message for that file, which must not compile;
- a ```diff block under <!-- diff: include/fovea/... --> applies to that file: its old lines occur there once;
- a text in quotes that begins with "fovea: " occurs in a string of a header;
- a link that is no address leads to a file, and an #anchor to a heading of it;
- docs/errors.md quotes the beginning of every text of a header's static_assert that begins with "fovea: ";
- docs/headers.md lists every header of include/fovea with the first sentences of its opening comment.

usage: check_docs.py ROOT [--compiler g++]     --update writes cpp blocks, `compiler prints` blocks and headers.md anew
       check_docs.py ROOT --patch-into DIR     copies include/ to DIR and applies the diffs there
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^(?:<!-- (?P<marker>[^\n]*?) -->\n)?```(?P<language>[a-z]*)\n(?P<body>.*?)^```$", re.M | re.S)

FOLDERS = {
    ".": "Umbrellas",
    "declare": "declare: the language",
    "infer": "infer: the answers",
    "plan": "plan: the decisions",
    "execute": "execute: the arithmetic",
    "execute/kernels": "execute/kernels",
    "train": "train: learning",
    "train/kernels": "train/kernels",
    "io": "io: the edge",
    "report": "report: the eyes",
    "detail": "detail: what knows nothing of networks",
}


def opening(header):
    """The first sentence of a header's opening comment, and the ones behind it as long as the whole is short."""
    lines = []
    for line in header.read_text(encoding="utf-8").split("\n")[1:]:
        if not re.match(r"// \S", line):
            break
        lines.append(line[3:].strip())
    sentences = re.split(r"(?<=[.?]) (?=[A-Z])", " ".join(lines))
    text = sentences[0]
    for sentence in sentences[1:]:
        if len(text) + len(sentence) > 160 or sentence.endswith(":"):
            break
        text += " " + sentence
    return text.replace("<", "&lt;").replace("|", "\\|")


def region(path, name):
    """The lines between the two lines `// [name]`, without their common indentation."""
    lines = path.read_text(encoding="utf-8").split("\n")
    ends = [i for i, line in enumerate(lines) if line.strip() == f"// [{name}]"]
    if len(ends) != 2:
        raise ValueError(f"{path.name}: {len(ends)} lines `// [{name}]` instead of 2")
    inside = lines[ends[0] + 1:ends[1]]
    indent = min((len(line) - len(line.lstrip()) for line in inside if line.strip()), default=0)
    return "".join(line[indent:].rstrip() + "\n" for line in inside)


def hunks(body):
    """Pairs of old and new text."""
    for part in body.split("@@\n"):
        lines = part.splitlines()
        yield ("".join(line[1:] + "\n" for line in lines if line[:1] != "+"),
               "".join(line[1:] + "\n" for line in lines if line[:1] != "-"))


def compile_file(root, compiler, source):
    command = [compiler, "-std=c++20", f"-I{root / 'include'}", "-c", str(source), "-o", "/dev/null"]
    return subprocess.run(command, capture_output=True, text=True, errors="replace",
                          env={**os.environ, "LC_ALL": "C.UTF-8"})


def anchors(text):
    found = set()
    for heading in re.findall(r"^#+ +(.*)$", text, re.M):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-"))
    return found


class checker:
    def __init__(self, root, compiler, update):
        self.root, self.compiler, self.update = root, compiler, update
        self.snippets = root / "docs" / "snippets"
        self.problems = []
        self.diffs = []
        strings = []
        self.messages = set()
        for header in sorted((root / "include").rglob("*.hpp")):
            text = header.read_text(encoding="utf-8")
            for run in re.finditer(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+', text):
                strings.append("".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', run[0])))
                # Of the statement that holds it; texts of exceptions are for other pages.
                before = text[:run.start()].rfind("static_assert(")
                if strings[-1].startswith("fovea: ") and before > text[:run.start()].rfind(";"):
                    self.messages.add(strings[-1])
        self.strings = "\n".join(strings)

    def page(self, path):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(self.root)

        def say(at, what):
            self.problems.append(f"{name}:{text.count(chr(10), 0, at) + 1}: {what}")

        def block(match):
            marker, language, body = match["marker"] or "", match["language"], match["body"]
            want = None
            try:
                if language == "cpp":
                    place = re.fullmatch(r"(\S+) \[([\w ]+)\]", marker)
                    if not place:
                        say(match.start(), "a cpp block without <!-- file.cpp [region] --> above it")
                        return match[0]
                    want = region(self.snippets / place[1], place[2])
                elif marker.startswith("compiler prints: ") and self.compiler:
                    result = compile_file(self.root, self.compiler, self.snippets / marker[17:])
                    want = "".join(line.expandtabs().rstrip() + "\n" for line in result.stdout.splitlines())
                elif marker.startswith("compiler says: ") and self.compiler and "clang" not in Path(self.compiler).name:
                    result = compile_file(self.root, self.compiler, self.snippets / marker[15:])
                    if result.returncode == 0:
                        say(match.start(), f"{marker[15:]} compiles")
                    for line in body.splitlines():
                        if line not in result.stderr:
                            say(match.start(), f"{self.compiler} does not say: {line}")
                elif language == "diff":
                    file = self.root / marker.removeprefix("diff: ")
                    for old, new in hunks(body):
                        count = file.read_text(encoding="utf-8").count(old)
                        if count != 1:
                            say(match.start(), f"{marker[6:]} holds these lines {count} times:\n{old}")
                        self.diffs.append((file.relative_to(self.root), old, new))
            except (OSError, ValueError) as error:
                say(match.start(), str(error))
            if want is not None and want != body:
                if self.update:
                    return match[0][:match.start("body") - match.start()] + want + "```"
                say(match.start(), f"differs from {marker}; check_docs.py --update writes it anew")
            return match[0]

        updated = BLOCK.sub(block, text)
        if self.update and updated != text:
            path.write_text(updated, encoding="utf-8")
        prose = BLOCK.sub(lambda m: "\n" * m[0].count("\n"), text)
        for match in re.finditer(r'"(fovea: [^"]*)"', prose):
            if match[1] not in self.strings:
                say(match.start(), f"no header says: {match[1]}")
        for match in re.finditer(r"\]\(([^)\s]+)\)", prose):
            target, _, anchor = match[1].partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = path.parent / target if target else path
            if not file.exists():
                say(match.start(), f"no file {match[1]}")
            elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
                say(match.start(), f"no heading {match[1]}")

    def errors(self):
        quoted = re.findall(r'"(fovea: [^"]*)"', (self.root / "docs" / "errors.md").read_text(encoding="utf-8"))
        for message in sorted(self.messages):
            if not any(message.startswith(text) for text in quoted):
                self.problems.append(f"docs/errors.md does not list: {message}")

    def headers(self):
        path = self.root / "docs" / "headers.md"
        text = ("# Headers\n\nEvery header of `include/fovea` with the question it answers: the beginning of its first comment. "
                "Written by `docs/snippets/check_docs.py --update`.\n")
        base = self.root / "include" / "fovea"
        for folder, title in FOLDERS.items():
            text += f"\n## {title}\n\n| header | |\n|---|---|\n"
            for header in sorted((base / folder).glob("*.hpp")):
                text += f"| `{header.relative_to(base).as_posix()}` | {opening(header)} |\n"
        for header in base.rglob("*.hpp"):
            if header.parent.relative_to(base).as_posix() not in FOLDERS:
                self.problems.append(f"check_docs.py: FOLDERS lacks the folder of {header}")
        if self.update:
            path.write_text(text, encoding="utf-8")
        elif text != path.read_text(encoding="utf-8"):
            self.problems.append("docs/headers.md: not what the headers say; check_docs.py --update writes it anew")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--compiler")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--patch-into", type=Path)
    options = parser.parse_args()
    root = options.root.resolve()
    check = checker(root, options.compiler, options.update)
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    if options.patch_into:
        pages = [root / "docs" / "adding-a-brick.md"]
    for page in pages:
        check.page(page)
    if options.patch_into:
        shutil.rmtree(options.patch_into / "include", ignore_errors=True)
        shutil.copytree(root / "include", options.patch_into / "include")
        for file, old, new in check.diffs:
            copy = options.patch_into / file
            copy.write_text(copy.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    else:
        check.headers()
        check.errors()
    for problem in check.problems:
        print(problem)
    print(f"{len(pages)} pages, {len(check.problems)} problems")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
