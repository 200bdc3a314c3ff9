"""What signals look at: readers that take any number of accounts in a constant number of queries."""
