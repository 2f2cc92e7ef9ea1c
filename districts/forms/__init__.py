"""Forms of districts, agencies, people, coaching tables, plans and the office calendar."""
