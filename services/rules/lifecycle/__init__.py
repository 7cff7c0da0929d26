"""An alert from its raise to its end: the table of its transitions, what moves it, commands of people."""
