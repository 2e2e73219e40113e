"""The losses against literal formulas in double precision."""

from __future__ import annotations

from math import atan, exp, log, pi

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.model.losses import LossConfig, contrastive_loss, info_nce, s2l, s2l_weights, siglip


def pairs(n: int = 6, joint: int = 4, *, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    draw = [torch.randn(n, joint, generator=random, dtype=torch.float64) for _ in range(2)]
    first, second = (torch.nn.functional.normalize(values, dim=1) for values in draw)
    return first, second


def scalar(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


def literal_logits(x: torch.Tensor, m: torch.Tensor, scale: float, bias: float) -> list[list[float]]:
    return [[scale * sum((a * b).item() for a, b in zip(u, v, strict=True)) - bias for v in m] for u in x]


def test_info_nce_is_the_mean_cross_entropy_of_both_directions() -> None:
    x, m = pairs()
    logits = literal_logits(x, m, 7.0, 0.0)
    n = len(logits)
    forward = -sum(log(exp(logits[i][i]) / sum(exp(v) for v in logits[i])) for i in range(n)) / n
    back = -sum(log(exp(logits[i][i]) / sum(exp(logits[j][i]) for j in range(n))) for i in range(n)) / n
    assert info_nce(x, m, scalar(7.0)).item() == pytest.approx((forward + back) / 2, rel=1e-12)


def test_siglip_sums_over_pairs_and_divides_by_n() -> None:
    x, m = pairs()
    logits = literal_logits(x, m, 7.0, 3.0)
    n = len(logits)
    expected = -sum(log(sigmoid(logits[i][j] * (1 if i == j else -1))) for i in range(n) for j in range(n)) / n
    assert siglip(x, m, scalar(7.0), scalar(3.0)).item() == pytest.approx(expected, rel=1e-12)


def test_s2l_is_the_published_mixture() -> None:
    x, m = pairs()
    weights = s2l_weights(
        torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), 40.0, cutoff=0.1
    )
    assert ((weights > 0) & (weights < 1)).any()
    logits, w = literal_logits(x, m, 7.0, 3.0), weights.tolist()
    n = len(logits)
    expected = (
        -sum(
            log(w[i][j] * sigmoid(logits[i][j]) + (1 - w[i][j]) * sigmoid(-logits[i][j]))
            for i in range(n)
            for j in range(n)
        )
        / n
    )
    assert s2l(x, m, scalar(7.0), scalar(3.0), weights).item() == pytest.approx(expected, rel=1e-12)


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


def test_weights_carry_no_gradient() -> None:
    values = torch.randn(4, 3, requires_grad=True)
    assert not s2l_weights(values, 1.0, cutoff=0.0).requires_grad
    x, m = (part.clone().requires_grad_() for part in pairs(4))
    loss = contrastive_loss(
        LossConfig("s2l"), x, m, scalar(5.0), scalar(1.0), embeddings=values.double(), distance_scale=1.0
    )
    loss.backward()
    assert values.grad is None
    assert x.grad is not None


@pytest.mark.parametrize("name", ["info_nce", "siglip", "s2l"])
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    frozen = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))

    def loss(x: torch.Tensor, m: torch.Tensor, scale: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        config = LossConfig(name, cutoff=0.05)  # type: ignore[arg-type]
        return contrastive_loss(config, x, m, scale, bias, embeddings=frozen, distance_scale=20.0)

    arguments = [part.clone().requires_grad_() for part in (*pairs(4), scalar(3.0), scalar(0.5))]
    assert torch.autograd.gradcheck(loss, arguments)


@pytest.mark.parametrize("name", ["info_nce", "siglip", "s2l"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_extreme_logits_stay_finite(name: str, sign: float) -> None:
    x = torch.nn.functional.normalize(torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    x.requires_grad_()
    m = (sign * x).detach().clone().requires_grad_()
    scale, bias = torch.tensor(1e4, requires_grad=True), torch.tensor(-sign * 1e3, requires_grad=True)
    frozen = torch.cat([torch.zeros(4, 2), torch.full((4, 2), 1e3)])  # weights of exactly one and of zero
    config = LossConfig(name)  # type: ignore[arg-type]
    loss = contrastive_loss(config, x, m, scale, bias, embeddings=frozen, distance_scale=1.0)
    loss.backward()
    for value in (loss, x.grad, m.grad, scale.grad):
        assert value is not None
        assert torch.isfinite(value).all()


@pytest.mark.parametrize("name", ["info_nce", "siglip", "s2l"])
def test_a_perfect_match_costs_less_than_a_shuffled_one(name: str) -> None:
    x, _ = pairs(8, joint=16)
    config = LossConfig(name)  # type: ignore[arg-type]
    both = [
        contrastive_loss(config, x, m, scalar(10.0), scalar(5.0), embeddings=x, distance_scale=1.0)
        for m in (x, x.roll(1, dims=0))
    ]
    assert both[0] < both[1]
