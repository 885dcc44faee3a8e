"""Sheets: complaints taken in from files, and given out."""
