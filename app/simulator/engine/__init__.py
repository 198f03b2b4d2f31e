"""The state machine under the API: store, clock, schedule, events and money."""
