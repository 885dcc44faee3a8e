"""The audit: all that is stored against what follows from events and pinned books."""
