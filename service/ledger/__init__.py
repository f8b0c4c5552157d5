"""What happens to a ticket between its intake and its end."""
