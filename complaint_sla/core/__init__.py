"""The rules of the field as pure functions of values: no clock, file or database, standard library only."""
