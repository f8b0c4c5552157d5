"""What jiesu knows: a narrative in, tags, risk, reasons and duties out."""
