"""Sample data of `demo`: a small region and one quarter of its complaints, all of it invented."""
