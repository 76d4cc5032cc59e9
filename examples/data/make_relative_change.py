"""Make ``relative-change-36.csv`` and ``-28.csv``: how far training moves each weight matrix.

Two decoders of Llama's form (RMSNorm, rotary positions, SwiGLU), 36 and 28 layers deep and 64
wide, are trained on the source code of Python's standard library, byte by byte. A cell is the
relative change ‖W − W₀‖ / ‖W₀‖ (Frobenius) of one matrix, from its random start W₀ to the end of
training. Both have the same recipe and differ in depth and seed alone. To run this script again,
in about three minutes on two cores::

    pip install torch numpy
    python examples/data/make_relative_change.py

The loss on text held out falls from 5.8 to 2.2 and 2.3 nats per byte (a blind guess costs 5.5).
That, and the versions used, stand in the first lines of each file: other versions of Python
have another standard library, and move the numbers a little.
"""

import csv
import platform
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, HEADS, HIDDEN, BYTES = 64, 4, 168, 256
STEPS, WARM_UP, BATCH, LENGTH, LEARNING_RATE = 300, 40, 8, 64, 1e-3
COMPONENTS = ("attn.q", "attn.k", "attn.v", "attn.o", "mlp.up", "mlp.down", "mlp.gate")
# Depth of a model -> its seed.
MODELS = {36: 0, 28: 1}


class Attention(nn.Module):
    """Causal attention with rotary positions."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x: Tensor, angles: Tensor) -> Tensor:
        """Mix positions; `angles` has shape (length, half the width of a head)."""
        q, k, v = (
            matrix(x).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for matrix in (self.q, self.k, self.v)
        )
        mixed = F.scaled_dot_product_attention(
            rotate(q, angles), rotate(k, angles), v, is_causal=True
        )
        return self.o(mixed.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    """SwiGLU."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.gate = linear(WIDTH, HIDDEN), linear(WIDTH, HIDDEN)
        self.down = linear(HIDDEN, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Transform each position by itself."""
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Layer(nn.Module):
    """Attention, then MLP, each added to what it read."""

    def __init__(self) -> None:
        super().__init__()
        self.attn_norm, self.attn = nn.RMSNorm(WIDTH), Attention()
        self.mlp_norm, self.mlp = nn.RMSNorm(WIDTH), Mlp()

    def forward(self, x: Tensor, angles: Tensor) -> Tensor:
        """Give the next layer's input."""
        x = x + self.attn(self.attn_norm(x), angles)
        return x + self.mlp(self.mlp_norm(x))


class Decoder(nn.Module):
    """Bytes in, logits of the next byte out."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(BYTES, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(depth))
        self.norm, self.head = nn.RMSNorm(WIDTH), linear(WIDTH, BYTES)
        size = WIDTH // HEADS
        frequencies = 10_000.0 ** (-torch.arange(0, size, 2) / size)
        self.register_buffer("angles", torch.arange(LENGTH)[:, None] * frequencies)

    def forward(self, tokens: Tensor) -> Tensor:
        """Give logits, shape (batch, length, BYTES)."""
        x = self.embed(tokens)
        for layer in self.layers:
            x = layer(x, self.angles)
        return self.head(self.norm(x))


def linear(n_in: int, n_out: int) -> nn.Linear:
    """Make a matrix without bias, with Glorot's random start."""
    matrix = nn.Linear(n_in, n_out, bias=False)
    nn.init.xavier_normal_(matrix.weight)
    return matrix


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Turn queries or keys by their position (RoPE)."""
    a, b = x.chunk(2, dim=-1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


def read_text() -> tuple[Tensor, Tensor]:
    """Read the modules of the standard library as bytes; the last twentieth is held out."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    data = np.frombuffer(b"".join(file.read_bytes() for file in files), np.uint8)
    text = torch.from_numpy(data.astype(np.int64))
    n_held_out = len(text) // 20
    return text[:-n_held_out], text[-n_held_out:]


def draw(text: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Draw windows at random, shape (count, LENGTH + 1)."""
    starts = torch.randint(len(text) - LENGTH, (count, 1), generator=generator)
    return text[starts + torch.arange(LENGTH + 1)]


def loss_of(model: Decoder, windows: Tensor) -> Tensor:
    """Give the mean loss per byte, in nats."""
    return F.cross_entropy(model(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten())


def matrices(model: Decoder) -> Iterator[Tensor]:
    """Give the weights layer by layer, each layer's in the order of COMPONENTS."""
    for layer in model.layers:
        for component in COMPONENTS:
            yield layer.get_submodule(component).weight.detach()


@dataclass
class Run:
    """One training run: what changed, shape (layer, component), and what it achieved."""

    change: np.ndarray
    loss_before: float
    loss_after: float


def train(depth: int, seed: int, text: Tensor, held_out: Tensor) -> Run:
    """Train one decoder with AdamW: a short warm-up, then a rate that falls to a tenth."""
    torch.manual_seed(seed)
    model = Decoder(depth)
    start = [weight.clone() for weight in matrices(model)]
    generator = torch.Generator().manual_seed(seed)
    test = draw(held_out, 64, generator)
    with torch.no_grad():
        loss_before = loss_of(model, test).item()

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.0
    )
    schedule = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 1 / WARM_UP, total_iters=WARM_UP),
            torch.optim.lr_scheduler.CosineAnnealingLR(
                optimizer, STEPS - WARM_UP, eta_min=LEARNING_RATE / 10
            ),
        ],
        [WARM_UP],
    )
    for step in range(STEPS):
        loss = loss_of(model, draw(text, BATCH, generator))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"{depth} layers, step {step}: loss {loss.item():.3f}", flush=True)

    with torch.no_grad():
        loss_after = loss_of(model, test).item()
    change = [
        (torch.linalg.norm(end - begin) / torch.linalg.norm(begin)).item()
        for begin, end in zip(start, matrices(model), strict=True)
    ]
    return Run(np.reshape(change, (depth, len(COMPONENTS))), loss_before, loss_after)


def write(path: Path, run: Run, n_bytes: int) -> None:
    """Write one CSV; ``pandas.read_csv(path, comment="#", index_col="layer")`` reads it."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(
            "# Relative change of each weight matrix in training, by make_relative_change.py\n"
            f"# {len(run.change)} layers, {WIDTH} wide; {STEPS} steps of {BATCH * LENGTH} bytes; "
            f"loss on held-out text {run.loss_before:.3f} -> {run.loss_after:.3f} nats per byte\n"
            f"# text: {n_bytes} bytes of the standard library of Python "
            f"{platform.python_version()}; torch {torch.__version__}\n"
        )
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["layer", *COMPONENTS])
        for layer, values in enumerate(run.change):
            writer.writerow([layer, *(f"{value:.5g}" for value in values)])


def main() -> None:
    """Train both and write the CSVs beside this script."""
    torch.set_num_threads(2)  # more bring nothing: the matrices are small
    text, held_out = read_text()
    for depth, seed in MODELS.items():
        run = train(depth, seed, text, held_out)
        path = Path(__file__).with_name(f"relative-change-{depth}.csv")
        write(path, run, len(text) + len(held_out))
        print(
            f"{path.name}: {run.change.min():.3f} to {run.change.max():.3f}; "
            f"held-out loss {run.loss_before:.3f} -> {run.loss_after:.3f}"
        )


if __name__ == "__main__":
    main()
