"""Colour maps: perceptually uniform, and told apart with any common colour blindness and in grey.

Each is given by 25 of its published colours at equal steps, between which the published table is met to within
a few levels of 256.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAPS", "ColourMap", "MapChoice"]


@dataclass(frozen=True, eq=False)
class ColourMap:
    """Colours of a scale from low to high.

    Parameters
    ----------
    id, label : str
        For settings, and for the user.
    table : uint8 (256, 3)
    diverging : bool
        Whether its middle stands for a value from which others differ in two ways.
    source : str
        Who made it, and under which licence.
    """

    id: str
    label: str
    table: NDArray[np.uint8]
    diverging: bool
    source: str


@dataclass(frozen=True)
class MapChoice:
    """The user's colour maps.

    Parameters
    ----------
    sequential : str
        From low to high.
    diverging : str
        Where the middle of a scale means something; "" uses the other one there too.
    """

    sequential: str = "viridis"
    diverging: str = ""

    def __post_init__(self) -> None:
        if self.sequential not in MAPS or MAPS[self.sequential].diverging:
            object.__setattr__(self, "sequential", "viridis")
        if self.diverging and not (self.diverging in MAPS and MAPS[self.diverging].diverging):
            object.__setattr__(self, "diverging", "")

    def map_for(self, *, centred: bool) -> ColourMap:
        """The map of a scale whose middle means something or not."""
        return MAPS[self.diverging if centred and self.diverging else self.sequential]

    def with_map(self, name: str, *, centred: bool) -> MapChoice:
        """The same with another map for such scales."""
        if MAPS[name].diverging:
            return MapChoice(self.sequential, name)
        return MapChoice(name, "" if centred else self.diverging)


def _table(stops: tuple[str, ...]) -> NDArray[np.uint8]:
    rgb = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in stops], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), rgb[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


_VIRIDIS = (
    *("#440154", "#471164", "#481f70", "#472d7b", "#443a83", "#404688", "#3b528b", "#365d8d"),
    *("#31688e", "#2c728e", "#287c8e", "#24868e", "#21908c", "#1f9a8a", "#20a486", "#27ad81"),
    *("#35b779", "#47c16e", "#5cc863", "#75d054", "#8fd644", "#aadc32", "#c7e020", "#e3e418"),
    "#fde725",
)
_CIVIDIS = (
    *("#00204d", "#00285f", "#002f6f", "#05366e", "#243e6c", "#34456b", "#414d6b", "#4c546c"),
    *("#575c6d", "#61646f", "#6a6c71", "#737475", "#7c7c78", "#868379", "#918c78", "#9b9477"),
    *("#a69d75", "#b2a672", "#bcaf6f", "#c8b86a", "#d4c264", "#e0cb5e", "#ecd555", "#f8df4b"),
    "#ffea46",
)
_VIK = (
    *("#001261", "#02236c", "#023376", "#034481", "#06558c", "#156898", "#2f7ca6", "#4f92b5"),
    *("#71a8c4", "#92bdd2", "#b4d1e0", "#d5e3e9", "#ece5e1", "#edd5c8", "#e5c0ab", "#dcab8f"),
    *("#d39774", "#cb845b", "#c37243", "#ba5e2b", "#aa4613", "#932e06", "#7e1d06", "#6b0e07"),
    "#590008",
)
_BERLIN = (
    *("#9eb0ff", "#86adf3", "#6ca9e6", "#529fd3", "#3d8fbb", "#307ca0", "#286886", "#21556e"),
    *("#1a4256", "#14313f", "#11212a", "#111518", "#190c09", "#240c02", "#310f00", "#401201"),
    *("#501803", "#65220d", "#7c331d", "#924632", "#a75949", "#bc6e61", "#d2827a", "#e89893"),
    "#ffadad",
)
_CRAMERI = "Crameri 2018, Scientific colour maps, doi:10.5281/zenodo.1243862, MIT"

MAPS = {
    one.id: one
    for one in (
        ColourMap("viridis", "Viridis", _table(_VIRIDIS), False, "Smith and van der Walt 2015, CC0"),
        ColourMap(
            "cividis",
            "Cividis",
            _table(_CIVIDIS),
            False,
            "Nuñez, Anderton and Renslow 2018, doi:10.1371/journal.pone.0199239, CC0",
        ),
        ColourMap("vik", "Vik (light middle)", _table(_VIK), True, _CRAMERI),
        ColourMap("berlin", "Berlin (dark middle)", _table(_BERLIN), True, _CRAMERI),
    )
}
"""All maps by id."""
