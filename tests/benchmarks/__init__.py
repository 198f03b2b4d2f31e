"""Measures the product against bare parts, both in one run; never asserted by a test."""
