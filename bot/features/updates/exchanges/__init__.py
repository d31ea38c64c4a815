"""What adopters and their account manager write to each other beneath an update, and its offer as a story."""
