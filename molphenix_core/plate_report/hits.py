"""The part of a report that is about hits: the rule, and what the retriever says of the first of them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from molphenix_core.model.bundle import Bundle
from molphenix_core.molecules.alerts import pains_alerts_many
from molphenix_core.plate_report.content import Candidate, Hit, ReportSettings
from molphenix_core.plate_report.pictures import Pictures
from molphenix_core.plates.hit_calling import call_hits
from molphenix_core.plates.hit_rule import CRITERIA, HitRule
from molphenix_core.plates.hit_table import flag_treatments, hit_table, relative_cell_count
from molphenix_core.plates.plate import PLATE, WELL
from molphenix_core.plates.treatments import Treatments
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.ranking import WellRanking, rank_queries
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["Hits", "gather_hits"]

_ACTIVITY = ("consistency", "p_value", "q_value", "null", "shares_position", "distance_to_control")
_LARGE, _SMALL = (230, 150), (120, 78)
_ONE_PROCESS = 1
_WELLS_NAMED = 8


@dataclass(frozen=True)
class Hits:
    """The rule in words, how many treatments it takes, and the first of them."""

    rule: tuple[str, ...]
    text: str
    failed: tuple[tuple[str, int], ...]
    hits: tuple[Hit, ...]
    note: str
    not_ranked: str


def gather_hits(
    workbench: Workbench,
    bundle: Bundle | None,
    library: Library | None,
    settings: ReportSettings,
    *,
    progress: Progress = silent,
) -> Hits:
    """Call hits and rank molecules for the best of them.

    Parameters
    ----------
    workbench : Workbench
    bundle, library : Bundle, Library or None
        As for :func:`~molphenix_core.plate_report.gather.gather_report`.
    settings : ReportSettings
    progress : callable

    Returns
    -------
    Hits

    Raises
    ------
    InputError
        The rule asks for what the treatments do not have.
    """
    table = _table(workbench, settings, progress)
    called = call_hits(table, settings.rule)
    found = table[called["hit"].to_numpy(bool)]
    # The surest first, and among equals the strongest.
    found = found.sort_values(["q_value", "distance_to_control"], ascending=[True, False], kind="stable")
    chosen = found.head(settings.hits)
    queries = [np.flatnonzero(workbench.treatment_of_well == treatment) for treatment in chosen.index]
    rankings = (
        rank_queries(workbench, queries, bundle, library, top=settings.candidates, progress=progress)
        if queries
        else []
    )
    pictures = Pictures()
    hits = []
    for place, (treatment, wells, ranking) in enumerate(zip(chosen.index, queries, rankings, strict=True)):
        progress(place / len(queries), "Drawing structures")
        hits.append(_hit(workbench, table.loc[treatment], wells, ranking, settings, pictures))
    share = f" ({100 * len(found) / len(table):.1f} %)" if len(table) else ""
    text = f"{len(found):,} of {len(table):,} treatments are hits{share}."
    if len(found) > len(chosen):
        text += f" The first {len(chosen)} by q-value, then by distance to control, are shown."
    failed = Counter(str(field) for field in called["criterion"] if field)
    titles = {criterion.field: criterion.title for criterion in CRITERIA}
    unchecked = Counter(one for text in called["not_checked"] for one in text.split(", ") if one)
    note = next((str(one) for one in table["note"].unique() if one), "")
    note = " ".join(one for one in (*settings.not_asked, note) if one)
    for title, count in unchecked.items():
        note = f"{note} Not checked for {title}: {count:,} treatments, which stay in.".strip()
    why = "" if workbench.space_known else workbench.space_reason
    return Hits(
        rule=_in_words(settings.rule),
        text=text,
        failed=tuple((titles.get(field, field), n) for field, n in failed.most_common()),
        hits=tuple(hits),
        note=note,
        not_ranked=why or ("" if library is not None else "no library could be used"),
    )


def _table(workbench: Workbench, settings: ReportSettings, progress: Progress) -> pd.DataFrame:
    plate, treatments = workbench.plate, Treatments(workbench.treatments, workbench.treatment_of_well)
    pains = None
    if settings.rule.exclude_pains:
        smiles = [text if isinstance(text, str) else None for text in workbench.treatments["smiles"]]
        pains = pains_alerts_many(smiles, processes=_ONE_PROCESS, progress=progress)
    measured = workbench.treatments[list(_ACTIVITY)]
    table = hit_table(workbench.prepared, treatments, measured=measured, pains=pains)
    # Counts as they were measured, not as they were prepared for the retriever.
    if settings.cell_count:
        table["relative_cell_count"] = relative_cell_count(plate, treatments, settings.cell_count)
    if settings.autofluorescence:
        table["autofluorescent"] = flag_treatments(plate, treatments, settings.autofluorescence)
    return table.reset_index(drop=True)


def _in_words(rule: HitRule) -> tuple[str, ...]:
    words = []
    for criterion in CRITERIA:
        limit = getattr(rule, criterion.field)
        if limit is None or limit is False:
            continue
        if criterion.kind == "flag":
            words.append(f"not {criterion.title}")
        else:
            words.append(f"{criterion.title} at {criterion.kind} {limit:g}")
    return tuple(words)


def _hit(
    workbench: Workbench,
    row: pd.Series,
    wells: np.ndarray,
    ranking: WellRanking,
    settings: ReportSettings,
    pictures: Pictures,
) -> Hit:
    obs = workbench.plate.wells.iloc[wells]
    places = [
        " ".join(str(part) for part in place if isinstance(part, str))
        for place in zip(obs[PLATE].astype(object), obs[WELL].astype(object), strict=True)
    ]
    named = [place for place in places if place]
    shown = ", ".join(named[:_WELLS_NAMED]) or "not known"
    if len(named) > _WELLS_NAMED:
        shown += f" and {len(named) - _WELLS_NAMED} more"
    facts = [
        ("dose", _dose(row["concentration"])),
        ("replicates", f"{int(row['n_wells'])}"),
        ("activity p", _number(row["p_value"])),
        ("q", _number(row["q_value"])),
        ("distance to control", _number(row["distance_to_control"])),
        ("replicate consistency", _number(row["consistency"])),
        ("mechanism", _text(row["mechanism"])),
        ("wells", shown),
    ]
    chance, own = ranking.chance, ranking.own
    smiles = _text(row["smiles"])
    return Hit(
        name=_text(row["name"]) or "unnamed treatment",
        smiles=smiles,
        picture=pictures.of(smiles, *_LARGE),
        facts=tuple((title, text) for title, text in facts if text),
        chance=chance.text.rstrip(".") if len(ranking.candidates) else "",
        basis=chance.basis if isinstance(chance, Chance) and len(ranking.candidates) else "",
        true_rank=(
            f"The molecule named in these wells is at rank {own.rank:g} of {own.of:,}; a random order gives "
            f"{own.chance_rank:g} in the middle."
            if own is not None and own.rank is not None
            else ""
        ),
        note=ranking.note,
        candidates=tuple(
            _candidate(one, "score", pictures) for one in _records(ranking.candidates, settings.candidates)
        ),
        measured=tuple(
            _candidate(one, "similarity", pictures) for one in _records(ranking.measured, settings.measured)
        ),
    )


def _records(table: pd.DataFrame, most: int) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.head(most).to_dict("records")]


def _candidate(one: dict[str, Any], score: str, pictures: Pictures) -> Candidate:
    seen = one.get("seen")
    # The nearest to a molecule that was trained on is itself.
    nearest = "" if seen is not None and not pd.isna(seen) and seen else _text(one.get("nearest_training"))
    if nearest:
        nearest = f"{nearest}, Tanimoto {one['nearest_training_similarity']:.2f}"
    return Candidate(
        name=_text(one["name"]) or "unnamed",
        picture=pictures.of(_text(one["smiles"]), *_SMALL),
        score=f"{one[score]:.3f}",
        dose=_dose(one["dose"]),
        mechanism=_text(one["mechanism"]),
        seen="" if seen is None or pd.isna(seen) else "seen in training" if seen else "unseen",
        nearest=nearest,
        own=bool(one["own"]),
        origin=_text(one.get("origin")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: float) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.3g}"


def _dose(value: float | None) -> str:
    return "dose unknown" if value is None or math.isnan(value) else f"{value:.3g} µM"
