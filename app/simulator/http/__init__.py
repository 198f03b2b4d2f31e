"""The HTTP surface: server, API dispatch, test doors and faults."""
