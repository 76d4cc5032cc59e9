"""PEFT: which modules get an adapter. Pure; its rules were read in peft 0.21.

A module is adapted if ``target_modules`` holds its path, or the end of its path from a dot on, and
if it is in one of ``layers_to_transform``: the number behind ``layers_pattern`` in its path.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..intake.wording import some_of
from ..models.names import InLayer, in_layer, module_of, says_block
from ..models.plan import STAR
from .spots import Around, Spot, Spots, named

#: Stands for every linear layer, but for the head of the model.
_ALL_LINEAR = "all-linear"


def write(spots: Spots, around: Around) -> dict[str, Any]:
    """Give the keywords of a LoraConfig that adapts exactly these cells' modules.

    The same modules in each of some layers are ends of paths and the numbers of the layers, also
    where these are all that the grid has, as it may be a slice of all; anything else is the full
    path of each module.

    Raises
    ------
    ValueError
        For what PEFT cannot adapt alone: a head, an expert of several in one tensor, a part of a
        fused module whose other parts are not among the cells. Naming the module and the cure.
    """
    modules: dict[str, list[Spot]] = {}
    for spot in named(spots):
        modules.setdefault(_module(spot), []).append(spot)
    for module, members in modules.items():
        _check_whole(module, members, around)
    product = _product(modules)
    if product and (around is None or _adapted(product, around) == modules.keys()):
        return product
    return {"target_modules": list(modules)}


def _module(spot: Spot) -> str:
    if spot.is_head:
        raise ValueError(
            f"{spot.where} is a head, a part of {spot.name}, and PEFT adapts a module as a whole; "
            "select 'attn.o' of that layer in a grid from lg.weights"
        )
    if STAR in spot.name:
        raise ValueError(
            f"{spot.where} pools several experts, {spot.name}; make the grid with experts='each' "
            "to select modules of PEFT's"
        )
    module = module_of(spot.name)
    if module is None:
        raise ValueError(
            f"{spot.where} is {spot.name}, a parameter that is no module of its own, so that "
            f"target_modules cannot name it; LoraConfig(target_parameters=[{spot.name!r}]) adapts "
            "all of it"
        )
    return module


def _check_whole(module: str, members: Iterable[Spot], around: Around) -> None:
    """Refuse a part of a fused module without the others."""
    parts = [spot for spot in members if spot.part]
    if not parts:
        return
    siblings = [spot for spot in around or () if spot.part and module_of(spot.name) == module]
    if len(siblings) > 1 and {*siblings} <= {*parts}:
        return
    others = "all cells of it"
    if siblings:
        others = f"all cells of it ({some_of(spot.component for spot in siblings)})"
    elif around is None:
        others += " and pass the heatmap itself, or grid=, which tells that these are all"
    raise ValueError(
        f"{parts[0].where} is the part {parts[0].part} of {module}, and PEFT adapts a module as a "
        f"whole; select {others}"
    )


def _adapted(config: Mapping[str, Any], around: Iterable[Spot]) -> set[str | None]:
    rule = Rule(**config)
    return {module_of(spot.name) for spot in around if rule.adapts(spot)}


def _product(modules: Mapping[str, list[Spot]]) -> dict[str, Any] | None:
    """Give the form by layers, None if there is none: other modules in some layer, say."""
    placed = [in_layer(path, members[0].layer) for path, members in modules.items()]
    found = [place for place in placed if place is not None]
    if not found or len(found) < len(placed) or len({place.stack for place in found}) > 1:
        return None
    ends = dict.fromkeys(place.rest for place in found)
    layers = sorted({place.layer for place in found})
    if not all(map(says_block, ends)) or len(ends) * len(layers) != len(found):
        return None
    return {
        "target_modules": list(ends),
        "layers_to_transform": layers,
        "layers_pattern": _pattern(found[0]),
    }


def _pattern(place: InLayer) -> str:
    """Give the end of the path to the layers, without what the model in the model is called."""
    first, _, rest = place.stack.partition(".")
    return rest if rest and first in ("model", "transformer") else place.stack


# ── and back ─────────────────────────────────────────────────────────────────────────────────


def read_rule(config: Any) -> Rule | None:
    """Give what a config says of modules; None if it is no config of PEFT's."""
    known = config if isinstance(config, Mapping) else getattr(config, "__dict__", {})
    rule = Rule(**{field.name: known.get(field.name) for field in fields(Rule)})
    asked = rule.target_modules, rule.target_parameters
    return rule if any(isinstance(one, str | Collection) for one in asked) else None


def read(rule: Rule, around: Iterable[Spot]) -> list[Spot]:
    """Give the cells whose modules are adapted, those of a fused module together.

    Parameters
    ----------
    rule : Rule
        As `read_rule` gives it.
    around : iterable of Spot
        All cells of the grid.

    Raises
    ------
    ValueError
        If there are targets, and none is in a cell of the grid.

    Warns
    -----
    UserWarning
        If some of them are in no cell of the grid, as ``lm_head`` is in no layer.
    """
    found = [spot for spot in around if rule.adapts(spot)]
    lost = [one for one in rule.targets if not any(rule.meets(one, spot) for spot in found)]
    problem = f"no cell of the grid is in these targets of PEFT's: {some_of(lost)}"
    if lost and not found:
        paths = dict.fromkeys(module_of(spot.name) for spot in around if spot.name)
        raise ValueError(
            f"{problem}; its modules are {some_of(paths) or 'not known, as it has no names'}"
        )
    if lost:
        warnings.warn(problem, stacklevel=4)
    return found


@dataclass(frozen=True, slots=True)
class Rule:
    """Which modules PEFT adapts; the fields are those of its configs."""

    target_modules: str | Collection[str] | None = None
    target_parameters: Collection[str] | None = None
    exclude_modules: str | Collection[str] | None = None
    modules_to_save: Collection[str] | None = None
    layers_to_transform: int | Collection[int] | None = None
    layers_pattern: str | Collection[str] | None = None

    @property
    def targets(self) -> list[str]:
        """All that is asked for, each by itself."""
        return [*_listed(self.target_modules), *_listed(self.target_parameters)]

    def adapts(self, spot: Spot) -> bool:
        """Whether the module, or the parameter, that a cell stands for is adapted."""
        if any(_ends(spot.name, target) for target in _listed(self.target_parameters)):
            return True
        path = module_of(spot.name) if spot.name else None
        if path is None or self._is_kept_out(path):
            return False
        return any(self._targets(target, path, spot) for target in _listed(self.target_modules))

    def meets(self, target: str, spot: Spot) -> bool:
        """Whether one of `targets` is why a cell is adapted."""
        return _ends(spot.name, target) or self._targets(target, module_of(spot.name) or "", spot)

    def _targets(self, target: str, path: str, spot: Spot) -> bool:
        if isinstance(self.target_modules, str):
            if target.lower() == _ALL_LINEAR:
                return "×" in spot.shape
            return re.fullmatch(target, path) is not None
        return path == target or (path.endswith(f".{target}") and self._is_in_layers(path))

    def _is_kept_out(self, path: str) -> bool:
        if isinstance(self.exclude_modules, str):
            if re.fullmatch(self.exclude_modules, path):
                return True
        elif any(_ends(path, module) for module in self.exclude_modules or ()):
            return True
        saved = self.modules_to_save or ()
        return any(re.match(rf"(^|.*\.){module}($|\..*)", path) for module in saved)

    def _is_in_layers(self, path: str) -> bool:
        layers = self.layers_to_transform
        if layers is None or layers == []:
            return True
        patterns = [rf"(?:^|.*?\.){one}" for one in _listed(self.layers_pattern)]
        for pattern in patterns or [r".*?\.[^.]*"]:
            # The first number of all that might be meant: a later one may be an expert's.
            if number := re.match(rf"{pattern}\.(\d+)\.", path):
                return int(number[1]) in ([layers] if isinstance(layers, int) else layers)
        return False


def _listed(one_or_more: str | Collection[str] | None) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else [*(one_or_more or ())]


def _ends(path: str, target: str) -> bool:
    """Whether a path is `target`, or ends in it from a dot on."""
    return path == target or path.endswith(f".{target}")
