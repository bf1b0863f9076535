"""The open document and the worker thread: Qt without widgets."""
