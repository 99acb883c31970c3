"""The installation: settings, urls, base templates, device endpoints, command line."""
