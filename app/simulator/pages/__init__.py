"""Pages for people: the hosted Checkout and the console."""
