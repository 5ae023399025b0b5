"""Behind the wall: the only place where a decoder meets a stranger's bytes."""
