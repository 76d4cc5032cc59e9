"""Names of parameters, with the part where a cell is one: ``"…c_attn.weight[:, 0:768]"``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..intake.wording import did_you_mean, some_of
from ..models.names import module_of
from ..models.plan import STAR
from .spots import Around, Spot, Spots, named


def write(spots: Spots, around: Around) -> list[str]:
    """Give the name of each cell, each once, in the order given.

    Raises
    ------
    ValueError
        For a cell without a name, or with that of several parameters.
    """
    for spot in named(spots):
        if STAR in spot.name.split("."):
            raise ValueError(
                f"{spot.where} pools several parameters, {spot.name}; make the grid with "
                "experts='each' to have one behind each cell"
            )
    return list(dict.fromkeys(spot.name + spot.part for spot in spots))


# ── and back ─────────────────────────────────────────────────────────────────────────────────


def read(names: Iterable[str], around: Iterable[Spot]) -> Iterator[Spot]:
    """Give the cells that names mean, name by name.

    Each is that of a parameter with its part; of a parameter, for all cells that are parts of it;
    of another parameter of the same module, such as its bias; of the module; or of one that holds
    several, such as ``model.layers.3``. The first segment may be there or not, as a model in a
    larger one, and the larger one, call their parameters.

    Raises
    ------
    ValueError
        For a name that no cell of the grid has.
    """
    known = _Known(around)
    for name in names:
        found = known.find(name)
        if not found:
            hint = did_you_mean(known.exact, name) or "there are " + some_of(known.exact)
            raise ValueError(f"no cell of the grid has the name {name!r}; {hint}")
        yield from found


class _Known:
    """The cells of a grid by all that they may be called."""

    def __init__(self, around: Iterable[Spot]) -> None:
        self.exact: dict[str, list[Spot]] = {}
        self._of_parameter: dict[str, list[Spot]] = {}
        self._of_module: dict[str, list[Spot]] = {}
        for spot in around:
            if spot.name:
                self.exact.setdefault(spot.name + spot.part, []).append(spot)
                self._of_parameter.setdefault(spot.name, []).append(spot)
                if module := module_of(spot.name):
                    self._of_module.setdefault(module, []).append(spot)
        self._firsts = {name.partition(".")[0] for name in self._of_parameter}

    def find(self, name: str) -> list[Spot]:
        """Give the cells of a name; none if it is not known."""
        inner = name.partition(".")[2]
        for same in (name, inner, *(f"{first}.{name}" for first in self._firsts)):
            tables = self.exact, self._of_parameter, self._of_module
            for found in (table.get(same) for table in tables):
                if found:
                    return found
            if found := self._of_module.get(module_of(same) or ""):
                return found
        return [
            spot
            for parameter, spots in self._of_parameter.items()
            if parameter.startswith(f"{name}.")
            for spot in spots
        ]
