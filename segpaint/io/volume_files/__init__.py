"""Reads volumes: DICOM, and all that ITK knows; its libraries are imported when the first one is opened."""
