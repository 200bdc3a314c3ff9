"""The Accounts list: what an address asks for, the rows and sums it gives, the words of its filters, its files."""
