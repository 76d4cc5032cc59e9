"""The score of a sweep: somebody's function, called as it wants to be, and its number."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..intake.arrays import to_numpy


class Score:
    """A function of the model that gives a number, or one number for each copy of its batch.

    Parameters
    ----------
    function : callable
        ``score()`` or ``score(model)``; one that has a parameter called `copies` is told there how
        many copies of its batch to run, one after the other along the first axis.
    model : torch.nn.Module

    Attributes
    ----------
    name : str
        What the function is called; "score" if it has no name of its own.
    by_copies : bool
        Whether it can run several copies.

    Raises
    ------
    TypeError
        If `function` cannot be called, or wants more than that.
    """

    def __init__(self, function: Callable[..., Any], model: Any) -> None:
        if not callable(function):
            raise TypeError(
                f"score is {function!r}, which cannot be called; expected a function that runs the "
                "model and gives a number, such as lambda: loss_of(model)"
            )
        name = getattr(function, "__name__", "score")
        self.name = "score" if name.startswith("<") else str(name)
        parameters = _parameters(function)
        self.by_copies = "copies" in parameters
        wanted = [name for name in parameters if name != "copies"]
        if len(wanted) > 1:
            raise TypeError(
                f"score {self.name} has the parameters {', '.join(wanted)} without a default; "
                "expected score(), score(model) or score(model, copies)"
            )
        by_name = bool(wanted) and parameters[wanted[0]] is inspect.Parameter.KEYWORD_ONLY
        self._positional = (model,) if wanted and not by_name else ()
        self._named = {wanted[0]: model} if by_name else {}
        self._function = function

    def __call__(self, copies: int = 1) -> tuple[float, ...]:
        """Give the number of each copy.

        Raises
        ------
        TypeError, ValueError
            If it gives something else.
        """
        by_copies = {"copies": copies} if self.by_copies else {}
        given = self._function(*self._positional, **self._named, **by_copies)
        numbers = _numbers(given)
        if numbers is None:
            raise TypeError(
                f"score {self.name} gave a {type(given).__name__}, {_short(given)}; expected a "
                "number: return a float, or a tensor of one element"
            )
        if len(numbers) != copies:
            raise ValueError(
                f"score {self.name} gave {len(numbers)} numbers for {copies} "
                f"cop{'y' if copies == 1 else 'ies'} of its batch; expected one for each"
            )
        return numbers


def _parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Give the parameters that are to be given, and those called `copies`, with their kinds."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of some builtins nobody knows
        return {}
    several = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    return {
        parameter.name: parameter.kind
        for parameter in parameters
        if parameter.name == "copies"
        or (parameter.default is inspect.Parameter.empty and parameter.kind not in several)
    }


def _numbers(given: Any) -> tuple[float, ...] | None:
    if given is None or isinstance(given, str | bytes):
        return None
    if isinstance(given, Sequence):
        parts = [_numbers(one) for one in given]
        return tuple(n for part in parts if part for n in part) if all(parts) else None
    try:
        array = to_numpy(given)[0]
        numbers = None if array.dtype.kind == "c" else np.asarray(array, np.float64)
    except (TypeError, ValueError):
        return None
    return None if numbers is None else tuple(numbers.reshape(-1).tolist())


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}…"
