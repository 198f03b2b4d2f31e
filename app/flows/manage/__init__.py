"""What members do by the links in our mails: another card, a confirmation, an end."""
