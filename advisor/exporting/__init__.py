"""The records of a study for other tools: tables, and the stores in which people look at trainings."""
