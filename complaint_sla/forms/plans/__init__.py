"""The whole form of the action plan: all its activities, as the office hands them in."""
