"""Contrastive retrieval of molecules from cell phenotypes: plates, molecules, retriever, ranking."""

from __future__ import annotations

__version__ = "0.1.0"
