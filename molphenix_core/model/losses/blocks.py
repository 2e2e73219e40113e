"""Sums over all n x n pairs, a square of them at a time: the matrix of logits is never held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

__all__ = ["PositivePairs", "logsumexps", "sigmoid_loss"]

# Small enough for the processor's cache, large enough for matrix products at full speed.
_SIDE = 1024

PositivePairs = Callable[[slice, slice, Tensor], tuple[tuple[Tensor, Tensor], Tensor, Tensor] | None]
"""Which pairs of a block are more than plain negatives, what each costs, and its derivative; None for no pair.

Takes rows, columns and their logits (r, c); returns the (row, column) of k pairs within them, their losses (k,)
and slopes (k,).
"""


def _blocks(n: int) -> Iterator[tuple[slice, slice]]:
    parts = [slice(start, min(start + _SIDE, n)) for start in range(0, n, _SIDE)]
    return product(parts, parts)


def sigmoid_loss(
    phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor, positives: PositivePairs
) -> Tensor:
    """``(1/n) sum_ij f_ij(l_ij)``, where f is softplus (a plain negative) unless ``positives`` says otherwise.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
    scale, bias : scalars
        ``l_ij = scale <phenotype_i, molecule_j> - bias``.
    positives : PositivePairs

    Returns
    -------
    Tensor, a scalar; its gradient is taken in the same pass, for no logit to be made twice
    """
    return _SigmoidLoss.apply(phenotypes, molecules, scale, bias, positives)


class _SigmoidLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor, positives: PositivePairs
    ) -> Tensor:
        n = len(phenotypes)
        differentiate = any(ctx.needs_input_grad)
        scaled = scale * phenotypes
        # A sum of n^2 terms: single precision would lose the small ones.
        total = torch.zeros((), dtype=torch.float64, device=phenotypes.device)
        slope_total = torch.zeros_like(total)
        by_phenotype, by_molecule = torch.zeros_like(phenotypes), torch.zeros_like(molecules)
        for rows, columns in _blocks(n):
            logits = (scaled[rows] @ molecules[columns].T).sub_(bias)
            positive = positives(rows, columns, logits)
            # Beyond the threshold softplus(l) is l; exp(-40) is below the precision of a double there.
            loss = functional.softplus(logits, threshold=40.0)
            if positive is not None:
                loss[positive[0]] = positive[1]
            total += loss.sum()
            if differentiate:
                slope = torch.sigmoid(logits, out=loss)
                if positive is not None:
                    slope[positive[0]] = positive[2]
                by_phenotype[rows].addmm_(slope, molecules[columns])
                by_molecule[columns].addmm_(slope.T, scaled[rows])
                slope_total += slope.sum()
        if differentiate:
            by_scale = (phenotypes * by_phenotype).sum().to(scale.dtype)
            ctx.save_for_backward(
                by_phenotype.mul_(scale / n),
                by_molecule.div_(n),
                by_scale.div_(n),
                slope_total.div_(-n).to(bias.dtype),
            )
        return (total / n).to(phenotypes.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return *(gradient * saved for saved in ctx.saved_tensors), None


def logsumexps(
    first: Tensor, second: Tensor, scale: Tensor, *, leave_one_out: bool = False
) -> tuple[Tensor, Tensor]:
    """``log sum_j exp(l_ij)`` of every row i and ``log sum_i exp(l_ij)`` of every column j.

    Parameters
    ----------
    first, second : (n, joint)
    scale : scalar
        ``l_ij = scale <first_i, second_j>``.
    leave_one_out : bool
        Without the diagonal; n must then be at least two.

    Returns
    -------
    Tensor (n,), Tensor (n,)
    """
    if leave_one_out and len(first) < 2:
        raise ValueError("one pair has no other to be contrasted with")
    return _LogSumExps.apply(first, second, scale, leave_one_out)


class _LogSumExps(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, first: Tensor, second: Tensor, scale: Tensor, leave_one_out: bool
    ) -> tuple[Tensor, Tensor]:
        by_row = first.new_full((len(first),), -torch.inf)
        by_column = by_row.clone()
        for rows, columns in _blocks(len(first)):
            logits = _logits(first, second, scale, rows, columns, leave_one_out)
            by_row[rows] = torch.logaddexp(by_row[rows], torch.logsumexp(logits, dim=1))
            by_column[columns] = torch.logaddexp(by_column[columns], torch.logsumexp(logits, dim=0))
        ctx.save_for_backward(first, second, scale, by_row, by_column)
        ctx.leave_one_out = leave_one_out
        ctx.set_materialize_grads(False)
        return by_row, by_column

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, row_gradient: Tensor | None, column_gradient: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        first, second, scale, by_row, by_column = ctx.saved_tensors
        by_first, by_second = torch.zeros_like(first), torch.zeros_like(second)
        for rows, columns in _blocks(len(first)):
            logits = _logits(first, second, scale, rows, columns, ctx.leave_one_out)
            slope = torch.zeros_like(logits)
            if row_gradient is not None:
                slope += (logits - by_row[rows, None]).exp_().mul_(row_gradient[rows, None])
            if column_gradient is not None:
                slope += logits.sub_(by_column[columns]).exp_().mul_(column_gradient[columns])
            by_first[rows].addmm_(slope, second[columns])
            by_second[columns].addmm_(slope.T, first[rows])
        by_scale = (first * by_first).sum()
        return by_first.mul_(scale), by_second.mul_(scale), by_scale, None


def _logits(
    first: Tensor, second: Tensor, scale: Tensor, rows: slice, columns: slice, leave_one_out: bool
) -> Tensor:
    logits = (scale * first[rows]) @ second[columns].T
    if leave_one_out and rows == columns:
        logits.fill_diagonal_(-torch.inf)
    return logits
