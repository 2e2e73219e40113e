"""Encoders beside each other, on simulated screens of which the answer is known."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from simulated_plates import simulated_plate

from molphenix_core.cli import main
from molphenix_core.errors import JobError, UnknownSpaceError
from molphenix_core.evaluation.encoders import MEASURES, EncoderComparison, compare_encoders, encoder_table
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.plates.files import write_plate
from molphenix_core.training.dataset import collect_molecules, split_wells, treatments_with_structure
from molphenix_core.training.job import SplitConfig
from molphenix_core.training.masked_autoencoder import MaskedAutoencoderConfig

SMALL = MaskedAutoencoderConfig(width=32, bottleneck=8, epochs=5, batch_size=64)
STRICT, ANY, MOLECULE = MEASURES
ENCODERS = ["position only", "profiles", "PCA", "sphered PCA", "masked autoencoder"]


def rows(comparison: EncoderComparison, measure: str, split: str = "unseen scaffolds") -> dict[str, Any]:
    found = [row for row in comparison.rows if row["measure"] == measure and row["split"] == split]
    return {str(row.get("encoder", "none")): row for row in found}


@pytest.fixture(scope="module")
def shuffled_layout() -> EncoderComparison:
    plate = simulated_plate(molecules=40, plates=4)
    return compare_encoders(plate, folds=(0, 1), held_out_plates=("S3", "S4"), autoencoder=SMALL, seeds=(0, 1))


def test_every_encoder_is_measured_on_the_same_queries_of_molecules_that_none_saw(
    shuffled_layout: EncoderComparison,
) -> None:
    for measure in MEASURES:
        found = rows(shuffled_layout, measure)
        assert list(found) == ENCODERS
        for field in ("queries", "treatments", "molecules", "chance_precision"):
            assert len({row[field] for row in found.values()}) == 1
    # Eight ring systems of five molecules: two folds hold out two each.
    assert rows(shuffled_layout, STRICT)["PCA"]["molecules"] == 20
    assert rows(shuffled_layout, STRICT, "held-out plates")["PCA"]["molecules"] == 40


def test_effects_are_found_by_encoders_and_not_by_position_where_every_plate_has_its_own_layout(
    shuffled_layout: EncoderComparison,
) -> None:
    found = rows(shuffled_layout, STRICT)
    chance = found["PCA"]["chance_precision"]
    assert found["position only"]["mean_average_precision"] < 2 * chance
    for encoder in ENCODERS[1:]:
        low, _ = found[encoder]["precision_interval"]
        assert low > 3 * chance
    assert found["masked autoencoder"]["seeds"] == 2
    assert found["masked autoencoder"]["sd_over_seeds"] >= 0


def test_position_is_shown_to_find_replicates_in_one_layout_and_the_deciding_measure_says_that_it_has_none() -> (
    None
):
    plate = simulated_plate(molecules=30, effect=0.0, position_bias=2.0, one_layout=True)
    comparison = compare_encoders(plate, autoencoder=SMALL, seeds=(0,))
    anywhere = rows(comparison, ANY)
    assert anywhere["position only"]["mean_average_precision"] == pytest.approx(1.0)
    # Nothing but position tells these treatments apart, and the encoders find them nevertheless.
    assert anywhere["sphered PCA"]["mean_average_precision"] > 5 * anywhere["PCA"]["chance_precision"]
    strict = rows(comparison, STRICT)
    assert "none of" in strict["none"]["not_available"]
    assert "another position" in strict["none"]["not_available"]
    assert STRICT not in [verdict["measure"] for verdict in comparison.verdicts]
    assert "not available" in encoder_table(comparison)


def test_an_encoder_that_learned_nothing_is_said_to_be_worse() -> None:
    plate = simulated_plate(molecules=40, plates=4, features=60, effect=1.2)
    untrained = MaskedAutoencoderConfig(width=2, bottleneck=1, epochs=1, learning_rate=1e-9)
    comparison = compare_encoders(plate, folds=(0, 1), autoencoder=untrained, seeds=(0,))
    verdict = next(v for v in comparison.verdicts if v["measure"] == STRICT)
    assert verdict["better"] == "sphered PCA"
    assert verdict["difference"] < 0
    assert "sphered PCA is better" in str(verdict["sentence"])


def test_wells_on_held_out_plates_train_no_encoder() -> None:
    plate, _ = standardise_plate(simulated_plate(molecules=30, plates=4))
    split = SplitConfig(held_out_plates=("S3", "S4"))
    treatments = treatments_with_structure(plate)
    _, _, seen = split_wells(plate, treatments, collect_molecules([treatments.table], split), split)
    values = plate.embeddings.copy()
    values[seen] = values[seen][::-1]
    changed = dataclasses.replace(plate, embeddings=values)
    first, second = (
        compare_encoders(data, held_out_plates=split.held_out_plates, autoencoder=SMALL, seeds=(0,))
        for data in (plate, changed)
    )
    for measure in MEASURES:
        assert rows(first, measure) == rows(second, measure)
        assert rows(first, measure, "held-out plates") != rows(second, measure, "held-out plates")


def test_figures_are_json_and_stand_in_the_table(shuffled_layout: EncoderComparison) -> None:
    json.dumps([*shuffled_layout.rows, *shuffled_layout.verdicts], allow_nan=False)
    table = encoder_table(shuffled_layout)
    for encoder in ENCODERS:
        assert table.count(f"| {encoder} |") == 6
    assert "over 2 seeds" in table
    assert str(shuffled_layout.verdicts[0]["sentence"]) in table


def test_the_command_prints_table_and_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "screen.h5ad"
    write_plate(simulated_plate(plates=4), file)
    command = ["molphenix", "encoders", str(file), "--hold-out-plate", "S3", "--hold-out-plate", "S4"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    out = capsys.readouterr().out
    assert out.startswith("Simulated data.")
    for encoder in ENCODERS:
        assert f"| {encoder} |" in out
    assert "held-out plates, replicates, other positions: " in out
    monkeypatch.setattr(sys, "argv", [*command, "--hold-out-plate", "S9"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "found S9" in capsys.readouterr().err


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(UnknownSpaceError, match="cellprofiler"):
        compare_encoders(simulated_plate(encoder="unknown"))
    with pytest.raises(JobError, match="folds: found 5"):
        compare_encoders(simulated_plate(), folds=(5,))
    with pytest.raises(JobError, match="found S9"):
        compare_encoders(simulated_plate(), held_out_plates=("S9",))
    with pytest.raises(JobError, match="no training wells"):
        compare_encoders(simulated_plate(), held_out_plates=("S1", "S2", "S3"))
    with pytest.raises(JobError, match="no usable structure"):
        compare_encoders(simulated_plate(structures=False))


def test_progress_rises_to_one() -> None:
    shares: list[float] = []
    compare_encoders(
        simulated_plate(), autoencoder=SMALL, seeds=(0, 1), progress=lambda share, _: shares.append(share)
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
