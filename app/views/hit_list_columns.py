"""A hit list as the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

import numpy as np

from app.hit_entries import STATUSES, HitEntry
from app.hit_places import HitPlaces
from app.numbers import local_time
from app.views.table import TableColumn

__all__ = ["hit_columns", "matching", "said_columns"]

_PLACES = {status: place for place, status in enumerate(STATUSES)}


def hit_columns(entries: Sequence[HitEntry], places: HitPlaces) -> tuple[TableColumn, ...]:
    """What a list says of its n hits, and what the files that are open know of them.

    Parameters
    ----------
    entries : sequence of HitEntry (n,)
    places : HitPlaces
        See :func:`app.hit_places.places_of`.
    """
    doses = np.array([np.nan if entry.dose is None else entry.dose for entry in entries], dtype=np.float64)
    smiles = _texts(
        "structure", "Structure", map(attrgetter("smiles"), entries), "Drawn where the structure is known"
    )
    return (
        smiles,
        _texts("name", "Name", map(attrgetter("name"), entries), "The compound"),
        *said_columns(entries),
        _texts(
            "plate",
            "Plate",
            map(attrgetter("barcode"), entries),
            "Barcode of the plate; none for a molecule alone",
        ),
        _texts(
            "well", "Well", map(attrgetter("well"), entries), "Where it was measured; none for a molecule alone"
        ),
        TableColumn("dose", "Dose", doses, unit="µM", tip="Concentration in the well"),
        TableColumn("p", "p", places.p, tip="Activity p of the treatment, where its file is open"),
        _texts("source", "From", map(attrgetter("source"), entries), "How it came into the list"),
        _times("added", "Added", [e.added for e in entries]),
    )


def said_columns(entries: Sequence[HitEntry]) -> tuple[TableColumn, ...]:
    """The columns that the user writes."""
    statuses = np.array([_PLACES[entry.status] for entry in entries], dtype=np.int32)
    notes = (" ".join(entry.note.split()) if entry.note else "" for entry in entries)
    return (
        TableColumn(
            "status",
            "Status",
            statuses,
            "text",
            "What you say of it: double-click, or press 1 to 4",
            categories=STATUSES,
            # In the order of the work, not of the alphabet.
            ranks=np.arange(len(STATUSES)),
        ),
        _texts("note", "Note", notes, "Your own words: double-click, or F2"),
    )


def _texts(key: str, title: str, texts: Iterable[str], tip: str) -> TableColumn:
    # Lists have ten thousands of hits: dict and map go through them without a step of Python for each.
    texts = list(texts)
    categories = tuple(filter(None, dict.fromkeys(texts)))
    codes = {"": -1, **{text: i for i, text in enumerate(categories)}}
    values = np.fromiter(map(codes.__getitem__, texts), dtype=np.int32, count=len(texts))
    return TableColumn(key, title, values, "text", tip, categories=categories)


def _times(key: str, title: str, times: Sequence[str]) -> TableColumn:
    known = sorted(set(times))
    codes = {time: i for i, time in enumerate(known)}
    shown = tuple(local_time(time) for time in known)
    values = np.array([codes[time] for time in times], dtype=np.int32)
    tip = "When it came into the list, in local time"
    # Dates of a locale do not sort as texts.
    return TableColumn(key, title, values, "text", tip, categories=shown, ranks=np.arange(len(known)))


def matching(entries: Sequence[HitEntry], text: str) -> np.ndarray | None:
    """Which hits hold every word of a text somewhere, intp (k,); None where there is no text."""
    words = text.casefold().split()
    if not words:
        return None
    found = []
    for i, e in enumerate(entries):
        said = f"{e.name}\n{e.barcode}\n{e.well}\n{e.status}\n{e.note}\n{e.source}\n{e.inchikey}".casefold()
        if all(word in said for word in words):
            found.append(i)
    return np.array(found, dtype=np.intp)
