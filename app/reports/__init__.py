"""Figures: money from the ledger alone, members from the membership facts alone."""
