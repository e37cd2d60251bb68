#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Random networks: C++ types for the engine test, and a description that other frameworks can build.

usage: random_graphs.py --seed N --count N --most-bricks N --cpp FILE... [--json FILE]

The networks are dealt over the C++ files. They have few map sizes, channel counts and kernels, so that all of them share
a few dozen kernels: what is tried is how they are put together.
"""

import argparse
import json
import random

HEIGHT, WIDTH, CHANNELS = 8, 12, 4


class Writer:
    """Makes one network. A brick is a list: name, then arguments, which are numbers, words or bricks."""

    def __init__(self, rng, most):
        self.rng = rng
        self.left = rng.randint(3, most)
        self.taps = {}  # name -> (channels, level); level 1 has half the rows and columns

    def chance(self, share):
        return self.rng.random() < share

    def leaf(self, channels, level):
        self.left -= 1
        kind = self.rng.choice(["Conv"] * 5 + ["BatchNorm", "ReLU", "ReLU", "PReLU", "Sigmoid", "Tanh", "DepthwiseConv",
                                                "Conv1x1", "MaxPool", "AvgPool", "MedianPool", "Masked", "Mirrored"])
        to = self.rng.choice([4, 4, 8])
        if kind == "Conv":
            return ["Conv", {"out": to, "dil": self.rng.choice([1, 2])}], to
        if kind == "Masked":
            return ["Conv", {"out": to, "taps": self.rng.choice(["cross", "diagonal,vertical"])}], to
        if kind == "Mirrored":
            return ["Conv", {"out": to, "mode": self.rng.choice(["reflect", "replicate", "circular"])}], to
        if kind == "Conv1x1":
            return ["Conv1x1", to], to
        if kind == "DepthwiseConv":
            return ["DepthwiseConv", {}], channels
        return [kind], channels

    def sequence(self, channels, level, depth):
        bricks = []
        for _ in range(self.rng.randint(1, 4)):
            brick, channels = self.brick(channels, level, depth)
            bricks.append(brick)
            if self.left <= 0:
                break
        return bricks, channels

    def branch(self, channels, level, depth, want=None):
        """A brick or a Sequential that ends with `want` channels, if given."""
        bricks, got = self.sequence(channels, level, depth)
        if want is not None and got != want:
            bricks.append(["Conv1x1", want])
            got = want
        return (bricks[0] if len(bricks) == 1 and self.chance(0.5) else ["Sequential", *bricks]), got

    def brick(self, channels, level, depth):
        if depth == 0 or self.left <= 1 or self.chance(0.45):
            return self.leaf(channels, level)
        self.left -= 1
        kind = self.rng.choice(["Residual", "Residual", "Sum", "Concat", "Gated", "Tap", "From", "From", "Down", "Shared"])
        if kind == "Residual":
            if self.chance(0.6):
                body, _ = self.branch(channels, level, depth - 1, channels)
                return ["Residual", body], channels
            body, to = self.branch(channels, level, depth - 1)
            shortcut, _ = self.branch(channels, level, depth - 1, to)
            return ["Residual", body, shortcut], to
        if kind == "Sum":
            first, to = self.branch(channels, level, depth - 1)
            rest = [self.branch(channels, level, depth - 1, to)[0] for _ in range(self.rng.randint(1, 2))]
            return ["Parallel", "Sum", first, *rest], to
        if kind == "Concat":
            branches, total = [], 0
            for _ in range(self.rng.randint(2, 3)):
                branch, to = (["Identity"], channels) if self.chance(0.2) else self.branch(channels, level, depth - 1, 4)
                branches.append(branch)
                total += to
            return ["Sequential", ["Parallel", "Concat", *branches], ["Conv1x1", 4]], 4
        if kind == "Shared":
            branches = [["Sequential", ["Conv", {"out": 4, "dil": d}], ["BatchNorm"], ["PReLU"]] for d in (1, 2)]
            return ["Parallel", "Sum", ["SharedWeights", *branches]], 4
        if kind == "Gated":
            return ["Gated", ["Conv", {"out": 8, "dil": self.rng.choice([1, 2])}]], 4
        if kind == "Tap":
            name = self.rng.choice("abc")
            self.taps[name] = (channels, level)
            return ["Tap", name], channels
        if kind == "From":
            names = [n for n, (_, at) in self.taps.items() if at == level]
            if not names:
                return self.leaf(channels, level)
            name = self.rng.choice(names)
            if self.taps[name][0] == channels and self.chance(0.6):
                return ["AddFrom", name], channels
            return ["Sequential", ["ConcatFrom", name], ["Conv1x1", 4]], 4
        if level == 1:
            return self.leaf(channels, level)
        down = self.rng.choice([["MaxPool", {"ker": 2, "stride": 2}], ["Conv", {"out": 4, "stride": 2}]])
        inner, to = self.sequence(4 if down[0] == "Conv" else channels, 1, depth - 1)
        up = self.rng.choice([["Upsample", 2], ["Upsample", 2, "bilinear"], ["Deconv", {"out": 4, "ker": 2, "stride": 2}]])
        return ["Sequential", down, *inner, up], 4 if up[0] == "Deconv" else to

    def network(self):
        bricks, channels = [], CHANNELS
        while self.left > 0:
            brick, channels = self.brick(channels, 0, 4)
            bricks.append(brick)
        if self.chance(0.3):
            heads = [self.branch(channels, 0, 1)[0] for _ in range(2)]
            bricks.append(["Heads", *heads])
        elif self.chance(0.5):
            bricks += [["GAP"], ["Dense", 3], ["Softmax"]]
        return bricks


def count(bricks):
    return sum(1 + count([a for a in b[1:] if isinstance(a, list)]) for b in bricks)


def random_network(rng, most):
    """At most `most` bricks, containers counted: longer ones are drawn again."""
    while True:
        bricks = Writer(rng, most // 2).network()
        if count(bricks) <= most:
            return bricks


def options(values):
    words = []
    for name, value in values.items():
        if name == "taps":
            words.append(f"taps<{value.replace(',', ', ')}>")
        elif name == "mode":
            words.append(value)
        else:
            words.append(f"{name}<{value}>")
    return ", ".join(words)


def cpp(brick):
    name, *arguments = brick
    if name in ("Tap", "AddFrom", "ConcatFrom"):
        return f'{name}<"{arguments[0]}">'
    parts = [options(a) if isinstance(a, dict) else cpp(a) if isinstance(a, list) else str(a) for a in arguments]
    takes_options = name in ("Conv", "DepthwiseConv", "MaxPool", "AvgPool", "MedianPool", "Deconv")
    return f"{name}<{', '.join(parts)}>" if parts or takes_options else name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--most-bricks", type=int, default=30)
    parser.add_argument("--cpp", nargs="+", default=[])
    parser.add_argument("--json")
    given = parser.parse_args()

    networks = [random_network(random.Random(f"{given.seed}/{i}"), given.most_bricks) for i in range(given.count)]
    for n, path in enumerate(given.cpp):
        mine = range(n, given.count, len(given.cpp))
        with open(path, "w", encoding="utf-8") as out:
            out.write('#include "random_graph.hpp"\n\nusing namespace fovea;\n\n')
            for i in mine:
                types = ", ".join(cpp(b) for b in networks[i])
                out.write(f"using Graph{i} = Network<Input<{CHANNELS}, {HEIGHT}, {WIDTH}>, {types}>;\n")
            out.write(f'\nTEST_CASE("random graphs, part {n + 1}") {{\n')
            for i in mine:
                out.write(f"    fovea::test::try_graph<Graph{i}>({i});\n")
            out.write("}\n")
    if given.json:
        with open(given.json, "w", encoding="utf-8") as out:
            json.dump({"input": [CHANNELS, HEIGHT, WIDTH], "networks": networks}, out)


if __name__ == "__main__":
    main()
