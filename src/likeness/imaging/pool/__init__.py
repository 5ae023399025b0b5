"""The server's side of the wall: queues, deadlines, and checks of all that workers answer."""
