"""Colours for wells: by activity, dose, any column or feature, and what the colour bar says about them."""

from __future__ import annotations

from app.colouring.colours import Colouring, colour_together
from app.colouring.maps import MAPS, ColourMap, MapChoice
from app.colouring.quantities import (
    COLUMN,
    FEATURE,
    RETRIEVED,
    Choice,
    Computed,
    Quantity,
    choices,
    is_offered,
    label_of,
    quantity,
)
from app.colouring.scales import NumberScale, fit_scale
from app.open_plate import OpenPlate
from app.session_file import Limits
from app.theme import Theme

__all__ = [
    "COLUMN",
    "FEATURE",
    "MAPS",
    "RETRIEVED",
    "Choice",
    "ColourMap",
    "Colouring",
    "Computed",
    "MapChoice",
    "NumberScale",
    "Quantity",
    "choices",
    "colour",
    "colour_together",
    "fit_scale",
    "is_offered",
    "label_of",
    "quantity",
]


def colour(
    plate: OpenPlate,
    key: str,
    theme: Theme,
    *,
    limits: Limits | None = None,
    maps: MapChoice | None = None,
) -> Colouring:
    """Colour the wells of one file by one of its :func:`choices`; KeyError where it has no such column."""
    wanted = quantity(plate, key)
    if wanted is None:
        raise KeyError(key)
    return colour_together([wanted], theme, limits, maps)[0]
