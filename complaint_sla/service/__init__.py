"""The service: its clock, and one round of its jobs, each on its own."""
