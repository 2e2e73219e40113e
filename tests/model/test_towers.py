"""The two towers and the retriever."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import MoleculeTower, PhenomicsTower, TowerShape

SHAPE = TowerShape(joint=8, width=16, molecule_blocks=2, phenomics_blocks=3, dropout=0.3, input_dropout=0.2)
PLAIN = dataclasses.replace(SHAPE, kind="mlp", molecule_blocks=4)
both_kinds = pytest.mark.parametrize("shape", [SHAPE, PLAIN], ids=lambda shape: shape.kind)


def settled(tower: MoleculeTower) -> MoleculeTower:
    """In evaluation mode, after it has seen a few batches: batch norm then knows a mean and a variance."""
    for _ in range(20):
        tower(3 * torch.randn(16, 10) + 1, torch.randn(16, 3))
    return tower.eval()


@both_kinds
def test_both_towers_end_on_the_unit_sphere(shape: TowerShape) -> None:
    z_m = MoleculeTower(10, 3, shape)(torch.randn(5, 10), torch.randn(5, 3))
    z_x = PhenomicsTower(7, shape)(torch.randn(5, 7))
    assert z_m.shape == z_x.shape == (5, 8)
    for z in (z_m, z_x):
        torch.testing.assert_close(z.norm(dim=1), torch.ones(5))


@both_kinds
def test_all_doses_at_once_are_each_dose_by_itself(shape: TowerShape) -> None:
    tower = settled(MoleculeTower(10, 3, shape))
    features, doses = torch.randn(4, 10), torch.randn(3, 3)
    together = tower.over_doses(features, doses)
    assert together.shape == (4, 3, 8)
    for column, dose in enumerate(doses):
        torch.testing.assert_close(together[:, column], tower(features, dose.expand(4, 3)), rtol=1e-5, atol=1e-6)


@both_kinds
def test_the_dose_matters(shape: TowerShape) -> None:
    tower = settled(MoleculeTower(10, 3, shape))
    spread = tower.over_doses(torch.randn(1, 10), torch.eye(3))[0]
    assert (spread[0] - spread[1]).abs().max() > 1e-3


@both_kinds
def test_dropout_acts_in_training_only(shape: TowerShape) -> None:
    tower, values = PhenomicsTower(7, shape), torch.randn(5, 7)
    assert not torch.equal(tower(values), tower(values))
    tower.eval()
    assert torch.equal(tower(values), tower(values))


def test_a_plain_tower_is_an_mlp_with_batch_norm_and_relu() -> None:
    shape = dataclasses.replace(PLAIN, dropout=0.0, input_dropout=0.0)
    tower, layers = MoleculeTower(10, 3, shape), []
    for linear in (tower.molecule, *(m for m in tower.head.modules() if isinstance(m, nn.Linear))):
        layers += [linear, nn.BatchNorm1d(16), nn.ReLU()]
    reference = nn.Sequential(*layers[:-2])
    linears = [layer for layer in reference if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linears] == [(10, 16), *[(16, 16)] * 3, (16, 8)]
    for _ in range(5):
        features = torch.randn(32, 10)
        expected = nn.functional.normalize(reference(features), dim=1)
        torch.testing.assert_close(tower(features, torch.zeros(32, 3)), expected, rtol=1e-4, atol=1e-5)
    tower.eval(), reference.eval()
    features = torch.randn(1, 10)
    expected = nn.functional.normalize(reference(features), dim=1)
    torch.testing.assert_close(tower(features, torch.zeros(1, 3)), expected, rtol=1e-4, atol=1e-5)


def test_a_plain_tower_without_hidden_layers_is_linear() -> None:
    tower = PhenomicsTower(7, dataclasses.replace(PLAIN, phenomics_blocks=0)).eval()
    (out,) = (layer for layer in tower.head.modules() if isinstance(layer, nn.Linear))
    linear = out(tower.phenotype(torch.eye(7)))
    torch.testing.assert_close(tower(torch.eye(7)), nn.functional.normalize(linear, dim=1))


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
