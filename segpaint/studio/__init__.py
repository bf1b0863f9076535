"""All state of the program: Qt without widgets."""
