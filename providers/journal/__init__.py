"""What was paid for, written down before it is sent; and the same question again."""
