"""Writes volumes and their masks as DICOM: geometry, values, marks, and whose they are."""
