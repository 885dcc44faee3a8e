"""The plan's figures as sheets: given out with a row for each that is missing, and taken in as they are filled."""
