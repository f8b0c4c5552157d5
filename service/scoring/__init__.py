"""`jiesu score`: files and folders, by the cores of this machine or by a cluster."""
