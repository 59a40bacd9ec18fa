"""Numerical probes of a user's own loss or scorer: run it, and look at the numbers."""
