"""E-mail: letters (what is said), transports (how it travels), delivery (claim, send, record)."""
