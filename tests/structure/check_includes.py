#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom, and how long may a file be? Checks the headers of include/fovea and prints one line a violation.

usage: check_includes.py <root of the project> | --self-test
"""

import re
import sys
import tempfile
from pathlib import Path

# Folder -> folders whose headers it may include. A file outside the folders is an umbrella or version.hpp.
ALLOWED = {
    "detail": {"detail"},
    "declare": {"declare", "detail"},
    "infer": {"declare", "infer", "detail"},
    "plan": {"declare", "infer", "plan", "detail"},
    "execute": {"declare", "infer", "plan", "execute", "detail"},
    "io": {"declare", "infer", "plan", "execute", "io", "detail"},
    "train": {"declare", "infer", "plan", "execute", "io", "train", "detail"},
    "report": {"infer", "report", "detail"},
}
UMBRELLAS = {
    "dsl.hpp": {"declare", "infer", "detail"},
    "fovea.hpp": {"declare", "infer", "plan", "execute", "io", "detail"},
    "train.hpp": {"declare", "infer", "plan", "execute", "io", "train", "detail"},
    "report.hpp": {"infer", "plan", "io", "report", "detail"},
}
# Umbrella -> external headers that it must not reach, directly or not.
UNREACHABLE = {
    "dsl.hpp": r"(xtensor|xtl|xsimd|boost|nlohmann)/|png\.h|zlib\.h",
    "fovea.hpp": r"png\.h|zlib\.h",
    "train.hpp": r"png\.h",
    "report.hpp": r"(xtensor|xtl|xsimd)/|png\.h|zlib\.h",
}
# External header -> the only files that may include it.
DOORS = {
    r"xtensor/": r"detail/xtensor\.hpp",
    r"xsimd/": r"execute/kernels/simd\.hpp",
    r"boost/": r"detail/[a-z0-9_]+\.hpp",
    r"png\.h": r"io/image\.hpp",
    r"zlib\.h": r"(io|train)/[a-z0-9_]+\.hpp",
    # What is not C++'s own. Engines need no files: aligned.hpp asks for huge pages, process.hpp for the process's number,
    # processors.hpp for its processors, each where there is such a thing.
    r"(sys/|unistd\.h|fcntl\.h|sched\.h|process\.h|io\.h|share\.h|windows\.h)": r"detail/(system_[a-z]+|aligned|process|processors)\.hpp",
}
# A file of more lines says in its opening comment why it is one: "More than 600 lines, since ...".
MOST_LINES = 600
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read(base):
    """File (relative to include/fovea) -> (text, [(included own file or None, name as written)])."""
    files = {}
    for path in sorted(base.rglob("*.hpp")):
        text = path.read_text(encoding="utf-8")
        includes = []
        for line in text.splitlines():
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, name = match.groups()
            own = None
            if name.startswith("fovea/"):
                own = (base / name[len("fovea/"):]).resolve()
            elif quote == '"':
                own = (path.parent / name).resolve()
            if own is not None:
                try:
                    own = own.relative_to(base.resolve()).as_posix()
                except ValueError:
                    own = "(outside include/fovea)"
            includes.append((own, name))
        files[path.relative_to(base).as_posix()] = (text, includes)
    return files


def reach(files, start):
    """External header -> chain of own files that leads to it from start."""
    found, seen, queue = {}, {start}, [(start, [start])]
    while queue:
        file, chain = queue.pop()
        for own, name in files.get(file, ("", []))[1]:
            if own is None:
                found.setdefault(name, chain)
            elif own not in seen:
                seen.add(own)
                queue.append((own, chain + [own]))
    return found


def cycles(files):
    state, result = {}, []

    def visit(file, chain):
        if state.get(file) == "open":
            result.append(" -> ".join(chain[chain.index(file):] + [file]))
        elif file not in state and file in files:
            state[file] = "open"
            for own, _ in files[file][1]:
                if own is not None:
                    visit(own, chain + [file])
            state[file] = "done"

    for file in files:
        visit(file, [])
    return result


def violations(root):
    base = Path(root) / "include" / "fovea"
    files = read(base)
    result = [] if files else [f"{base}: no headers found"]
    for file, (text, includes) in files.items():
        folder = file.split("/")[0] if "/" in file else ""
        lines = text.splitlines()
        if not lines or lines[0] != "// SPDX-License-Identifier: BSD-3-Clause":
            result.append(f"{file}: the first line is not the licence, '// SPDX-License-Identifier: BSD-3-Clause'")
        if len(lines) < 2 or not lines[1].startswith("// "):
            result.append(f"{file}: the second line does not say which question the file answers")
        if not any(line.strip() == "#pragma once" for line in lines):
            result.append(f"{file}: no #pragma once")
        opening = text.split("#pragma once")[0]
        if len(lines) > MOST_LINES and f"More than {MOST_LINES} lines" not in opening:
            result.append(f"{file}: {len(lines)} lines, and no reason for more than {MOST_LINES} in its opening comment")
        if folder and folder not in ALLOWED:
            result.append(f"{file}: the folder '{folder}' is none of the stages {', '.join(ALLOWED)}")
            continue
        allowed = ALLOWED.get(folder) or UMBRELLAS.get(file, set())
        for own, name in includes:
            if own is None:
                for pattern, door in DOORS.items():
                    if re.match(pattern, name) and not re.fullmatch(door, file):
                        result.append(f"{file}: includes <{name}>, which only {door.replace('[a-z0-9_]+', '*').replace(chr(92), '')} may")
            elif own not in files:
                result.append(f"{file}: includes '{name}', which is not there")
            elif "/" not in own:
                if own != "version.hpp" and not (file == "train.hpp" and own == "fovea.hpp") and not (
                    file == "fovea.hpp" and own == "dsl.hpp"
                ):
                    result.append(f"{file}: includes the umbrella '{own}'")
            elif own.split("/")[0] not in allowed:
                result.append(f"{file}: includes '{own}', a later stage; allowed: {', '.join(sorted(allowed)) or 'none'}")
    for umbrella, pattern in UNREACHABLE.items():
        if umbrella in files:
            for name, chain in reach(files, umbrella).items():
                if re.match(pattern, name):
                    result.append(f"{umbrella}: reaches <{name}> through {' -> '.join(chain)}")
    result += [f"cycle: {cycle}" for cycle in cycles(files)]
    return result, len(files)


def self_test():
    """Each broken tree must be reported, the sound one must not be."""
    head = "// SPDX-License-Identifier: BSD-3-Clause\n// What is this?\n#pragma once\n"
    sound = {
        "dsl.hpp": head + "#include <fovea/declare/a.hpp>\n#include <fovea/infer/b.hpp>\n",
        "fovea.hpp": head + "#include <fovea/dsl.hpp>\n#include <fovea/io/c.hpp>\n",
        "declare/a.hpp": head + '#include <array>\n#include "../detail/d.hpp"\n',
        "infer/b.hpp": head + '#include "../declare/a.hpp"\n',
        "detail/d.hpp": head,
        "detail/xtensor.hpp": head + "#include <xtensor/xtensor.hpp>\n",
        "io/c.hpp": head + '#include "../detail/xtensor.hpp"\n',
        "io/image.hpp": head + "#include <png.h>\n",
        "train/t.hpp": head + '#include "../io/c.hpp"\n',
        "train.hpp": head + "#include <fovea/train/t.hpp>\n",
        "report/r.hpp": head + '#include "../infer/b.hpp"\n',
    }
    broken = {
        "a later stage": {"declare/a.hpp": head + '#include "../infer/b.hpp"\n'},
        "io in train's place": {"io/c.hpp": head + "#include <fovea/train/t.hpp>\n"},
        "detail that knows networks": {"detail/d.hpp": head + '#include "../declare/a.hpp"\n'},
        "umbrella inside": {"infer/b.hpp": head + "#include <fovea/dsl.hpp>\n"},
        "xtensor past its door": {"io/c.hpp": head + "#include <xtensor/xtensor.hpp>\n"},
        "a system call past its door": {"io/c.hpp": head + "#include <unistd.h>\n"},
        "dsl reaches xtensor": {"declare/a.hpp": head + '#include "../detail/xtensor.hpp"\n'},
        "fovea reaches png": {"io/c.hpp": head + '#include "image.hpp"\n'},
        "train reaches png": {"train/t.hpp": head + '#include "../io/image.hpp"\n'},
        "a report that reads plans": {"plan/p.hpp": head, "report/r.hpp": head + "#include <fovea/plan/p.hpp>\n"},
        "missing file": {"infer/b.hpp": head + '#include "gone.hpp"\n'},
        "unknown folder": {"extra/e.hpp": head},
        "no licence": {"detail/d.hpp": "// What?\n// x\n#pragma once\n"},
        "no pragma": {"detail/d.hpp": "// SPDX-License-Identifier: BSD-3-Clause\n// What?\n"},
        "a long file": {"detail/d.hpp": head + "// and so on\n" * 600},
        "cycle": {"detail/d.hpp": head + '#include "e.hpp"\n', "detail/e.hpp": head + '#include "d.hpp"\n'},
    }
    wrong = 0
    for name, changes in [("sound", {}), *broken.items()]:
        with tempfile.TemporaryDirectory() as root:
            for file, text in {**sound, **changes}.items():
                path = Path(root) / "include" / "fovea" / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            found, _ = violations(root)
        if bool(found) != bool(changes):
            wrong += 1
            print(f"self-test '{name}': {found if found else 'nothing found'}")
    print(f"self-test: {len(broken)} broken trees and a sound one, {wrong} judged wrongly")
    return 1 if wrong else 0


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip())
        return 64
    if sys.argv[1] == "--self-test":
        return self_test()
    found, count = violations(sys.argv[1])
    for line in found:
        print(line)
    print(f"{count} headers, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
