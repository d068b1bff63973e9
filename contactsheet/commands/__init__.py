"""The commands, a module each: what people type and what they read. All work is done elsewhere."""
