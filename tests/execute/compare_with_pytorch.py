#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Do random networks give in PyTorch what they give here, with weights read by their names?

usage: compare_with_pytorch.py random_graphs.json TEST_PROGRAM

Runs the test program, which writes weights, inputs and outputs; builds each network of torch.nn modules; loads the weights
strictly; compares the outputs. Exit code 77 where PyTorch is not installed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy
    import torch
    from torch import nn
except ImportError as missing:
    print(f"not compared with PyTorch: {missing}")
    sys.exit(77)


def read_safetensors(path):
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = numpy.frombuffer(data[8 + size + begin:8 + size + end], dtype="<f4")
            tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x):
        return self.body(x) + (x if self.shortcut is None else self.shortcut(x))


class Parallel(nn.Module):
    def __init__(self, join, branches):
        super().__init__()
        self.join = join
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        results = [branch(x) for branch in self.branches]
        return torch.cat(results, 1) if self.join == "Concat" else sum(results[1:], results[0])


class Gated(nn.Sequential):
    def forward(self, x):
        value, gate = super().forward(x).chunk(2, 1)
        return torch.tanh(value) * torch.sigmoid(gate)


class Heads(nn.Module):
    def __init__(self, heads):
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, x):
        return [head(x) for head in self.heads]


class Tap(nn.Module):
    def __init__(self, taps, name):
        super().__init__()
        self.taps, self.name = taps, name

    def forward(self, x):
        self.taps[self.name] = x
        return x


class From(nn.Module):
    def __init__(self, taps, name, add):
        super().__init__()
        self.taps, self.name, self.add = taps, name, add

    def forward(self, x):
        return x + self.taps[self.name] if self.add else torch.cat([x, self.taps[self.name]], 1)


class GAP(nn.Module):
    def forward(self, x):
        return x.mean((2, 3), keepdim=True)


class Dense(nn.Linear):
    def forward(self, x):
        return super().forward(x.flatten(1))[:, :, None, None]


class MedianPool(nn.Module):
    """3x3, of the values inside the map."""

    def forward(self, x):
        padded = nn.functional.pad(x, (1, 1, 1, 1), value=float("nan"))
        windows = padded.unfold(2, 3, 1).unfold(3, 3, 1).flatten(4)
        return torch.nanquantile(windows, 0.5, dim=4)  # linear between the two in the middle: their mean


class MaskedConv(nn.Conv2d):
    """Weights O, I, T of the taps that exist, or all in a row; put into a full kernel when they are loaded."""

    PATTERNS = {"cross": "010111010", "diagonal": "100010001", "vertical": "010010010"}

    def __init__(self, channels, out, patterns):
        super().__init__(channels, out, 3, padding=1)
        self.patterns = [[i for i, c in enumerate(self.PATTERNS[p]) if c == "1"] for p in patterns]

    def _load_from_state_dict(self, state, prefix, *rest):
        values = state[prefix + "weight"].flatten()
        full = torch.zeros(self.out_channels, self.in_channels, 9)
        at = 0
        for o in range(self.out_channels):
            taps = self.patterns[o % len(self.patterns)]
            size = self.in_channels * len(taps)
            full[o][:, taps] = values[at:at + size].reshape(self.in_channels, len(taps))
            at += size
        state[prefix + "weight"] = full.reshape(self.out_channels, self.in_channels, 3, 3)
        super()._load_from_state_dict(state, prefix, *rest)


class Builder:
    def __init__(self, channels):
        self.channels = channels
        self.taps = {}
        self.tap_channels = {}

    def sequence(self, bricks, kind=nn.Sequential):
        return kind(*[self.brick(b) for b in bricks])

    def branches(self, bricks):
        """Each from the same map; SharedWeights gives several that use the first one's weights."""
        start, modules, ends = self.channels, [], []
        for b in bricks:
            group = b[1:] if b[0] == "SharedWeights" else [b]
            for n, branch in enumerate(group):
                self.channels = start
                module = self.brick(branch)
                if n > 0:
                    for own, first in zip(module, modules[-n]):
                        own._parameters = first._parameters
                        own._buffers = first._buffers
                modules.append(module)
                ends.append(self.channels)
        return modules, ends

    def brick(self, b):
        name, *a = b
        c = self.channels
        if name == "Sequential":
            return self.sequence(a)
        if name == "Gated":
            module = self.sequence(a, Gated)
            self.channels //= 2
            return module
        if name == "Residual":
            body = self.brick(a[0])
            end, self.channels = self.channels, c
            shortcut = self.brick(a[1]) if len(a) > 1 else None
            self.channels = end
            return Residual(body, shortcut)
        if name == "Parallel":
            modules, ends = self.branches(a[1:])
            self.channels = sum(ends) if a[0] == "Concat" else ends[0]
            return Parallel(a[0], modules)
        if name == "Heads":
            return Heads(self.branches(a)[0])
        if name == "Tap":
            self.tap_channels[a[0]] = c
            return Tap(self.taps, a[0])
        if name in ("AddFrom", "ConcatFrom"):
            self.channels += self.tap_channels[a[0]] if name == "ConcatFrom" else 0
            return From(self.taps, a[0], name == "AddFrom")
        if name == "Conv":
            o = a[0]
            self.channels = o["out"]
            if "taps" in o:
                return MaskedConv(c, o["out"], o["taps"].split(","))
            d = o.get("dil", 1)
            if "stride" in o:  # `same` puts the odd row and column at the end
                return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(c, o["out"], 3, stride=2))
            return nn.Conv2d(c, o["out"], 3, padding=d, dilation=d, padding_mode=o.get("mode", "zeros"))
        if name == "Conv1x1":
            self.channels = a[0]
            return nn.Conv2d(c, a[0], 1)
        if name == "DepthwiseConv":
            return nn.Conv2d(c, c, 3, padding=1, groups=c)
        if name == "Deconv":
            self.channels = a[0]["out"]
            return nn.ConvTranspose2d(c, a[0]["out"], 2, stride=2)
        if name == "MaxPool":
            return nn.MaxPool2d(2, 2) if a else nn.MaxPool2d(3, 1, 1)
        if name == "AvgPool":
            return nn.AvgPool2d(3, 1, 1, count_include_pad=False)
        if name == "MedianPool":
            return MedianPool()
        if name == "Upsample":
            return nn.Upsample(scale_factor=2, mode="bilinear" if len(a) > 1 else "nearest")
        if name == "Dense":
            self.channels = a[0]
            return Dense(c, a[0])
        if name == "BatchNorm":
            return nn.BatchNorm2d(c)
        if name == "PReLU":
            return nn.PReLU(c)
        if name == "Softmax":
            return nn.Softmax(1)
        plain = {"ReLU": nn.ReLU, "Sigmoid": nn.Sigmoid, "Tanh": nn.Tanh, "GAP": GAP, "Identity": nn.Identity}
        return plain[name]()


def load(module, tensors):
    """Every parameter and statistic by its name; those of a padded convolution and of shared weights under one name."""
    state = {}
    for name in module.state_dict():
        if not name.endswith("num_batches_tracked"):
            state[name] = None
    used = set()
    for name in state:
        source = name
        if source not in tensors:  # nn.Sequential(pad, conv)
            parts = name.split(".")
            source = ".".join(parts[:-2] + parts[-1:])
        if source not in tensors:  # the second branch of SharedWeights
            source = name.replace(".branches.1.", ".branches.0.")
        if source not in tensors and ".branches." in name:
            head, _, tail = name.rpartition(".branches.1.")
            source = head + ".branches.0." + tail
        state[name] = tensors[source]
        used.add(source)
    if used != set(tensors):
        raise KeyError(f"not used: {set(tensors) - used}")
    missing, unexpected = module.load_state_dict(state, strict=False)
    if unexpected or any(not m.endswith("num_batches_tracked") for m in missing):
        raise KeyError(f"missing {missing}, unexpected {unexpected}")


def main():
    description = json.loads(Path(sys.argv[1]).read_text())
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[2]], check=True, env={**os.environ, "FOVEA_GRAPH_DIR": folder},
                       stdout=subprocess.DEVNULL)
        for number, bricks in enumerate(description["networks"]):
            builder = Builder(description["input"][0])
            network = builder.sequence(bricks)
            load(network, read_safetensors(f"{folder}/{number}.safetensors"))
            network.eval()
            x = torch.from_numpy(numpy.load(f"{folder}/{number}.input.npy")).reshape(1, *description["input"])
            with torch.no_grad():
                results = network(x)
            for o, result in enumerate(results if isinstance(results, list) else [results]):
                got = torch.from_numpy(numpy.load(f"{folder}/{number}.output{o}.npy"))
                error = float((got - result.flatten()).abs().max() / max(1.0, float(result.abs().max())))
                worst = max(worst, error)
                if not error <= 1e-4:
                    print(f"graph {number}, output {o}: relative error {error}\n{bricks}")
                    sys.exit(1)
    print(f"{len(description['networks'])} networks agree with PyTorch {torch.__version__}; largest error {worst:.1e}")


if __name__ == "__main__":
    main()
