"""Complaints: logged, changed, looked at, erased."""
