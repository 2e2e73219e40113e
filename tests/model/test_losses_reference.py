"""Every loss against its formula written out in loops, in double precision."""

from __future__ import annotations

from collections.abc import Callable
from math import atan, exp, log, pi, sqrt

import pytest
import torch

from molphenix_core.model.losses import LossConfig, contrastive_loss

Vectors = list[list[float]]
N, SCALE, BIAS, TEMPERATURE, BETA, CUTOFF, DISTANCE = 7, 6.0, 2.5, 4.0, 3.0, 0.1, 9.0
GAMMA, ZETA = 2.75, 0.8


def dot(a: list[float], b: list[float]) -> float:
    return sum(p * q for p, q in zip(a, b, strict=True))


def unit(a: list[float]) -> list[float]:
    return [p / sqrt(dot(a, a)) for p in a]


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


def one_way(anchors: Vectors, partners: Vectors, scale: float, *, without_own: bool) -> float:
    total = 0.0
    for i, anchor in enumerate(anchors):
        others = sum(exp(scale * dot(anchor, p)) for j, p in enumerate(partners) if j != i or not without_own)
        total -= log(exp(scale * dot(anchor, partners[i])) / others)
    return total / len(anchors)


def retrieve(queries: Vectors, stored: Vectors) -> Vectors:
    found = []
    for query in queries:
        shares = [exp(BETA * dot(query, pattern)) for pattern in stored]
        mixed = [sum(s * pattern[k] for s, pattern in zip(shares, stored, strict=True)) for k in range(len(query))]
        found.append(unit([value / sum(shares) for value in mixed]))
    return found


def info_nce(x: Vectors, m: Vectors, _: Vectors) -> float:
    return (one_way(x, m, SCALE, without_own=False) + one_way(m, x, SCALE, without_own=False)) / 2


def hopfield_clip(x: Vectors, m: Vectors, _: Vectors) -> float:
    first = one_way(retrieve(x, x), retrieve(m, x), SCALE, without_own=False)
    return (first + one_way(retrieve(m, m), retrieve(x, m), SCALE, without_own=False)) / 2


def info_loob(x: Vectors, m: Vectors, _: Vectors) -> float:
    both = one_way(x, m, TEMPERATURE, without_own=True) + one_way(m, x, TEMPERATURE, without_own=True)
    return both / TEMPERATURE


def cloob(x: Vectors, m: Vectors, _: Vectors) -> float:
    first = one_way(retrieve(x, x), retrieve(m, x), TEMPERATURE, without_own=True)
    return (first + one_way(retrieve(m, m), retrieve(x, m), TEMPERATURE, without_own=True)) / TEMPERATURE


def dcl(x: Vectors, m: Vectors, _: Vectors) -> float:
    total = 0.0
    for own, other in ((x, m), (m, x)):
        for i in range(N):
            negatives = 0.0
            for j in range(N):
                if j != i:
                    negatives += exp(TEMPERATURE * dot(own[i], other[j])) + exp(TEMPERATURE * dot(own[i], own[j]))
            total += -TEMPERATURE * dot(own[i], other[i]) + log(negatives)
    return total / (2 * N)


def cwcl(x: Vectors, m: Vectors, frozen: Vectors) -> float:
    total = 0.0
    for i in range(N):
        w = [dot(unit(frozen[i]), unit(frozen[j])) / 2 + 0.5 for j in range(N)]
        everything = sum(exp(SCALE * dot(x[i], m[k])) for k in range(N))
        total -= sum(w[j] * log(exp(SCALE * dot(x[i], m[j])) / everything) for j in range(N)) / sum(w)
    return (total / N + one_way(m, x, SCALE, without_own=False)) / 2


def over_pairs(x: Vectors, m: Vectors, frozen: Vectors, cost: Callable[[float, float, bool], float]) -> float:
    total = 0.0
    for i in range(N):
        for j in range(N):
            squared = sum((p - q) ** 2 for p, q in zip(frozen[i], frozen[j], strict=True))
            w = 1 - 4 / pi * atan(squared / DISTANCE)
            total += cost(SCALE * dot(x[i], m[j]) - BIAS, w if w >= CUTOFF else 0.0, i == j)
    return total / N


def siglip(x: Vectors, m: Vectors, frozen: Vectors) -> float:
    return over_pairs(x, m, frozen, lambda z, _, own: -log(sigmoid(z if own else -z)))


def s2l(x: Vectors, m: Vectors, frozen: Vectors) -> float:
    return over_pairs(x, m, frozen, lambda z, w, _: -log(w * sigmoid(z) + (1 - w) * sigmoid(-z)))


def s2l_soft(x: Vectors, m: Vectors, frozen: Vectors) -> float:
    return over_pairs(x, m, frozen, lambda z, w, _: -(w * log(sigmoid(z)) + (1 - w) * log(sigmoid(-z))))


def s2l_weighted(x: Vectors, m: Vectors, frozen: Vectors) -> float:
    return over_pairs(
        x, m, frozen, lambda z, w, _: -(GAMMA * w * log(sigmoid(z)) + (1 - ZETA * w) * log(sigmoid(-z)))
    )


REFERENCES = (info_nce, hopfield_clip, info_loob, cloob, dcl, cwcl, siglip, s2l, s2l_soft, s2l_weighted)


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.__name__)
def test_is_its_formula(reference: Callable[[Vectors, Vectors, Vectors], float]) -> None:
    random = torch.Generator().manual_seed(4)
    x, m = (
        torch.nn.functional.normalize(torch.randn(N, 4, generator=random, dtype=torch.float64), dim=1)
        for _ in range(2)
    )
    frozen = torch.randn(N, 3, generator=random, dtype=torch.float64)
    config = LossConfig(
        reference.__name__,  # type: ignore[arg-type]
        cutoff=CUTOFF,
        distance_scale=0.5,
        gamma=GAMMA,
        zeta=ZETA,
        inverse_temperature=TEMPERATURE,
        beta=BETA,
    )
    scale, bias = (torch.tensor(value, dtype=torch.float64) for value in (SCALE, BIAS))
    found = contrastive_loss(config, x, m, scale, bias, embeddings=frozen, distance_scale=2 * DISTANCE)
    expected = reference(x.tolist(), m.tolist(), frozen.tolist())
    assert found.item() == pytest.approx(expected, rel=1e-11)
