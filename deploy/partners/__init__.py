"""Who may do what on the broker: our services, operators and partners. Everything else is refused."""
