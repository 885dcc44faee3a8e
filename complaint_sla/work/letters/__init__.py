"""Letters: the outbox, and what each kind of letter has to say."""
