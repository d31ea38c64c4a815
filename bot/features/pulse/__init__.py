"""Three questions before a channel begins and each quarter, without names."""
