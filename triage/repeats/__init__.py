"""The same matter told again, and the same text told by several people.

`matter` makes ready what is compared, `same` decides for tickets of one customer, `template` for
tickets of different customers, `counting` counts against the windows of `data/repeats.yaml`,
`index` keeps tickets in memory where there is no database. Time is always an argument.
"""
