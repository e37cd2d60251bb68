# SPDX-License-Identifier: BSD-3-Clause
"""A network as a PyTorch module."""
import torch
from torch import nn


class PyTorchNetwork(nn.Module):
    """The layers in fovea's order. `logits`: without the last Softmax, which the loss contains."""

    def __init__(self, network, logits=False):
        super().__init__()
        self.graph = network.layers[:-1] if logits and network.layers[-1]["operation"] == "softmax" else network.layers
        self.parts = nn.ModuleList(self._module(network, layer) for layer in self.graph)

    @staticmethod
    def _module(network, layer):
        (c, _, _), (out, _, _) = layer["input"], layer["output"]
        match layer["operation"]:
            case "conv":
                top, left, bottom, right = layer["padding"]
                even = top == bottom and left == right
                conv = nn.Conv2d(c, out, layer["kernel"], layer["stride"], (top, left) if even else 0, layer["dilation"], layer["groups"])
                conv.weight.data = torch.from_numpy(network.tensor(layer, "weight").copy())
                conv.bias.data = torch.from_numpy(network.tensor(layer, "bias").copy())
                return conv if even else nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), conv)
            case "batch_norm":
                norm = nn.BatchNorm2d(c, layer["epsilon"], layer["momentum"])
                for field in ("weight", "bias", "running_mean", "running_var"):
                    getattr(norm, field).data = torch.from_numpy(network.tensor(layer, field).copy())
                return norm
            case "relu":
                return nn.ReLU(inplace=True)
            case "mean":
                return nn.AdaptiveAvgPool2d(1)
            case "softmax":
                return nn.Softmax(1)
            case _:
                return nn.Identity()  # add

    def forward(self, x):
        maps = [x]
        for layer, part in zip(self.graph, self.parts):
            inputs = [maps[m] for m in layer["inputs"]]
            maps.append(inputs[0] + inputs[1] if layer["operation"] == "add" else part(inputs[0]))
        return maps[-1]

    def fold(self):
        """BatchNorms go into the convolutions before them, as PyTorch's own fuse_conv_bn_eval does it."""
        for number, (layer, part) in enumerate(zip(self.graph, self.parts)):
            before = layer["inputs"][0] - 1
            if isinstance(part, nn.BatchNorm2d) and before >= 0 and isinstance(self.parts[before], (nn.Conv2d, nn.Sequential)):
                conv = self.parts[before]
                if isinstance(conv, nn.Sequential):
                    conv[1] = nn.utils.fusion.fuse_conv_bn_eval(conv[1], part)
                else:
                    self.parts[before] = nn.utils.fusion.fuse_conv_bn_eval(conv, part)
                self.parts[number] = nn.Identity()
        return self
