"""Concentrations as model input.

Concentrations are in micromolar, float64, and NaN where unknown. Controls have none: a zero never enters a
logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molphenix_core.errors import InputError
from molphenix_core.plates.doses import checked_concentrations, nominal_doses

__all__ = ["DoseEncoding"]

KINDS = ("one-hot", "log10", "sigmoid")

_SIGMOIDS = 5


@dataclass(frozen=True)
class DoseEncoding:
    """A concentration as a short vector, whose last entry says whether it is known (arXiv 2409.08302).

    An unknown concentration is all zeros. Kinds are concatenated in the order given; with none, only the flag
    is left.

    Attributes
    ----------
    kinds : tuple of str
        ``"one-hot"``: one entry per dose of the training set; a dose between two is shared by them,
        linearly in its logarithm, and a dose beyond the ends counts as the end.
        ``"log10"``: the standardised logarithm.
        ``"sigmoid"``: logistic steps of the logarithm at several centres.
    doses : tuple of float
        Micromolar, ascending; for ``"one-hot"``.
    mean, sd : float
        Of log10 micromolar; for ``"log10"``.
    centres : tuple of float
        log10 micromolar; for ``"sigmoid"``.
    spread : float
        Width of a step in log10 units; for ``"sigmoid"``.
    """

    kinds: tuple[str, ...]
    doses: tuple[float, ...] = ()
    mean: float = 0.0
    sd: float = 1.0
    centres: tuple[float, ...] = ()
    spread: float = 1.0

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise InputError("dose encoding", "kinds", repr(kind), "one of " + ", ".join(KINDS))
        if len(set(self.kinds)) < len(self.kinds):
            raise InputError("dose encoding", "kinds", repr(self.kinds), "each kind once")
        if "one-hot" in self.kinds:
            doses = np.asarray(self.doses, dtype=np.float64)
            if doses.size == 0 or not np.isfinite(doses).all() or doses[0] <= 0 or (np.diff(doses) <= 0).any():
                raise InputError("dose encoding", "doses", repr(self.doses), "ascending concentrations above zero")
        if "log10" in self.kinds and not (np.isfinite(self.mean) and np.isfinite(self.sd) and self.sd > 0):
            raise InputError(
                "dose encoding", "sd", f"{self.mean} and {self.sd}", "a finite mean and an sd above zero"
            )
        if "sigmoid" in self.kinds and not (
            self.centres and np.isfinite(self.centres).all() and np.isfinite(self.spread) and self.spread > 0
        ):
            raise InputError(
                "dose encoding", "centres", f"{self.centres} and {self.spread}", "centres and a spread above zero"
            )

    @classmethod
    def fit(cls, kinds: str | Sequence[str], concentrations: ArrayLike) -> DoseEncoding:
        """Take the constants from the doses of a training set.

        Parameters
        ----------
        kinds : str or sequence of str
            See the class.
        concentrations : array_like, (n,)
            Micromolar, one for each training treatment; NaN where unknown.

        Returns
        -------
        DoseEncoding

        Raises
        ------
        InputError
            An unknown kind, no known concentration, or one that is zero, negative or infinite.
        """
        kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        values = nominal_doses(concentrations)
        values = values[np.isfinite(values)]
        if not kinds:
            return cls(())
        if values.size == 0:
            raise InputError(
                "training set", "concentrations", "none known", "at least one to fit a dose encoding to"
            )
        logs = np.log10(values)
        low, high = float(logs.min()), float(logs.max())
        centres = np.linspace(low, high, _SIGMOIDS) if high > low else np.array([low])
        return cls(
            kinds=kinds,
            doses=tuple(np.unique(values).tolist()),
            mean=float(logs.mean()),
            # A single dose carries no information; any sd above zero serves.
            sd=float(logs.std()) if high > low else 1.0,
            centres=tuple(centres.tolist()),
            spread=(high - low) / (_SIGMOIDS - 1) / 2 if high > low else 1.0,
        )

    @property
    def width(self) -> int:
        """Number of entries, the flag included."""
        widths = {"one-hot": len(self.doses), "log10": 1, "sigmoid": len(self.centres)}
        return sum(widths[kind] for kind in self.kinds) + 1

    def encode(self, concentrations: ArrayLike) -> NDArray[np.float32]:
        """Encode concentrations.

        Parameters
        ----------
        concentrations : array_like, (n,)
            Micromolar; NaN where unknown.

        Returns
        -------
        ndarray of float32, (n, width)

        Raises
        ------
        InputError
            A concentration is zero, negative or infinite.
        """
        values = checked_concentrations(concentrations)
        encoded = np.zeros((len(values), self.width), dtype=np.float32)
        known = np.isfinite(values)
        logs = np.log10(values[known])
        blocks = [self._block(kind, logs) for kind in self.kinds]
        encoded[known] = np.concatenate([*blocks, np.ones((len(logs), 1))], axis=1)
        return encoded

    def _block(self, kind: str, logs: NDArray[np.float64]) -> NDArray[np.float64]:
        if kind == "one-hot":
            grid = np.log10(self.doses)
            # Hat functions: interpolating each unit vector gives each dose its share.
            return np.stack([np.interp(logs, grid, unit) for unit in np.eye(len(grid))], axis=1)
        if kind == "log10":
            return ((logs - self.mean) / self.sd)[:, None]
        steps = (logs[:, None] - np.asarray(self.centres)) / self.spread
        # Equal to 1 / (1 + exp(-x)), without overflow.
        return 0.5 * (1 + np.tanh(0.5 * steps))

    def to_dict(self) -> dict[str, Any]:
        """Describe as JSON values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, source: str = "dose encoding") -> DoseEncoding:
        """Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        values : mapping
            From outside.
        source : str
            Where it comes from, for messages.

        Returns
        -------
        DoseEncoding

        Raises
        ------
        InputError
            A key is missing or holds another type.
        """
        try:
            return cls(
                kinds=tuple(str(kind) for kind in values["kinds"]),
                doses=tuple(float(dose) for dose in values["doses"]),
                mean=float(values["mean"]),
                sd=float(values["sd"]),
                centres=tuple(float(centre) for centre in values["centres"]),
                spread=float(values["spread"]),
            )
        except KeyError as error:
            raise InputError(source, str(error.args[0]), "nothing", "a value") from error
        except (TypeError, ValueError) as error:
            raise InputError(source, "dose encoding", str(error), "the values that to_dict writes") from error
