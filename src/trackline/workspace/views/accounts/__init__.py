"""The Accounts list: page, filters, columns, saved views, files."""
