"""Files: what they are, how to make them smaller, how to fetch them safely."""
