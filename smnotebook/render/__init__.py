"""HTML and pictures from plain values; reads nothing but what it is handed."""
