# SPDX-License-Identifier: Apache-2.0
"""python scripts/compare_onnx.py FOLDER: every NAME.onnx there is valid, and onnxruntime's first output on NAME.in.K.npy
is NAME.out.npy to 1e-5 of the largest number (float32 sums in another order differ by some 1e-6)."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5


def gap(model: Path) -> float:
    onnx.checker.check_model(str(model), full_check=True)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    stem = str(model).removesuffix(".onnx")
    inputs = {port.name: np.load(f"{stem}.in.{k}.npy") for k, port in enumerate(session.get_inputs())}
    wanted = np.load(f"{stem}.out.npy")
    worst = 0.0
    for rows in (slice(None), slice(0, 1)):  # any number of rows
        found = session.run(None, {name: value[rows] for name, value in inputs.items()})[0]
        if found.shape != wanted[rows].shape:
            raise ValueError(f"{model}: got shape {found.shape}, wanted {wanted[rows].shape}")
        worst = max(worst, float(np.abs(found - wanted[rows]).max() / max(1.0, np.abs(wanted).max())))
    return worst


def main() -> int:
    models = sorted(Path(sys.argv[1]).glob("*.onnx"))
    if not models:
        print("compare_onnx: no models")
        return 1
    gaps = {model.name: gap(model) for model in models}
    failed = {name: value for name, value in gaps.items() if not value <= TOLERANCE}
    for name, value in failed.items():
        print(f"{name}: off by {value:.3g}")
    worst = max(gaps, key=gaps.__getitem__)
    print(f"{len(models)} models, the farthest is off by {gaps[worst]:.2g} ({worst})")
    return 1 if failed else 0


sys.exit(main())
