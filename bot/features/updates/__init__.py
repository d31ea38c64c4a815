"""What account managers tell: updates, relays, receipts, reminders."""
