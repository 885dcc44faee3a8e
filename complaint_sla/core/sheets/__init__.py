"""What an office's own sheet means: its map, its heads and words, its cells. No file is opened here."""
