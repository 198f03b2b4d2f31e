"""Reminders: one mail next month, asked for and confirmed by its recipient, forgotten once sent."""
