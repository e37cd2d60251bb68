#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the files of golden/ with NumPy and the reference implementation of safetensors.

usage: make_golden.py [directory]     needs: pip install numpy safetensors
"""

import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def main():
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "golden")
    out.mkdir(exist_ok=True)

    # Every element type: element i of shape (2, 3) is 10 * i + 1, for bool i % 2.
    for code in ["<f4", "<f8", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "|b1"]:
        values = np.arange(6) % 2 if code == "|b1" else np.arange(6) * 10 + 1
        np.save(out / f"{code[1:]}.npy", values.reshape(2, 3).astype(code))

    ramp = np.arange(24, dtype="<f4").reshape(2, 3, 4)
    np.save(out / "fortran.npy", np.asfortranarray(ramp))
    np.save(out / "scalar.npy", np.float32(3.5))
    np.save(out / "vector.npy", ramp.reshape(24))
    np.save(out / "empty.npy", np.zeros((0, 3), "<f4"))
    np.save(out / "six_dimensions.npy", ramp.reshape(1, 2, 1, 3, 4, 1))
    for version in [(2, 0), (3, 0)]:
        with open(out / f"version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, ramp, version=version)

    np.save(out / "bad_big_endian.npy", ramp.astype(">f4"))
    np.save(out / "bad_object.npy", np.array([None, "text"], dtype=object), allow_pickle=True)
    np.save(out / "bad_structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]))
    np.save(out / "bad_half.npy", ramp.astype("<f2"))

    # All types that NumPy has, named so that neither the order of names nor that of insertion is the order of the file.
    names = ["bool", "uint8", "int8", "int16", "uint16", "float16", "int32", "uint32", "float32", "float64", "int64",
             "uint64"]
    tensors = {f"{9 - i % 5}.{name}": (np.arange(4) % 2).reshape(2, 2).astype(name) for i, name in enumerate(names)}
    tensors["8.weight"] = ramp
    tensors["8.num_batches"] = np.array(7, dtype="int64")
    tensors["10.empty"] = np.zeros((0, 5), "float32")
    save_file(tensors, out / "mixed.safetensors", metadata={"format": "pt \"quoted\" \u00e9"})
    (out / "mixed.safetensors").chmod(0o644)


if __name__ == "__main__":
    main()
