"""Batches that go by blocks, against the same formulas on the whole matrix of logits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from molphenix_core.model.losses import LossConfig, contrastive_loss, s2l_weights

N = 2100
"""More than any block or whole batch, and no multiple of either."""
CUTOFF, C, INVERSE_TEMPERATURE = 0.6, 4.0, 14.3


def _one_way(logits: Tensor) -> Tensor:
    return functional.cross_entropy(logits, torch.arange(len(logits)))


def _left_out(logits: Tensor) -> Tensor:
    return logits.masked_fill(torch.eye(len(logits), dtype=torch.bool), -torch.inf)


def _info_nce(x: Tensor, m: Tensor, scale: Tensor, _bias: Tensor, _frozen: Tensor) -> Tensor:
    logits = scale * x @ m.T
    return 0.5 * (_one_way(logits) + _one_way(logits.T))


def _info_loob(x: Tensor, m: Tensor, _scale: Tensor, _bias: Tensor, _frozen: Tensor) -> Tensor:
    logits = INVERSE_TEMPERATURE * x @ m.T
    rows, columns = (torch.logsumexp(_left_out(logits), dim=side) for side in (1, 0))
    return (rows + columns - 2 * logits.diagonal()).mean() / INVERSE_TEMPERATURE


def _cwcl(x: Tensor, m: Tensor, scale: Tensor, _bias: Tensor, frozen: Tensor) -> Tensor:
    logits, unit = scale * x @ m.T, functional.normalize(frozen, dim=1)
    w = unit @ unit.T / 2 + 0.5
    weighted = -(w * logits.log_softmax(dim=1)).sum(dim=1) / w.sum(dim=1)
    return 0.5 * (weighted.mean() + _one_way(logits.T))


def _siglip(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, _frozen: Tensor) -> Tensor:
    logits, signs = scale * x @ m.T - bias, 2 * torch.eye(len(x), dtype=x.dtype) - 1
    return -functional.logsigmoid(signs * logits).sum() / len(x)


def _s2l(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, frozen: Tensor) -> Tensor:
    logits, w = scale * x @ m.T - bias, s2l_weights(frozen, C, cutoff=CUTOFF)
    return -(w * logits.sigmoid() + (1 - w) * (-logits).sigmoid()).log().sum() / len(x)


def _s2l_soft(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, frozen: Tensor) -> Tensor:
    logits, w = scale * x @ m.T - bias, s2l_weights(frozen, C, cutoff=CUTOFF)
    return -(w * functional.logsigmoid(logits) + (1 - w) * functional.logsigmoid(-logits)).sum() / len(x)


WHOLE = {
    "info_nce": _info_nce,
    "info_loob": _info_loob,
    "cwcl": _cwcl,
    "siglip": _siglip,
    "s2l": _s2l,
    "s2l_soft": _s2l_soft,
}


def values_and_gradients(loss: Callable[..., Tensor], dtype: torch.dtype) -> list[Tensor]:
    random = torch.Generator().manual_seed(0)
    x, m = (functional.normalize(torch.randn(N, 16, generator=random), dim=1) for _ in range(2))
    # Few values, exact in single precision too, so that no weight lies at the cutoff by rounding.
    frozen = torch.randint(0, 3, (N, 4), generator=random).to(dtype)
    learned = [v.to(dtype).requires_grad_() for v in (x, m, torch.tensor(8.0), torch.tensor(3.0))]
    value = loss(*learned, frozen)
    gradients = torch.autograd.grad(value, learned, allow_unused=True)
    return [value.detach().double(), *(torch.zeros(()) if g is None else g.double() for g in gradients)]


@pytest.mark.parametrize("name", WHOLE)
def test_values_and_gradients_are_those_of_the_whole_matrix(name: str) -> None:
    config = LossConfig(name, cutoff=CUTOFF, distance_scale=1.0)  # type: ignore[arg-type]

    def by_blocks(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, frozen: Tensor) -> Tensor:
        return contrastive_loss(config, x, m, scale, bias, embeddings=frozen, distance_scale=C)

    expected = values_and_gradients(WHOLE[name], torch.float64)
    for found, value in zip(values_and_gradients(by_blocks, torch.float32), expected, strict=True):
        assert (found - value).norm() <= 1e-5 * value.norm()


def test_the_sum_of_a_loss_scales_its_gradients() -> None:
    single, tripled = (
        values_and_gradients(lambda *v, by=by: by * _by_siglip(*v), torch.float64) for by in (1.0, 3.0)
    )
    for one, three in zip(single, tripled, strict=True):
        torch.testing.assert_close(3.0 * one, three)


def _by_siglip(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, frozen: Tensor) -> Tensor:
    return contrastive_loss(LossConfig("siglip"), x, m, scale, bias, embeddings=frozen, distance_scale=C)
