"""Events over HTTP, for partners that may not use Kafka: read from the partner's own topic, posted and signed."""
