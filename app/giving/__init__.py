"""Pledges: what readers promised on the form before any money moved."""
