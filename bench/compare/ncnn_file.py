# SPDX-License-Identifier: BSD-3-Clause
"""A network as ncnn's two files: a line for each layer, and the weights in their order."""
import os
import struct

from network import folded


def write_ncnn(network, folder):
    """Writes network.param and network.bin; the blobs are "in" and "out"."""
    steps = folded(network)
    readers = {}  # how often each map is read; ncnn wants a Split where that is more than once
    for step in steps:
        for m in step["inputs"] + ([step["sum"]] if step.get("sum") is not None else []):
            readers[m] = readers.get(m, 0) + 1
    lines, blobs, weights = [], set(), []
    taken = {}

    def layer(kind, inputs, outputs, parameters=""):
        blobs.update(outputs)
        lines.append(f"{kind} l{len(lines)} {len(inputs)} {len(outputs)} {' '.join(inputs + outputs)} {parameters}".rstrip())

    def give(m, name):
        """A map is there; it is split for its readers."""
        if readers.get(m, 0) > 1:
            layer("Split", [name], [f"m{m}_{i}" for i in range(readers[m])])

    def take(m):
        taken[m] = taken.get(m, 0) + 1
        name = "in" if m == 0 else f"m{m}"
        return f"m{m}_{taken[m] - 1}" if readers[m] > 1 else name

    layer("Input", [], ["in"])
    give(0, "in")
    for number, step in enumerate(steps):
        result = "out" if number + 1 == len(steps) else f"m{step['output']}"
        source = take(step["inputs"][0])
        match step["operation"]:
            case "conv":
                (kh, kw), (dh, dw), (sh, sw), (top, left, bottom, right) = (step[k] for k in ("kernel", "dilation", "stride", "padding"))
                grouped = step["groups"] > 1
                added = step["sum"] is not None
                parameters = (f"0={step['output_shape'][0]} 1={kw} 11={kh} 2={dw} 12={dh} 3={sw} 13={sh} 4={left} 14={top} 15={right} 16={bottom} "
                              f"5=1 6={step['weight'].size}" + (f" 7={step['groups']}" if grouped else "")
                              + (" 9=1" if step["relu"] and not added else ""))
                product = f"{result}_product" if added else result
                layer("ConvolutionDepthWise" if grouped else "Convolution", [source], [product], parameters)
                weights += [struct.pack("<I", 0), step["weight"].tobytes(), step["bias"].tobytes()]
                if added:
                    total = f"{result}_sum" if step["relu"] else result
                    layer("BinaryOp", [product, take(step["sum"])], [total], "0=0")
                    if step["relu"]:
                        layer("ReLU", [total], [result])
            case "mean":
                layer("Pooling", [source], [result], "0=1 4=1")
            case "softmax":
                layer("Softmax", [source], [result], "0=0 1=1")
        give(step["output"], result)
    with open(os.path.join(folder, "network.param"), "w") as file:
        file.write(f"7767517\n{len(lines)} {len(blobs)}\n" + "\n".join(lines) + "\n")
    with open(os.path.join(folder, "network.bin"), "wb") as file:
        file.write(b"".join(weights))
