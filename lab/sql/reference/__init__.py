"""The reference for the site's developers: functions, tables and types of the wall, written from the rules."""
