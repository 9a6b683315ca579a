# SPDX-License-Identifier: Apache-2.0
"""One row of bench/reproduce/denoising: a trained run, a median filter and a total-variation filter on the same noisy
images.

    denoising_filters.py RUN NOISE WANTED FILE ROWS

FILE is an IDX or .npy file of clean images (bytes, or floats in 0…1), ROWS the ones that are scored (80:100). The noise
is drawn here, so that all three see the same; each filter gets the size or weight that is best on these very images,
which no user could choose: the comparison is in their favour. PSNR and SSIM are scikit-image's, the network's also the
program's own (they must agree).
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
from scipy.ndimage import median_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from skimage.restoration import denoise_tv_chambolle


def images(path, rows):
    if path.endswith(".npy"):
        x = np.load(path)
    else:
        raw = pathlib.Path(path).read_bytes()
        _, n, h, w = struct.unpack(">IIII", raw[:16])
        x = np.frombuffer(raw, np.uint8, offset=16).reshape(n, h, w)
    scale = 255.0 if x.dtype == np.uint8 else 1.0
    begin, end = map(int, rows.split(":"))
    return (x[begin:end] / scale).astype(np.float32)


def noisy(clean, noise):
    kind, level = noise.split(":")
    level, random = float(level), np.random.default_rng(0)
    if kind == "gaussian":
        return np.clip(clean + random.normal(0, level, clean.shape), 0, 1).astype(np.float32)
    u = random.random(clean.shape)
    return np.where(u < level / 2, 0, np.where(u < level, 1, clean)).astype(np.float32)


def psnr(x, clean):
    return float(np.mean([peak_signal_noise_ratio(c, y, data_range=1) for c, y in zip(clean, x)]))


def ssim(x, clean):
    return float(np.mean([structural_similarity(c, y, data_range=1, gaussian_weights=True, sigma=1.5,
                                                use_sample_covariance=False) for c, y in zip(clean, x)]))


def best(filters, clean):
    return max(((psnr(x, clean), name) for name, x in filters), key=lambda pair: pair[0])


def main():
    run, noise, wanted, path, rows = sys.argv[1:]
    clean = images(path, rows)
    dirty = noisy(clean, noise)
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        np.save(at("noisy.npy"), dirty)
        np.save(at("clean.npy"), clean)
        out = subprocess.run([os.environ["PUSHFORWARD"], "denoise", run, at("noisy.npy"), "--clean", at("clean.npy"), "-o",
                              at("out.npy"), "--json", "--quiet"], capture_output=True, text=True, check=True).stdout
        ours, denoised = json.loads(out), np.load(at("out.npy"))
    for key, value in (("psnr", psnr(denoised, clean)), ("noisy_psnr", psnr(dirty, clean)),
                       ("ssim", ssim(denoised, clean)), ("noisy_ssim", ssim(dirty, clean))):
        assert abs(ours[key] - value) < 1e-3, (key, ours[key], value)
    few = slice(0, 500)  # filters are slow; their means over 500 images stand for all
    median = best([(f"{k}x{k}", np.stack([median_filter(x, k) for x in dirty[few]])) for k in (2, 3, 5)], clean[few])
    variation = best([(f"weight {w}", np.stack([denoise_tv_chambolle(x, weight=w) for x in dirty[few]]))
                      for w in (0.02, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)], clean[few])
    gain = ours["psnr"] - ours["noisy_psnr"]
    ok = gain >= float(wanted) and ours["psnr"] > max(median[0], variation[0])
    print(f"{os.path.basename(run):<12} {noise:<16} noisy {ours['noisy_psnr']:.2f} dB (SSIM {ours['noisy_ssim']:.3f})  "
          f"network {ours['psnr']:.2f} dB (SSIM {ours['ssim']:.3f})  gain {gain:.2f} dB, wanted {wanted}  "
          f"median {median[0]:.2f} ({median[1]})  total variation {variation[0]:.2f} ({variation[1]})  "
          f"{'ok' if ok else 'SHORT'}", flush=True)


main()
