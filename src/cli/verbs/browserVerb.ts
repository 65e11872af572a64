import { defined } from "../../base/defined.ts";
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import type { BrowserAnswer } from "../../protocol/browser.ts";
import { asClient, type Verb } from "../terminal/clientVerb.ts";
import type { Printer } from "../terminal/printer.ts";

interface Options {
  session: string;
  url?: string;
  out?: string;
}

type Field = [name: string, value: unknown];

/** One action of the browser; its fields are those of POST /api/browser, so that a new one needs nothing here. */
export const browser: Verb = (io) => {
  const command = new Command("browser")
    .description("drive the agent's browser: open, snapshot, act, screenshot and more (docs/browser.md)")
    .argument("<action>", "as in open, snapshot, act, screenshot, tabs, stop")
    .argument("[fields...]", "name=text, or name:=json, as in url=https://example.com width:=800", toFields)
    .option("--url <url>", "the page's address: the same as url=...")
    .option("-s, --session <key>", "the session whose tabs and cookies they are", "main")
    .option("-o, --out <file>", "where a screenshot or a PDF is written");
  return asClient<Options, [string, Field[] | undefined]>(io, command, async (call, action, fields = []) => {
    const { client, printer, options } = call;
    const request = {
      ...defined({ url: options.url }),
      ...Object.fromEntries(fields),
      action,
      sessionKey: options.session,
    };
    const answer = await client.post("browser", request);
    const data = answer.image?.data ?? answer.file?.data;
    if (options.out !== undefined && data !== undefined) writeFileSync(options.out, Buffer.from(data, "base64"));
    printer.result(answer, () => show(answer, printer, options.out));
  });
};

function toFields(given: string, before: Field[] = []): Field[] {
  const [, name, sign, text] = /^([A-Za-z]\w*)(:?=)([^]*)$/.exec(given) ?? [];
  if (name === undefined) throw new InvalidArgumentError("Write name=text or name:=json.");
  if (sign === "=") return [...before, [name, text]];
  try {
    return [...before, [name, JSON.parse(text!) as unknown]];
  } catch {
    throw new InvalidArgumentError(`What follows ${name}:= must be JSON.`);
  }
}

function show(answer: BrowserAnswer, printer: Printer, out: string | undefined): void {
  for (const notice of answer.notices ?? []) printer.note(notice);
  for (const tab of answer.tabs ?? (answer.tab ? [answer.tab] : []))
    printer.line(`${tab.id}  ${tab.url}  ${tab.title}`);
  if (answer.snapshot) printer.line(answer.snapshot.text);
  if (answer.value !== undefined) printer.line(answer.value);
  if (answer.image || answer.file)
    printer.line(out === undefined ? "Name a file with --out to keep it." : `Written to ${out}`);
  // The rest is for programs: the same words as in the API.
  const { action: _, notices: _n, tab: _t, tabs: _ts, snapshot: _s, value: _v, image: _i, file: _f, ...rest } = answer;
  if (Object.keys(rest).length > 0) printer.line(JSON.stringify(rest, null, 2));
}
