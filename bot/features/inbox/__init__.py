"""Drafts on their way to become stories, news or quiz questions."""
