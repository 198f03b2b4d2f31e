"""The words of the hosted pages, one file per language."""
