"""Ranks and chances of all treatments at once are those of their rankings one by one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from shipped import demo_workbench, shipped_bundle, shipped_library

from molphenix_core.errors import Cancelled
from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.ranking import rank_queries
from molphenix_core.retrieval.true_molecules import true_molecules


def test_each_treatment_has_the_rank_and_the_chance_of_its_own_ranking() -> None:
    opened = demo_workbench()
    found = true_molecules(opened, shipped_bundle(), shipped_library())
    assert len(found) == len(opened.treatments)
    asked = np.flatnonzero(opened.treatments["n_wells"].to_numpy() > 0)[::7]
    queries = [np.flatnonzero(opened.treatment_of_well == treatment) for treatment in asked]
    rankings = rank_queries(opened, queries, shipped_bundle(), shipped_library(), top=1)
    for treatment, ranking in zip(asked, rankings, strict=True):
        one = found.iloc[treatment]
        own = ranking.own.rank if ranking.own is not None else None
        assert np.isnan(one["rank"]) if own is None else one["rank"] == own
        if isinstance(ranking.chance, Chance):
            numbers = one[["chance", "chance_low", "chance_high", "chance_first"]].to_list()
            assert numbers == pytest.approx(
                [getattr(ranking.chance, n) for n in ("probability", "low", "high", "r")]
            )
        else:
            assert np.isnan(one["chance"])
            assert ranking.chance.text in one["note"]
    assert (found["of"] == len(shipped_library())).all()
    assert found["rank"].between(1, len(shipped_library())).sum() > 100


def test_what_cannot_be_ranked_says_why() -> None:
    opened = demo_workbench()
    for bundle, library, words in (
        (None, shipped_library(), "no retriever is loaded"),
        (shipped_bundle(), None, "no library is open"),
    ):
        found = true_molecules(opened, bundle, library)
        assert found["rank"].isna().all()
        assert set(found["note"]) == {words}
    elsewhere = dataclasses.replace(opened, space_known=False, space_reason="another space")
    assert set(true_molecules(elsewhere, shipped_bundle(), shipped_library())["note"]) == {"another space"}


def test_it_stops_when_told_to() -> None:
    def stop(share: float, _text: str) -> None:
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        true_molecules(demo_workbench(), shipped_bundle(), shipped_library(), progress=stop)
