"""Tools for agents over the Model Context Protocol: the book read, explained and, where allowed, written.

An agent acts for one person: it sees what they see, may do what they may, and its writes stand in the history as theirs.
"""
