# SPDX-License-Identifier: BSD-3-Clause
"""What other libraries are given: a network's layers as fovea describes them, its weights, and the same with BatchNorm folded."""
import json
import os
import struct

import numpy as np


def read_safetensors(path):
    """Tensors by name, float32."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", f"{path}: {name} is {entry['dtype']}"
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"]).copy()
    return tensors


def write_safetensors(path, tensors):
    header, blobs, offset = {}, [], 0
    for name, tensor in tensors.items():
        blob = np.ascontiguousarray(tensor, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


class Network:
    """network.json (see describe.hpp) with its weights."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "network.json")) as file:
            self.description = json.load(file)
        self.name = self.description["name"]
        self.input = self.description["input"]
        self.output = self.description["output"]
        self.layers = self.description["layers"]
        self.macs = self.description["macs"]
        self.weights = read_safetensors(os.path.join(folder, "weights.safetensors"))

    def tensor(self, layer, field):
        return self.weights[layer["path"] + "." + field]

    def rescale_classifier(self):
        """Logits of unit deviation: behind saturated ones Softmax would hide every mistake. Weights of a network without Softmax stay."""
        if self.layers[-1]["operation"] != "softmax":
            return
        classifier = self.layers[-2]
        scale = 1 / np.std(self.maps_of(self.batch(1)[0])[-2])
        for field in ("weight", "bias"):
            self.tensor(classifier, field)[...] *= scale
        write_safetensors(os.path.join(self.folder, "weights.safetensors"), self.weights)

    def maps_of(self, image):
        """Every map for one image, in double precision, by the plain definition: a product for each tap."""
        maps = [image.astype(np.float64)]
        for layer in self.layers:
            inputs = [maps[m] for m in layer["inputs"]]
            x = inputs[0]
            match layer["operation"]:
                case "conv":
                    y = self._convolution(layer, x)
                case "batch_norm":
                    mean, var, weight, bias = (self.tensor(layer, f).astype(np.float64)[:, None, None]
                                               for f in ("running_mean", "running_var", "weight", "bias"))
                    y = (x - mean) / np.sqrt(var + layer["epsilon"]) * weight + bias
                case "relu":
                    y = np.maximum(x, 0)
                case "add":
                    y = inputs[0] + inputs[1]
                case "mean":
                    y = x.mean((1, 2), keepdims=True)
                case "softmax":
                    e = np.exp(x - x.max(0))
                    y = e / e.sum(0)
            maps.append(y)
        return maps

    def _convolution(self, layer, x):
        weight = self.tensor(layer, "weight").astype(np.float64)
        (kh, kw), (dh, dw), (sh, sw), (top, left, bottom, right) = (layer[k] for k in ("kernel", "dilation", "stride", "padding"))
        groups = layer["groups"]
        outs, height, width = layer["output"]
        x = np.pad(x, ((0, 0), (top, bottom), (left, right)))
        y = np.zeros((groups, outs // groups, height * width))
        for i in range(kh):
            for j in range(kw):
                seen = x[:, i * dh : i * dh + (height - 1) * sh + 1 : sh, j * dw : j * dw + (width - 1) * sw + 1 : sw]
                tap = weight[:, :, i, j].reshape(groups, outs // groups, -1)
                y += tap @ np.ascontiguousarray(seen).reshape(groups, -1, height * width)
        return y.reshape(outs, height, width) + self.tensor(layer, "bias").astype(np.float64)[:, None, None]

    def batch(self, images):
        x = np.fromfile(os.path.join(self.folder, "input.bin"), np.float32, images * int(np.prod(self.input)))
        return x.reshape([images] + self.input)


def folded(network):
    """Steps as an engine runs them: BatchNorm in the convolution before it, ReLU and sum at its end.

    A step: operation (conv, mean, softmax), inputs and output (numbers of maps), relu, shapes; a convolution has weight and bias, and
    `sum`: the map that is added before ReLU, or None.
    """
    readers = {}
    for layer in network.layers:
        for m in layer["inputs"]:
            readers[m] = readers.get(m, 0) + 1
    steps = []
    renamed = {}  # a map of the network's that a step before has made already
    producer = {}  # which step gives a map
    for number, layer in enumerate(network.layers):
        made = number + 1
        inputs = [renamed.get(m, m) for m in layer["inputs"]]
        operation = layer["operation"]
        before = producer.get(inputs[0])
        if operation == "batch_norm" and before and before["operation"] == "conv" and readers[layer["inputs"][0]] == 1:
            scale = network.tensor(layer, "weight").astype(np.float64) / np.sqrt(
                network.tensor(layer, "running_var").astype(np.float64) + layer["epsilon"])
            before["weight"] = before["weight"] * scale[:, None, None, None]
            before["bias"] = (before["bias"] - network.tensor(layer, "running_mean")) * scale + network.tensor(layer, "bias")
            renamed[made] = inputs[0]
        elif operation == "relu" and before and not before["relu"] and readers[layer["inputs"][0]] == 1:
            before["relu"] = True
            renamed[made] = inputs[0]
        elif operation == "add":
            last = max(inputs)
            conv = producer[last]
            others = [m for m in inputs if m != last]
            assert len(others) == 1 and conv["operation"] == "conv" and not conv["relu"] and conv["sum"] is None
            conv["sum"] = others[0]
            renamed[made] = last
        elif operation in ("conv", "mean", "softmax"):
            step = {"operation": operation, "inputs": inputs, "output": made, "relu": False,
                    "input_shape": layer["input"], "output_shape": layer["output"]}
            if operation == "conv":
                step |= {k: layer[k] for k in ("kernel", "dilation", "stride", "padding", "groups")}
                step |= {"sum": None, "weight": network.tensor(layer, "weight").astype(np.float64),
                         "bias": network.tensor(layer, "bias").astype(np.float64)}
            steps.append(step)
            producer[made] = step
        else:
            raise ValueError(f"{network.name}: {operation} cannot be folded")
    for step in steps:
        for field in ("weight", "bias"):
            if field in step:
                step[field] = step[field].astype(np.float32)
    return steps


def write_folded(network):
    """folded.json and folded.bin for the programs in C++: a tensor is [first float, floats]."""
    offset, blobs, texts = 0, [], []
    for step in folded(network):
        text = dict(step)
        for field in ("weight", "bias"):
            if field in step:
                text[field] = [offset, step[field].size]
                offset += step[field].size
                blobs.append(step[field].tobytes())
        texts.append(text)
    with open(os.path.join(network.folder, "folded.bin"), "wb") as file:
        file.write(b"".join(blobs))
    with open(os.path.join(network.folder, "folded.json"), "w") as file:
        json.dump({"name": network.name, "input": network.input, "output": network.output, "steps": texts}, file, indent=1)
