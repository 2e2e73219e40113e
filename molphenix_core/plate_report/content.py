"""What stands in a report of a plate file, as plain values; the page only lays it out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from molphenix_core.plates.hit_rule import HitRule
from molphenix_core.plates.readouts import Readout

__all__ = [
    "METHODS",
    "Candidate",
    "Figure",
    "HeatMap",
    "Hit",
    "ListedHit",
    "LoggedEvent",
    "PlateQualityRow",
    "PlateReport",
    "QualityChoice",
    "Reading",
    "ReportSettings",
    "SessionRecord",
]


@dataclass(frozen=True, eq=False)
class QualityChoice:
    """What Z' is made of, where it is not the library's own choice.

    Parameters
    ----------
    positive : bool (n_wells,) or None
        The positive controls.
    positive_name : str
        What they are.
    readout : Readout or None
    """

    positive: NDArray[np.bool_] | None = None
    positive_name: str = ""
    readout: Readout | None = None


@dataclass(frozen=True, kw_only=True)
class ReportSettings:
    """What a report is made with.

    Parameters
    ----------
    rule : HitRule
    cell_count, autofluorescence : str
        Columns that the rule's criteria are read from; "" for none.
    hits, candidates, measured : int
        Hits shown with their structure and ranking, and molecules shown for each of them.
    maps : int
        Plates drawn.
    not_asked : tuple of str
        What the user's rule asks for beyond this one and these plates do not have, as sentences.
    """

    rule: HitRule = field(default_factory=HitRule)
    cell_count: str = ""
    autofluorescence: str = ""
    hits: int = 20
    candidates: int = 5
    measured: int = 3
    maps: int = 24
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoggedEvent:
    """A line of the audit log: when (UTC), what, a detail, and hashes by what they are of."""

    when: str
    what: str
    detail: str = ""
    hashes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListedHit:
    """An entry of a hit list of the user's."""

    name: str
    plate: str
    well: str
    dose: str
    status: str
    note: str


@dataclass(frozen=True)
class SessionRecord:
    """What a window adds to a report: its audit log, and the user's hit lists by their names."""

    events: tuple[LoggedEvent, ...] = ()
    hit_lists: dict[str, tuple[ListedHit, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """What the retriever, and kernel ridge beside it, did on held-out data.

    Parameters
    ----------
    data, split, gallery : str
        What was held out, and which treatments were asked for.
    recalls : tuple of (str, str)
        In the first percent, as shares, and their 95 % intervals, by the methods of :data:`METHODS`.
    chance : float
        The same of a random order.
    candidates, k : int
        Molecules ranked, and how many of them the first percent is.
    """

    data: str
    split: str
    gallery: str
    recalls: tuple[tuple[str, str], ...]
    chance: float
    candidates: int
    k: int


METHODS = {
    "retriever": "retriever",
    "kernel ridge on Tanimoto, sphered": "kernel ridge, sphered",
    "kernel ridge on Tanimoto, plain": "kernel ridge, plain",
}
"""Methods of a card's figures that a report shows, and what it calls them."""


@dataclass(frozen=True)
class Reading:
    """A number, or why there is none, with its traffic light ("green", "amber", "red" or "")."""

    text: str
    reason: str = ""
    light: str = ""


@dataclass(frozen=True)
class PlateQualityRow:
    """The readings of one plate, in the order of :attr:`PlateReport.quality_titles`."""

    plate: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class HeatMap:
    """A plate drawn twice: where wells are active, and how far they are from the controls; SVG."""

    plate: str
    activity: str
    distance: str


@dataclass(frozen=True)
class Candidate:
    """A molecule beside a hit: predicted, or nearest measured. ``score`` is a cosine."""

    name: str
    picture: str
    score: str
    dose: str
    mechanism: str
    seen: str
    nearest: str
    own: bool
    origin: str = ""


@dataclass(frozen=True)
class Hit:
    """A treatment that the rule calls a hit.

    Parameters
    ----------
    facts : tuple of (str, str)
        What is known of it, by title.
    picture : str
        Its structure as a data URI, "" where it is unknown or cannot be drawn.
    chance, basis : str
        The calibrated chance of its ranking in words, or why there is none; what it was measured on.
    true_rank : str
        Where its own molecule stands in the ranking, with what chance alone gives.
    note : str
        What to know before believing the ranking.
    """

    name: str
    smiles: str
    picture: str
    facts: tuple[tuple[str, str], ...]
    chance: str
    basis: str
    true_rank: str
    note: str
    candidates: tuple[Candidate, ...]
    measured: tuple[Candidate, ...]


@dataclass(frozen=True)
class PlateReport:
    """All that the page shows.

    Parameters
    ----------
    made : str
        Date and time, as "2026-03-01 14:05 UTC".
    provenance : tuple of (str, str)
        Files, hashes, spaces and settings by title.
    versions : dict of str to str
        Of the program and what its figures depend on.
    figures_note : str
        Why there are no held-out figures; "" where there are.
    quality_notes : tuple of str
        What the readings are made of, and why some are missing.
    map_notes : tuple of str
        The scales of the plate maps, as sentences.
    hits_text : str
        How many treatments are hits by the rule.
    failed : tuple of (str, int)
        Treatments that are none, by the criterion that they fail first.
    not_ranked : str
        Why hits have no predicted candidates; "" where they have.
    """

    title: str
    file: str
    simulated: bool
    made: str
    provenance: tuple[tuple[str, str], ...]
    versions: dict[str, str]
    notes: tuple[str, ...]
    figures: tuple[Figure, ...]
    figures_note: str
    quality_titles: tuple[str, ...]
    quality: tuple[PlateQualityRow, ...]
    quality_notes: tuple[str, ...]
    map_notes: tuple[str, ...]
    map_legends: tuple[str, str]
    maps: tuple[HeatMap, ...]
    rule: tuple[str, ...]
    hits_text: str
    failed: tuple[tuple[str, int], ...]
    hits: tuple[Hit, ...]
    hits_note: str
    not_ranked: str
    session: SessionRecord
