"""What flares up among many tickets: counts of series and phrases against what was expected.

`tickets` says what is counted and what counts once, `phrases` finds the phrases of texts,
`incidence` which ticket is in which series, `baseline` how many were to be expected, `tails` how
unlikely what came is, `stories` and `watch` make one alert of one event, `major` and `typical`
pick tickets, `draft` writes the risk alert. Time is always an argument.
"""
