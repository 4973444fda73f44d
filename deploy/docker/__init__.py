"""Running it in containers: images, what is secret, who may reach which database."""
