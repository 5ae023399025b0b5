"""The parent's side of the wall: whose picture is next, deadlines, distrust of what comes back."""
