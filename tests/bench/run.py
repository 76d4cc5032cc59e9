"""Time layergrid beside the floor and its peers, in one run of real JupyterLab in real Chromium.

    make bench                     everything
    python -m tests.bench.run --sizes 36x7 --only floor,layergrid --rounds 5 --scenarios sizes

Prints Markdown: a table for each size, one for each further scenario, and the targets beside what
this run measured. The floor is a bytes trait painted with putImageData. Contenders take turns,
figures are medians over rounds; absolute times mean nothing beyond the run they were taken in:
read the ratios. Progress goes to stderr. Each module here says what its figures mean.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import sync_playwright

from . import targets, versions
from .bundle import weigh_bundle
from .contenders import CONTENDERS
from .figures import Figures, Outcome
from .imports import time_imports
from .large import time_large
from .live import time_pushes
from .many import time_many
from .sidebyside import time_size
from .stage import Stage

SIZES = "36x7,96x128,1000x1000,4000x4000,20000x20000"
BROWSER_SCENARIOS: dict[str, Callable[[Stage, int, float], Outcome]] = {
    "many": time_many,
    "live": time_pushes,
    "large": time_large,
}
PLAIN_SCENARIOS: dict[str, Callable[[], Outcome]] = {
    "import": time_imports,
    "bundle": weigh_bundle,
}
SCENARIOS = ["sizes", *BROWSER_SCENARIOS, *PLAIN_SCENARIOS]


def _size(text: str) -> tuple[int, int]:
    layers, _, components = text.partition("x")
    return int(layers), int(components)


def _listed(known: list[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not in {', '.join(known)}")
        return names

    return parse


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", type=lambda text: [_size(size) for size in text.split(",")], default=SIZES
    )
    parser.add_argument(
        "--only",
        type=_listed(list(CONTENDERS)),
        default=",".join(CONTENDERS),
        help="contenders at the sizes; floor is always among them",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scenarios", type=_listed(SCENARIOS), default=",".join(SCENARIOS))
    parser.add_argument(
        "--limit", type=float, default=120, help="seconds that one page may take (120)"
    )
    return parser.parse_args()


def _outcomes(options: argparse.Namespace, stage: Stage) -> Iterator[Outcome]:
    if "sizes" in options.scenarios:
        names = list(dict.fromkeys(["floor", *options.only]))
        for size in options.sizes:
            yield time_size(stage, size, names, options.rounds, options.limit)
    for name, scenario in BROWSER_SCENARIOS.items():
        if name in options.scenarios:
            yield scenario(stage, options.rounds, options.limit)


def main() -> None:
    """Run what was asked for; print each table once it is known."""
    options = _parse()
    start = time.monotonic()
    facts: Figures = {}

    def tell(outcome: Outcome) -> None:
        facts.update(outcome.facts)
        print(f"{outcome.text}\n", flush=True)

    for name, scenario in PLAIN_SCENARIOS.items():
        if name in options.scenarios:
            tell(scenario())
    with sync_playwright() as playwright, Stage(playwright) as stage:
        for outcome in _outcomes(options, stage):
            tell(outcome)
        chromium = stage.chromium
    print(f"{targets.describe(facts)}\n")
    print(versions.describe({CONTENDERS[name].package for name in options.only}, chromium))
    print(f"{(time.monotonic() - start) / 60:.1f} minutes", file=sys.stderr)


if __name__ == "__main__":
    main()
