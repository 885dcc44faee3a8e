"""The action plan: what is entered of it, how it stands, what is handed in."""
