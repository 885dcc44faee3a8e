"""Real servers for tests: PostgreSQL, and SMTP with scripted faults."""
