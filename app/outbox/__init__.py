"""Mail waiting to be sent, enqueued in the business transaction."""
