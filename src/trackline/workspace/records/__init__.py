"""One record of any type in the browser, and tables of records; see README.md beside this file."""
