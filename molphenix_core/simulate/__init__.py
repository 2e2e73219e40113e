"""A virtual screen with known truth, for scale and for teaching: what it shows holds for simulated data only."""
