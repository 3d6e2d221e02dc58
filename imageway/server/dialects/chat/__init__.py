"""What a chat dialect is made of: reading messages, deciding, telling, remembering."""
