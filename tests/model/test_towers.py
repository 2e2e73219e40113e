"""The two towers and the retriever."""

from __future__ import annotations

import pytest
import torch

from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import MoleculeTower, PhenomicsTower, TowerShape

SHAPE = TowerShape(joint=8, width=16, molecule_blocks=2, phenomics_blocks=3, dropout=0.3, input_dropout=0.2)


def test_both_towers_end_on_the_unit_sphere() -> None:
    z_m = MoleculeTower(10, 3, SHAPE)(torch.randn(5, 10), torch.randn(5, 3))
    z_x = PhenomicsTower(7, SHAPE)(torch.randn(5, 7))
    assert z_m.shape == z_x.shape == (5, 8)
    for z in (z_m, z_x):
        torch.testing.assert_close(z.norm(dim=1), torch.ones(5))


def test_all_doses_at_once_are_each_dose_by_itself() -> None:
    tower = MoleculeTower(10, 3, SHAPE).eval()
    features, doses = torch.randn(4, 10), torch.randn(3, 3)
    together = tower.over_doses(features, doses)
    assert together.shape == (4, 3, 8)
    for column, dose in enumerate(doses):
        torch.testing.assert_close(together[:, column], tower(features, dose.expand(4, 3)), rtol=1e-5, atol=1e-6)


def test_the_dose_matters() -> None:
    tower = MoleculeTower(10, 3, SHAPE).eval()
    spread = tower.over_doses(torch.randn(1, 10), torch.eye(3))[0]
    assert (spread[0] - spread[1]).abs().max() > 1e-3


def test_dropout_acts_in_training_only() -> None:
    tower, values = PhenomicsTower(7, SHAPE), torch.randn(5, 7)
    assert not torch.equal(tower(values), tower(values))
    tower.eval()
    assert torch.equal(tower(values), tower(values))


def test_several_spaces_share_one_molecule_tower() -> None:
    retriever = Retriever(molecule_features=10, dose_width=3, spaces={"a": 4, "b": 9}, shape=SHAPE).eval()
    features, doses = torch.randn(2, 10), torch.randn(2, 3)
    first = retriever(torch.randn(2, 4), features, doses, "a")
    second = retriever(torch.randn(2, 9), features, doses, "b")
    assert torch.equal(first[1], second[1])
    with pytest.raises(RuntimeError):
        retriever(torch.randn(2, 4), features, doses, "b")


def test_the_temperature_is_bounded() -> None:
    retriever = Retriever(molecule_features=2, dose_width=1, spaces={"a": 2}, shape=SHAPE)
    assert retriever.scale().item() == pytest.approx(10)
    with torch.no_grad():
        retriever.log_scale.fill_(50.0)
    assert retriever.scale().item() == pytest.approx(100)
