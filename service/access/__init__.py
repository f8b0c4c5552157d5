"""Who may do what: keys, accounts with passwords, and a provider of the bank."""
