"""At the counter: a call from its first question to what is kept of it if it breaks off, and complaints one after the other."""
