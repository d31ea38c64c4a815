"""Owed news: who is reminded of which customers, and when."""
