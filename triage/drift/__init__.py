"""Whether the language of complaints has changed: distances, alarms, new phrases."""
