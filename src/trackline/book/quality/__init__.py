"""Quality of the data: what is checked, how much of it passes, which records fail; and who owns what."""
