"""Ranks put together into rows."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from tiny_study import JOB

from molphenix_core.paper.figures import Arm, difference, pooled, ratio
from molphenix_core.paper.ratios import Against, ratio_table
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.tables import collapsed_table, finding, recall_table
from molphenix_core.paper.units import Unit, unit_key
from molphenix_core.training.job import DataConfig


def unit(seed: int, fold: int, name: str = "towers") -> Unit:
    job = dataclasses.replace(
        JOB,
        data=(DataConfig(path="a"),),
        split=dataclasses.replace(JOB.split, fold=fold),
        fit=dataclasses.replace(JOB.fit, seed=seed, epochs=len(name)),
    )
    return Unit("towers", job, ("a",))


def result(*ranks: float, method: str = "towers") -> dict[str, Any]:
    """Two treatments a molecule, whose rank is half of the treatment's, rounded up."""
    lists = {"forward": list(ranks), "reverse": [1.0] * len(ranks), "by_molecule": [(r + 1) // 2 for r in ranks]}
    gallery = {"molecule": [row // 2 for row in range(len(ranks))], "methods": {method: lists}}
    return {
        "files": [{"s": {"galleries": {"all": gallery, "active": {"not_available": "why not"}}, "missing": {}}}]
    }


def outcome(results: dict[Unit, dict[str, Any]]) -> Outcome:
    digests = {"a": "1"}
    return Outcome(digests, {unit_key(u, digests): r for u, r in results.items()}, {}, 0, 0.0)


def row(table: Any, label: str) -> dict[str, Any]:
    return dict(zip(table.columns, next(r for r in table.rows if r[0] == label), strict=True))


def test_recall_is_pooled_over_folds_and_seeds_with_its_spread() -> None:
    perfect, wrong = result(1, 1, 1, 1), result(4, 4, 4, 4)
    units = tuple(unit(seed, fold) for seed in (0, 1) for fold in (0, 1))
    made = outcome(dict(zip(units, (perfect, perfect, perfect, wrong), strict=True)))
    table = recall_table("t", (Arm("ours", units),), made, split="s")
    ours, chance = row(table, "ours"), row(table, "chance")
    assert ours["Recall, top 1 %"] == 0.75
    assert ours["sd over seeds"] == pytest.approx(0.3536, abs=1e-4)  # 1 and 0.5
    assert (ours["N"], ours["k"]) == (4, 1)
    assert chance["Recall, top 1 %"] == 0.25
    assert chance["R@5"] == 1
    assert chance["MRR"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, abs=1e-4)
    molecules = collapsed_table("t", (Arm("ours", units),), made, split="s")
    assert row(molecules, "chance")["Recall, top 1 %"] == 0.5
    assert row(molecules, "ours")["N"] == 2


def test_chance_by_molecule_counts_the_doses_of_each_gallery() -> None:
    even, uneven = unit(0, 0), unit(0, 1)
    other = result(1, 1, 1, 1)
    other["files"][0]["s"]["galleries"]["all"]["molecule"] = [0, 0, 0, 1]
    made = outcome({even: result(1, 1, 1, 1), uneven: other})
    arms = (Arm("ours", (even, uneven)),)
    molecules = collapsed_table("t", arms, made, split="s")
    # Half of the queries at 1/2; the others at 3/4 of three and 1/4 of one of four.
    expected = (0.5 + (3 * 0.75 + 0.25) / 4) / 2
    assert row(molecules, "chance")["Recall, top 1 %"] == pytest.approx(expected, abs=1e-4)
    assert row(molecules, "chance of a method told no dose")["Recall, top 1 %"] == 0.5
    assert row(recall_table("t", arms, made, split="s"), "chance")["Molecule, top 1 %"] == pytest.approx(
        expected, abs=1e-4
    )
    assert row(molecules, "chance")["MRR"] == pytest.approx((0.75 + (3 * 0.875 + 0.625) / 4) / 2, abs=1e-4)


def test_a_rival_without_seeds_is_compared_with_every_seed() -> None:
    ours = (unit(0, 0), unit(1, 0))
    rival = unit(0, 0, "rival")
    made = outcome({ours[0]: result(1, 1, 4, 4), ours[1]: result(1, 1, 1, 1), rival: result(4, 4, 4, 4)})
    a, b = (pooled(Arm("", units), made, "s", "all") for units in ((rival,), ours))
    assert not isinstance(a, str)
    assert not isinstance(b, str)
    gain = difference(a, b)
    assert gain is not None
    assert gain[0] == -0.75
    table = recall_table("t", (Arm("ours", ours), Arm("rival", (rival,))), made, split="s")
    assert str(row(table, "rival")["Less the first row"]).startswith("-0.750")
    assert row(table, "rival")["sd over seeds"] == ""


def test_different_queries_are_not_subtracted() -> None:
    one, other = unit(0, 0), unit(0, 0, "rival")
    made = outcome({one: result(1, 1, 1, 1), other: result(1, 1, 1, 1, 1, 1)})
    a, b = (pooled(Arm("", (each,)), made, "s", "all") for each in (one, other))
    assert not isinstance(a, str)
    assert not isinstance(b, str)
    assert difference(a, b) is None


def test_what_is_not_there_says_why() -> None:
    one = unit(0, 0)
    made = outcome({one: result(1, 1)})
    assert pooled(Arm("", (one,)), made, "s", "active") == "why not"
    assert pooled(Arm("", (one,)), made, "other", "all") == "nothing is held out as other"
    assert pooled(Arm("", (one,), "layout only"), made, "s", "all") == "not computed"
    assert pooled(Arm("", (unit(1, 1),)), made, "s", "all") == "not computed"
    assert finding((Arm("", (one,)),), made, split="s", gallery="active") == "s, gallery active: not available."


def test_a_finding_says_whether_the_difference_is_clear() -> None:
    ours, better = unit(0, 0), unit(0, 0, "rival")
    many = 40
    made = outcome({ours: result(*[9.0] * many), better: result(*[1.0] * many)})
    arms = (Arm("ours", (ours,)), Arm("better", (better,)))
    text = finding(arms, made, split="s")
    assert "found by better (1.000; chance 0.025), against 0.000 by ours" in text
    assert text.endswith("the interval of the difference leaves out zero.")


def test_a_ratio_stands_beside_the_published_one_with_its_interval() -> None:
    ours, rival = (unit(0, 0), unit(1, 0)), unit(0, 0, "rival")
    found = [1.0] * 40
    # The rival finds every other molecule, by both of its treatments.
    half = [1.0, 1.0, 9.0, 9.0] * 10
    made = outcome({ours[0]: result(*found), ours[1]: result(*found), rival: result(*half)})
    arms = (Arm("ours", ours), Arm("rival", (rival,)))
    what = "MolPhenix over CLOOME, both on Phenom1 embeddings"
    pairs = {what: (Against("ours", "rival"), Against("ours", "rival", by_molecule=True)), "S2L over CLOOME": ()}
    table = ratio_table("t", pairs, arms, made, split="s")
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [(row["Published ratio"], row["Gallery"], row["Our ratio"]) for row in rows] == [
        (1.26, "active", None),
        (1.26, "all", 2),
        (1.26, "active", None),
        (1.26, "all", 2),
        (2.26, None, None),
    ]
    assert "why not" in str(rows[0]["Ours"])
    low, high = map(float, str(rows[1]["95 % interval"]).split(" to "))
    assert 1.2 < low < 2 < high < 5


def test_nothing_is_divided_by_a_rival_that_finds_nothing_or_ranks_other_queries() -> None:
    one, none, other = unit(0, 0), unit(0, 0, "rival"), unit(0, 0, "another")
    made = outcome({one: result(1, 1, 4, 4), none: result(4, 4, 4, 4), other: result(1, 1, 1, 1, 1, 1)})
    a, b, c = (pooled(Arm("", (each,)), made, "s", "all") for each in (one, none, other))
    assert not isinstance(a, str)
    assert not isinstance(b, str)
    assert not isinstance(c, str)
    assert ratio(a, b) is None
    assert ratio(a, c) is None
    # A molecule of two is found: some draws have none of it to divide by.
    assert ratio(b, a) == (0.0, None)
