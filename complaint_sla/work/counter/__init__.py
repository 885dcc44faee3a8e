"""What a person at the counter goes through: the questions of a call, and complaints one after the other."""
