"""What every loss must do: gradients, limits, and what it equals when its weights are trivial."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import atan, pi
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.errors import JobError
from molphenix_core.model.losses import (
    LossConfig,
    LossName,
    cloob,
    contrastive_loss,
    cwcl,
    cwcl_factor,
    dcl,
    info_loob,
    info_nce,
    s2l,
    s2l_soft,
    s2l_weighted,
    s2l_weights,
    siglip,
)

NAMES = get_args(LossName)


def pairs(n: int = 6, joint: int = 4, *, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    draw = [torch.randn(n, joint, generator=random, dtype=torch.float64) for _ in range(2)]
    first, second = (torch.nn.functional.normalize(values, dim=1) for values in draw)
    return first, second


def scalar(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def every_loss(
    name: str, x: torch.Tensor, m: torch.Tensor, scale: torch.Tensor, bias: torch.Tensor, frozen: torch.Tensor
) -> torch.Tensor:
    config = LossConfig(name, cutoff=0.05)  # type: ignore[arg-type]
    return contrastive_loss(config, x, m, scale, bias, embeddings=frozen, distance_scale=20.0)


def test_each_name_of_the_configuration_has_a_loss() -> None:
    values = {every_loss(name, *pairs(), scalar(5.0), scalar(2.0), pairs(seed=1)[0]).item() for name in NAMES}
    assert len(values) == len(NAMES) == 10


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12), st.floats(0.1, 50), st.floats(-20, 20), st.integers(0, 99))
def test_s2l_with_identity_weights_is_siglip(n: int, scale: float, bias: float, seed: int) -> None:
    x, m = pairs(n, seed=seed)
    with_identity = s2l(x, m, scalar(scale), scalar(bias), torch.eye(n, dtype=torch.float64))
    torch.testing.assert_close(with_identity, siglip(x, m, scalar(scale), scalar(bias)), rtol=1e-12, atol=0)


def test_weights_are_the_arctangent_of_squared_distance() -> None:
    values = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
    squared = [[0, 1, 4], [1, 0, 5], [4, 5, 0]]
    expected = [[1 - 4 / pi * atan(d / 3.0) for d in row] for row in squared]
    kept = [[w if w >= 0.5 else 0.0 for w in row] for row in expected]
    assert kept[0][1] > 0.5
    assert kept[0][2] == 0
    np.testing.assert_allclose(s2l_weights(values, 3.0, cutoff=0.5), kept)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 10), st.floats(0, 1), st.floats(0.01, 100))
def test_weights_are_symmetric_between_zero_and_one(n: int, cutoff: float, scale: float) -> None:
    values = torch.randn(n, 3, generator=torch.Generator().manual_seed(n))
    weights = s2l_weights(values, scale, cutoff=cutoff)
    assert torch.equal(weights, weights.T)
    assert (torch.diagonal(weights) == 1).all()
    assert ((weights == 0) | (weights >= cutoff)).all()
    assert (weights <= 1).all()


def test_weights_see_near_neighbours_far_from_the_origin() -> None:
    values = torch.tensor([[1000.0, 0.0], [1000.0, 0.125], [1000.0, 0.0]])
    weights = s2l_weights(values, 1.0, cutoff=0.0)
    assert weights[0, 1].item() == pytest.approx(1 - 4 / pi * atan(0.125**2), rel=1e-6)
    assert weights[0, 2] == 1


def test_the_factor_of_cwcl_makes_cosines_between_zero_and_one() -> None:
    values = torch.tensor([[2.0, 0.0], [0.0, 1.0], [-3.0, 0.0]], dtype=torch.float64)
    factor = cwcl_factor(values)
    np.testing.assert_allclose(factor @ factor.T, [[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]], atol=1e-15)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12), st.floats(0.1, 50), st.integers(0, 99))
def test_cwcl_with_identity_weights_is_info_nce(n: int, scale: float, seed: int) -> None:
    x, m = pairs(n, seed=seed)
    with_identity = cwcl(x, m, scalar(scale), torch.eye(n, dtype=torch.float64))
    torch.testing.assert_close(with_identity, info_nce(x, m, scalar(scale)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("variant", [s2l_soft, partial(s2l_weighted, gamma=1.0, zeta=1.0)])
def test_each_variant_of_s2l_with_identity_weights_is_siglip(variant: Callable[..., torch.Tensor]) -> None:
    x, m = pairs(9)
    with_identity = variant(x, m, scalar(8.0), scalar(2.0), torch.eye(9, dtype=torch.float64))
    torch.testing.assert_close(with_identity, siglip(x, m, scalar(8.0), scalar(2.0)), rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_weights_carry_no_gradient(name: str) -> None:
    frozen = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    x, m = (part.clone().requires_grad_() for part in pairs(4))
    every_loss(name, x, m, scalar(5.0), scalar(1.0), frozen).backward()
    assert frozen.grad is None
    assert x.grad is not None
    assert m.grad is not None


@pytest.mark.parametrize("loss", [s2l, s2l_soft, partial(s2l_weighted, gamma=2.75, zeta=1.0)])
def test_given_weights_carry_no_gradient(loss: Callable[..., torch.Tensor]) -> None:
    x, m = (part.clone().requires_grad_() for part in pairs(4))
    weights = torch.full((4, 4), 0.5, dtype=torch.float64, requires_grad=True)
    loss(x, m, scalar(5.0), scalar(1.0), weights).backward()
    assert weights.grad is None
    factor = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    cwcl(x, m, scalar(5.0), factor).backward()
    assert factor.grad is None


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    frozen = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    arguments = [part.clone().requires_grad_() for part in (*pairs(4), scalar(3.0), scalar(0.5))]
    assert torch.autograd.gradcheck(lambda *values: every_loss(name, *values, frozen), arguments)


@pytest.mark.parametrize("loss", [info_loob, dcl, partial(cloob, beta=5.0)])
def test_gradients_of_a_learned_inverse_temperature(loss: Callable[..., torch.Tensor]) -> None:
    arguments = [part.clone().requires_grad_() for part in (*pairs(4), scalar(3.0))]
    assert torch.autograd.gradcheck(loss, arguments)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_extreme_logits_stay_finite(name: str, sign: float) -> None:
    x = torch.nn.functional.normalize(torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    x.requires_grad_()
    m = (sign * x).detach().clone().requires_grad_()
    scale, bias = torch.tensor(1e4, requires_grad=True), torch.tensor(-sign * 1e3, requires_grad=True)
    frozen = torch.cat([torch.zeros(4, 2), torch.full((4, 2), 1e3)])  # weights of exactly one and of zero
    config = LossConfig(name, inverse_temperature=1e4, beta=1e4)  # type: ignore[arg-type]
    loss = contrastive_loss(config, x, m, scale, bias, embeddings=frozen, distance_scale=1.0)
    loss.backward()
    for value in (loss, x.grad, m.grad):
        assert value is not None
        assert torch.isfinite(value).all()
    for value in (scale.grad, bias.grad):
        assert value is None or torch.isfinite(value).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_match_costs_less_than_a_shuffled_one(name: str) -> None:
    x, _ = pairs(8, joint=16)
    config = LossConfig(name)  # type: ignore[arg-type]
    both = [
        contrastive_loss(config, x, m, scalar(10.0), scalar(5.0), embeddings=x, distance_scale=1.0)
        for m in (x, x.roll(1, dims=0))
    ]
    assert both[0] < both[1]


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_pairs_does_not_matter(name: str) -> None:
    x, m = pairs(9)
    frozen, order = pairs(9, seed=5)[0], torch.randperm(9, generator=torch.Generator().manual_seed(1))
    straight = every_loss(name, x, m, scalar(6.0), scalar(2.0), frozen)
    mixed = every_loss(name, x[order], m[order], scalar(6.0), scalar(2.0), frozen[order])
    torch.testing.assert_close(straight, mixed, rtol=1e-12, atol=0)
    assert abs(straight - every_loss(name, x[order], m, scalar(6.0), scalar(2.0), frozen[order])) > 1e-3


@pytest.mark.parametrize("name", ["info_loob", "cloob", "dcl"])
def test_one_pair_alone_cannot_be_contrasted(name: str) -> None:
    with pytest.raises(ValueError, match="one pair"):
        every_loss(name, *pairs(1), scalar(6.0), scalar(2.0), pairs(1)[0])


@pytest.mark.parametrize("name", ["s2l", "s2l_soft", "s2l_weighted"])
def test_s2l_needs_phenotypes_that_differ(name: str) -> None:
    x, m = pairs()
    with pytest.raises(JobError, match="most of which are alike"):
        contrastive_loss(LossConfig(name), x, m, scalar(1.0), scalar(0.0), embeddings=x, distance_scale=0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"), [("zeta", 1.5), ("cutoff", -0.1), ("beta", 0.0), ("inverse_temperature", float("nan"))]
)
def test_a_constant_without_meaning_is_refused(field: str, value: float) -> None:
    with pytest.raises(JobError, match=f"fit.loss.{field}"):
        LossConfig(**{field: value})  # type: ignore[arg-type]
