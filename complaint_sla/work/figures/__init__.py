"""Figures of a quarter: as things stand, reviewed, reported, frozen."""
