"""The OpenAPI documents of the four services, and the rules they are checked against."""
