import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Reads your topics. Its place moves on only after what was read is handled; an event may come twice. */
public final class EventReader {
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments.length > 0 ? arguments[0] : "..").toAbsolutePath().normalize();
    Properties settings = new Properties();
    try (Reader text = Files.newBufferedReader(folder.resolve("connection.properties"))) {
      settings.load(text);
    }
    settings.replaceAll((name, value) -> value.toString().replace("@FOLDER@", folder.toString()));
    if (settings.containsKey("sasl.mechanism")) {
      String password = Files.readString(folder.resolve("password.txt")).strip();
      settings.put(
          "sasl.jaas.config",
          "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
              + settings.getProperty("account") + "\" password=\"" + password + "\";");
    }
    settings.put("group.id", settings.getProperty("group.id") + ".java");
    settings.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    settings.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    settings.put("allow.auto.create.topics", "false");

    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
      consumer.subscribe(Arrays.asList(settings.getProperty("topics").split(",")));
      while (true) {
        for (ConsumerRecord<String, String> event : consumer.poll(Duration.ofSeconds(1))) {
          handle(event);
        }
        consumer.commitSync();
      }
    }
  }

  /** Yours to fill in. The value is a CloudEvent as JSON: skip those whose source and id you know. */
  private static void handle(ConsumerRecord<String, String> event) {
    System.out.println(event.value());
  }
}
