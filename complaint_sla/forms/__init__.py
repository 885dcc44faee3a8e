"""The forms in which a quarter's figure is shown or handed in."""
