"""The live feed: follows the alerts, feels whether they are live, and tells the page."""
