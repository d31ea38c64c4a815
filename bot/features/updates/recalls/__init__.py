"""Updates in channels, taken back by others than their author."""
