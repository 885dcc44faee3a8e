"""The surveys: who can be asked, whom the lot falls on, what they said, and the figures that come of it."""
