"""The open document, and the part of it that outlives the program."""
