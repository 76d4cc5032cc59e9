"""What is done at each kind of place. Each gives a hook for one module."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .edits import Edit, Mode, blank, by_copy, first_of, flat, is_tensor, mean_of, with_first
from .target import Target

#: What is switched off at one module, in each copy of the batch.
Copies = Sequence[Sequence[Target]]
Before = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
After = Callable[[Any, tuple[Any, ...], dict[str, Any], Any], Any]


def input_hook(copies: Copies, mode: Mode) -> Before:
    """Blank features of what goes into a module."""
    edits = _blanks(copies, mode)

    def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if args:
            return (by_copy(edits, args[0]), *args[1:]), kwargs
        name = _first_name(module, kwargs)
        return args, {**kwargs, name: by_copy(edits, kwargs[name])}

    return hook


def output_hook(copies: Copies, mode: Mode) -> After:
    """Blank what a module gives, or features of it."""
    edits = _blanks(copies, mode)

    def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        if not is_tensor(output):
            raise TypeError(
                f"{_path(copies)} gives a {type(output).__name__} and no tensor: what of it is to "
                "be switched off is not known"
            )
        return by_copy(edits, output)

    return hook


def block_hook(copies: Copies, mode: Mode) -> After:
    """Blank what a sub-layer adds, which may come with other things, such as attention weights."""
    edits = _blanks(copies, mode)

    def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        return with_first(output, by_copy(edits, first_of(output)))

    return hook


def layer_hook(copies: Copies, mode: Mode) -> After:
    """Let a layer give its input; or that and the mean of what it adds."""

    def change(given: Any, taken: Any) -> Any:
        if mode == "zero":
            return taken.clone()  # what comes next may write into it
        return taken + mean_of(given - taken)

    edits: list[Edit | None] = [change if copy else None for copy in copies]

    def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        taken = args[0] if args else kwargs[_first_name(module, kwargs)]
        given = first_of(output)
        if not is_tensor(taken) or _shape(taken) != _shape(given):
            raise ValueError(
                f"{_path(copies)} cannot give its input: it takes {_shape(taken)} and gives "
                f"{_shape(given)}"
            )
        return with_first(output, by_copy(edits, given, taken))

    return hook


def routing_hook(copies: Copies, mode: Mode) -> Before:
    """Set the weights to 0 that experts have for the tokens that were routed to them."""
    edits: list[Edit | None] = [
        _unrouted([t.which for t in copy]) if copy else None for copy in copies
    ]

    def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given: dict[int | str, Any] = dict(enumerate(args))
        given.update(kwargs)
        found = _routing(given)
        if found is None:
            raise ValueError(
                f"{_path(copies)} takes no weight for each expert of a token, as far as is known "
                "here: its experts cannot be switched off one by one"
            )
        index, weight = found
        given[weight] = by_copy(edits, given[weight], given[index])
        return tuple(given[i] for i in range(len(args))), {name: given[name] for name in kwargs}

    return hook


def _blanks(copies: Copies, mode: Mode) -> list[Edit | None]:
    return [_blank([t.features for t in copy], mode) if copy else None for copy in copies]


def _blank(features: Sequence[Any], mode: Mode) -> Edit:
    return lambda tensor: blank(tensor, features, mode)


def _unrouted(experts: Sequence[Any]) -> Edit:
    def edit(weights: Any, index: Any) -> Any:
        for expert in experts:
            weights = weights.masked_fill(index == expert, 0)
        return weights

    return edit


def _routing(given: Mapping[int | str, Any]) -> tuple[int | str, int | str] | None:
    """Find the numbers of the experts of each token, and their weights, in what experts take."""
    tensors = {key: value for key, value in given.items() if is_tensor(value) and value.ndim == 2}
    for index, numbers in tensors.items():
        if numbers.is_floating_point() or numbers.dtype.itemsize < 4:
            continue
        for weight, value in tensors.items():
            if value.is_floating_point() and value.shape == numbers.shape:
                return index, weight
    return None


def _first_name(module: Any, kwargs: Mapping[str, Any]) -> str:
    """Tell by which keyword a module was given what it takes first."""
    names = list(inspect.signature(module.forward).parameters)
    name = next((name for name in (*names, *_USUAL) if name in kwargs), None)
    if name is None:
        raise TypeError(f"{type(module).__name__} was called without anything that can be changed")
    return name


_USUAL = ("hidden_states", "input", "x", "src", "tgt")


def _path(copies: Copies) -> str:
    return next(target.path for copy in copies for target in copy)


def _shape(value: Any) -> str:
    if not is_tensor(value):
        return type(value).__name__
    return "×".join(map(str, flat(value).shape))
