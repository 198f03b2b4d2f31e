"""The mail catcher: takes every mail, sends none, and shows them in a browser."""
