"""A run that is stopped goes on where it was; what is damaged or fails is said and done again."""

from __future__ import annotations

import dataclasses
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from tiny_study import JOB, write_screen

from molphenix_core.errors import Cancelled
from molphenix_core.paper.figures import Arm
from molphenix_core.paper.runner import Outcome, run_units
from molphenix_core.paper.study import Study, read_facts
from molphenix_core.paper.tables import recall_table
from molphenix_core.paper.units import HoldOut, rivals_unit, unit_key


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = write_screen(tmp_path_factory.mktemp("plates") / "screen.h5ad")
    return Study(job=JOB, files=(read_facts(path, JOB),), seeds=2)


def figures(outcome: Outcome) -> dict[str, Any]:
    """What was computed, without when and by which source: that may be edited while a test runs."""
    return {
        key: {name: value for name, value in result.items() if name not in ("seconds", "source")}
        for key, result in outcome.results.items()
    }


def test_stopped_damaged_and_failing_units(study: Study, tmp_path: Path) -> None:
    ours = study.units(study.recipe(study.files[0]))
    failing = dataclasses.replace(ours[0], held_out=HoldOut("Metadata_Donor", "1"))
    units = (*ours, rivals_unit(ours[0]), rivals_unit(ours[2]), failing)
    folder = tmp_path / "units"
    told: list[str] = []

    def stop_after_two(_: float, message: str) -> None:
        told.append(message)
        if len(told) == 2:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        run_units(units, folder, study.digests, processes=1, progress=stop_after_two)
    assert multiprocessing.active_children() == []
    stored = sorted(folder.iterdir())
    assert len(stored) == 2
    assert told[1].startswith("2 of 6 units, ")  # the rivals of both seeds are one unit

    stored[0].write_bytes(stored[0].read_bytes()[:-20])
    second = run_units(units, folder, study.digests, processes=2)
    # Of six, one stands, one was damaged, one fails.
    assert second.computed == 4
    assert list(second.failures) == [unit_key(failing, study.digests)]
    assert "Metadata_Donor" in second.why(failing)
    table = recall_table("t", (Arm("ours", ours), Arm("donor", (failing,))), second, split="unseen scaffolds")
    assert table.rows[0][0] == "ours"
    assert "not available: JobError" in str(table.rows[1][0])
    assert set(table.rows[1][1:]) == {None}

    third = run_units(units, folder, study.digests)
    assert third.computed == 0
    assert figures(third) == figures(second)

    alone = run_units(units[:-1], tmp_path / "alone", study.digests, processes=1)
    assert figures(alone) == figures(second)
