"""Recall, splits, baselines and their report."""
