"""People who sign in to the desk: accounts, roles, second factors and failed tries."""
