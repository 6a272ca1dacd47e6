"""Faults again and again under load; slow. Seeds and figures are printed (``pytest -s``)."""
