"""What routes share: models of a framework in a format that others read, and artifacts that take only so many rows."""
