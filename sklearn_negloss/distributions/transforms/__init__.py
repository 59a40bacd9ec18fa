"""Transforms: what a target transformer does to a density, and to a distribution."""
