"""Time the rms of every matrix of a sharded bf16 checkpoint beside a plain loop over it.

    make bench                                   a checkpoint of 4 GB
    python -m tests.bench.reading --gigabytes 1 --rounds 5

The plain loop is what people write: safetensors' `get_tensor`, then `torch.linalg.vector_norm`,
on one thread. In bfloat16, as the tensors are, its result has three digits; with
``dtype=torch.float32`` it is as exact as ours, and that is what the ratios are to. Every reading is
a process of its own, they take turns, and the files are in the page cache. Prints a Markdown table
of medians: read the ratios. `resident` is by how much the process grew while it read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np

from ..models.checkpoints import write_sharded

_PRELUDE = """
import json, sys, time
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
"""

_LOOP = """
import torch, pathlib
from safetensors import safe_open
torch.set_num_threads(1)
def read(folder):
    for path in sorted(pathlib.Path(folder).glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            for name in file.keys():
                tensor = file.get_tensor(name)
                float(torch.linalg.vector_norm(tensor{dtype})) / tensor.numel() ** 0.5
"""
READERS = {
    "plain loop": _LOOP.format(dtype=", dtype=torch.float32"),
    "plain loop, to three digits": _LOOP.format(dtype=""),
    "layergrid": """
import xarray, tqdm.auto, ml_dtypes, layergrid
def read(folder):
    layergrid.weights(folder, "rms", progress=False)
""",
    "layergrid, two threads": """
import xarray, tqdm.auto, ml_dtypes, layergrid
from concurrent.futures import ThreadPoolExecutor
def read(folder):
    with ThreadPoolExecutor(2) as executor:
        layergrid.weights(folder, "rms", executor=executor, progress=False)
""",
}

_MEASURE = """
before = resident()
start = time.perf_counter()
read(sys.argv[1])
print(json.dumps([time.perf_counter() - start, resident() - before]))
"""


def time_reading(reader: str, folder: Path) -> tuple[float, int]:
    """Give the seconds that one reading took, and by how many bytes its process grew."""
    code = _PRELUDE + READERS[reader] + _MEASURE
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    seconds, grown = json.loads(done.stdout)
    return seconds, grown


def make_checkpoint(folder: Path, gigabytes: float) -> int:
    """Write Llama-like layers of bf16 matrices in shards; give the bytes of the matrices."""
    rng = np.random.default_rng(0)
    h = 2048 if gigabytes >= 1 else 512
    shapes = {
        **dict.fromkeys([f"self_attn.{p}_proj" for p in "qkvo"], (h, h)),
        "mlp.gate_proj": (4 * h, h), "mlp.up_proj": (4 * h, h), "mlp.down_proj": (h, 4 * h),
    }  # fmt: skip
    arrays = {
        shape: (rng.standard_normal(shape) * 0.02).astype(ml_dtypes.bfloat16)
        for shape in set(shapes.values())
    }
    per_layer = 2 * sum(np.prod(shape) for shape in shapes.values())
    n_layers = max(2, round(gigabytes * 1e9 / per_layer))
    tensors = {
        f"model.layers.{layer}.{name}.weight": arrays[shape]
        for layer in range(n_layers)
        for name, shape in shapes.items()
    }
    write_sharded(folder, tensors, shards=4)
    return int(n_layers * per_layer)


def main() -> None:
    """Run every reader in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nbytes = make_checkpoint(folder, asked.gigabytes)
        for path in folder.glob("*.safetensors"):
            path.read_bytes()  # into the page cache
        rounds = [
            {reader: time_reading(reader, folder) for reader in READERS}
            for _ in range(asked.rounds)
        ]
    print(f"\nrms of {nbytes / 1e9:.1f} GB of bf16 matrices in 4 shards\n")
    print("| | GB/s | ratio to the plain loop | resident, MB |\n|---|---|---|---|")
    for reader in READERS:
        seconds = statistics.median(figures[reader][0] for figures in rounds)
        ratio = statistics.median(r["plain loop"][0] / r[reader][0] for r in rounds)
        grown = max(figures[reader][1] for figures in rounds)
        print(f"| {reader} | {nbytes / seconds / 1e9:.2f} | {ratio:.2f} | {grown / 1e6:.0f} |")


if __name__ == "__main__":
    main()
