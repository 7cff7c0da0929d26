"""Cities that run: on the log in real time, for hours at full speed, or as a recorded series."""
