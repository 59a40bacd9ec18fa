"""The case: what was handed to the audit, and every statistic that follows from it."""
