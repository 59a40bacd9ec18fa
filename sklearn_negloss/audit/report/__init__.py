"""The report: the answer of an audit as text, HTML and data."""
