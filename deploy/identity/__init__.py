"""An OpenID provider with example people, for trying out on one machine. It refuses to exist anywhere else."""
