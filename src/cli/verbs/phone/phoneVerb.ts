import { Command } from "commander";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

export const phone: Verb = (io) =>
  new Command("phone")
    .description("pair phones with the page that gateway.remote serves, and look at those that are paired")
    .addCommand(list(io), { isDefault: true })
    .addCommand(pair(io))
    .addCommand(remove(io));

function list(io: Io): Command {
  const command = new Command("list").description("list the phones that are paired");
  return asClient<object, []>(io, command, async ({ client, printer, clock }) => {
    printer.result(await client.get("phones.list", {}), ({ on, phones, pending }) => {
      printer.table(
        ["ID", "NAME", "MAY", "PUSH", "PAIRED"],
        phones.map(({ id, name, scopes, push, pushFault, pairedAt }) => [
          id,
          name,
          scopes.join(", "),
          push ? (pushFault === undefined ? "yes" : "fails") : "no",
          relativeTime(pairedAt, clock.now()),
        ]),
      );
      for (const { id, pushFault } of phones)
        if (pushFault !== undefined) printer.note(`${id} was not told the last time: ${pushFault}`);
      for (const { id, scopes, expiresAt } of pending)
        printer.line(`${id}: a code waits for its phone (${scopes.join(", ")}), until ${expiresAt}`);
      if (!on) printer.line("No page for phones is served: gateway.remote is off");
    });
  });
}

function pair(io: Io): Command {
  const command = new Command("pair")
    .description("show a code that lets one phone in, once, within ten minutes")
    .option("--send", "the phone may also write to sessions and steer them")
    .option("--host <name>", "show the address of this name or number, where the machine has several");
  return asClient<{ send?: boolean; host?: string }, []>(io, command, async ({ client, printer, options }) => {
    const offered = await client.post("phones.pair", { send: options.send === true });
    if (printer.json) return printer.result(offered, () => {});
    const { code, expiresAt, urls, scopes, selfSigned } = offered;
    const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, "");
    const wanted = options.host?.toLowerCase();
    const url = urls.find((one) => hostOf(one) === wanted) ?? urls[0];
    if (url !== undefined && wanted !== undefined && hostOf(url) !== wanted)
      printer.note(`The gateway is at no ${JSON.stringify(options.host)}: this is another of its addresses`);
    if (url === undefined) printer.note("This machine has no address that phones could reach");
    else {
      // Black on white, whatever the terminal's colours are. Not by the printer, which shows such signs instead.
      const lines = await qrLines(url);
      for (const line of lines) io.stdout.write(printer.isTerminal ? `\u001b[40;97m${line}\u001b[0m\n` : `${line}\n`);
      printer.line(url);
    }
    printer.line(`Code ${code}, until ${expiresAt}. The phone may: ${scopes.join(", ")}`);
    for (const other of urls.filter((one) => one !== url)) printer.line(`Also at ${other.split("#")[0]}`);
    if (selfSigned)
      printer.note(
        "Nobody else has signed the gateway's certificate: the phone warns of it, and lets the page neither be installed nor be told of anything (docs/phone.md)",
      );
  });
}

/** A text as a QR code, in blocks of half a line. */
async function qrLines(text: string): Promise<string[]> {
  const { default: encode } = await import("qr");
  return encode(text, "ascii").trimEnd().split("\n");
}

function remove(io: Io): Command {
  const command = new Command("remove")
    .description("take a phone's token back, or make a code void that waits")
    .argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, id) => {
    printer.result(await client.post("phones.remove", { id }), (result) =>
      printer.line(`${result.id} is not paired any more`),
    );
  });
}
