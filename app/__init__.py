"""Small Favor: a reader-funded donation and membership backend for independent newsrooms."""
