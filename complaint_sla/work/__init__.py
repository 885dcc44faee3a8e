"""What the office does, as functions that take who acts, when, and with which books. Nothing here prints."""
