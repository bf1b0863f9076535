"""Volumes with their place in the patient; numpy alone."""
