"""Tab in the shell: a script for each of them, and the small file that it reads. No Python is started for a Tab."""
