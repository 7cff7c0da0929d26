"""The services of the Miyun urban operations monitor."""
