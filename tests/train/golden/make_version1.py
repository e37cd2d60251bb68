#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What did a checkpoint of version 1 look like? Writes version1.checkpoint, beside this script unless a path is given."""
import pathlib
import struct
import sys
import zlib


def text(t):
    return struct.pack("<Q", len(t)) + t.encode()


def floats(*values):
    return struct.pack(f"<Q{len(values)}f", len(values), *values)


content = text("0.weight [2, 1]")
options = {"seed": "1", "batch": "32", "best": "1"}
content += struct.pack("<Q", len(options)) + b"".join(text(name) + text(value) for name, value in options.items())
content += struct.pack("<QdQQd", 12, 1.5, 3, 8, 0.25)  # step; loss, correct, counted; seconds
content += struct.pack("<Q", 1)  # history: epoch, training and validation, learning rate, seconds, validated
content += struct.pack("<Q6dB", 1, 0.5, 0.75, 0.625, 0.5, 0.001, 2.5, 1)
content += floats(1, -2) + floats(0.5)  # parameters, buffers
content += struct.pack("<QQ", 12, 2)
content += text("first_moment") + floats(0.5, 0.25) + text("second_moment") + floats(0.125, 0.0625)
content += struct.pack("<BQd", 1, 1, 0.5) + floats(1, -1.5) + floats(0.25)  # best

file = b"fovea\x1aCK" + struct.pack("<IIQ", 1, 4, len(content)) + content
path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("version1.checkpoint")
path.write_bytes(file + struct.pack("<I", zlib.crc32(file)))
