"""Alerts: raised when they are due, and following people and places while they are owed."""
