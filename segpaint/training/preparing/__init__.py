"""From a folder of scans to a data set: `segpaint prepare`."""
