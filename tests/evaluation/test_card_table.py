"""The tables of a card: what was measured stands in them, and what was not says why."""

from __future__ import annotations

import dataclasses

from shipped import shipped_bundle

from molphenix_core.evaluation.card_table import calibration_tables, card_table
from molphenix_core.retrieval.stored_calibration import CALIBRATION


def test_every_figure_of_the_card_has_its_row() -> None:
    bundle = shipped_bundle()
    lines = card_table(bundle).splitlines()
    assert len(lines) == 2 + len(bundle.facts["figures"])
    for row, line in zip(bundle.facts["figures"], lines[2:], strict=True):
        shown = row.get("not_available") or f"{row['recall_top_1_percent']:.3f}"
        assert shown in line
        assert row["split"] in line


def test_every_calibrated_chance_has_its_row() -> None:
    bundle = shipped_bundle()
    lines = calibration_tables(bundle).splitlines()
    for stored in bundle.facts[CALIBRATION].values():
        for row in stored["report"]["brier"]:
            wanted = (row["stratum"], f"{row['brier']:.4f}", f"{row['r']} of {row['of']:,}")
            assert any(all(part in line for part in wanted) for line in lines)
        for row in stored["report"]["reliability"]:
            assert any(f"{row['predicted']:.3f} | {row['observed']:.3f}" in line for line in lines)


def test_a_card_without_calibration_has_no_such_table() -> None:
    facts = {key: value for key, value in shipped_bundle().facts.items() if key != CALIBRATION}
    assert calibration_tables(dataclasses.replace(shipped_bundle(), facts=facts)) == ""
