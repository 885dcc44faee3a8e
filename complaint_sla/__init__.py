"""complaint_sla: deadlines, alerts and quarterly closure rates for customers' complaints."""

__version__ = "0.1.0"
