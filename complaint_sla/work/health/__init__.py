"""How the program itself is: what was measured of it, and what of that is wrong."""
