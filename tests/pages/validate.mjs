// Reads documents, one JSON string a line, and answers with what html-validate finds in each, one line of JSON.
// One process for all pages: to start it costs more than to look at a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [tools, rules] = process.argv.slice(2);
const { HtmlValidate } = createRequire(tools + "/")("html-validate");
const looker = new HtmlValidate(JSON.parse(readFileSync(rules, "utf8")));
for await (const line of createInterface({ input: process.stdin })) {
  const report = await looker.validateString(JSON.parse(line));
  console.log(JSON.stringify(report.results.flatMap((one) => one.messages)));
}
