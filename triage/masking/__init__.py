"""Personal data leaves a narrative before anything else sees it."""
