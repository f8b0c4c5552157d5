"""Who must handle a ticket, what is owed and by when: dated rules from `data/rules.yaml`."""
