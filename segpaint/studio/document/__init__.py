"""The open document, and all of it that outlives the program."""
