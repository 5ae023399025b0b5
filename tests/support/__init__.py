"""What several test files share: live servers, people with tokens, generated pictures."""
