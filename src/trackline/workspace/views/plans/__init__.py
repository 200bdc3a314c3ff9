"""The plan of an account: its page, its versions, what is done to it."""
