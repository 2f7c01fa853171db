"""Product tables from pandas into SALESmanago Product Catalogs."""
