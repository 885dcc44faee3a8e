"""At the counter, with a customer on the telephone: who it is, what is asked of them, and what is kept if it breaks off."""
