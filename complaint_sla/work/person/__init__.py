"""A person's rights over all their complaints, and how long complaints tell of anybody."""
