"""The guided tour: stories that play by themselves in a window of their own."""
