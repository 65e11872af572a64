import { resolve } from "node:path";
import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import type { ListedChannel } from "../../../protocol/outside/channelState.ts";
import { asClient, type ClientCall, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";

export const channels: Verb = (io) =>
  new Command("channels")
    .description("look at the chat networks of openclaw.yml, over which people reach the agent")
    .addCommand(list(io), { isDefault: true })
    .addCommand(pair(io))
    .addCommand(send(io))
    .addCommand(remove(io))
    .addCommand(restart(io))
    .addCommand(mute(io, "mute", "take nothing from a channel and send nothing there until it is unmuted", true))
    .addCommand(mute(io, "unmute", "take from a channel again, and send there", false));

interface Chosen {
  channel?: string;
}

/** The one that is named, or the only one. */
async function chosen({ client, options }: ClientCall<Chosen>): Promise<string> {
  if (options.channel !== undefined) return options.channel;
  const { channels: all } = await client.get("channels.list", {});
  const ids = all.map(({ id }) => id);
  if (ids.length === 0) throw new AppError("not_found", "No channel is set up in openclaw.yml");
  if (ids.length > 1)
    throw new AppError("bad_request", `Say which channel is meant: --channel ${ids.join(" or --channel ")}`);
  return ids[0]!;
}

function list(io: Io): Command {
  const command = new Command("list").description("list the channels, how each is and who may talk");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("channels.list", {}), (result) => {
      printer.table(
        ["CHANNEL", "STATE", "ACCOUNT", "PEOPLE", "WAITING", "IN DOUBT"],
        result.channels.map((one) => [one.id, one.state, one.account, one.people.length, one.waiting, one.inDoubt]),
      );
      for (const { id, error, retryAt, webhook, refused, refusal, people, pending } of result.channels) {
        if (error !== null) printer.line(`${id}: ${error}${retryAt === null ? "" : ` (tried again at ${retryAt})`}`);
        if (webhook) printer.line(`${id}: ${webhookWords(webhook)}`);
        if (refusal !== null) printer.line(`${id}: ${refused} not taken by the network; the last for ${refusal}`);
        for (const person of people)
          printer.line(`${id}: ${person.id}${person.name === null ? "" : ` ${person.name}`} may talk (${person.by})`);
        for (const one of pending)
          printer.line(`${id}: ${one.id} ${one.name} was shown a code, until ${one.expiresAt}`);
      }
    });
  });
}

function webhookWords({ url, pending, lastError, lastErrorAt }: NonNullable<ListedChannel["webhook"]>): string {
  const failed = lastError === null ? "" : `; the last that could not be, at ${lastErrorAt}: ${lastError}`;
  return `messages are posted to ${url} (webhook), ${pending} wait there${failed}`;
}

function pair(io: Io): Command {
  const command = withChannel(new Command("pair"))
    .description("let the person talk who was shown this code in a chat")
    .argument("<code>");
  return asClient<Chosen, [string]>(io, command, async (call, code) => {
    const { client, printer } = call;
    printer.result(await client.post("channels.pair", { channel: await chosen(call), code }), ({ channel, person }) =>
      printer.line(`${person.name ?? person.id} (${person.id}) may talk on ${channel}, in a private chat`),
    );
  });
}

function send(io: Io): Command {
  const command = withChannel(new Command("send"))
    .description("send a text, files, or both to a chat of somebody who may talk")
    .argument("[text]")
    .option(
      "--file <path>",
      "a file to be sent; may be given again",
      (path: string, all: string[]) => [...all, path],
      [],
    )
    .option("--to <chat>", "the chat's number; the first person's in `allow` by default");
  type Options = Chosen & { to?: string; file: string[] };
  return asClient<Options, [string | undefined]>(io, command, async (call, text) => {
    const { client, printer, options } = call;
    const { to, file } = options;
    const files = file.length === 0 ? undefined : file.map((path) => resolve(path));
    const input = { channel: await chosen(call), ...defined({ text, to, files }) };
    printer.result(await client.post("channels.send", input), ({ key }) => printer.line(`To be sent as ${key}`));
  });
}

function remove(io: Io): Command {
  const command = withChannel(new Command("remove"))
    .description("take back what a code gave a person, or refuse one who waits")
    .argument("<person>");
  return asClient<Chosen, [string]>(io, command, async (call, person) => {
    const { client, printer } = call;
    printer.result(await client.post("channels.remove", { channel: await chosen(call), person }), (result) =>
      printer.line(`${result.person} may not talk on ${result.channel} any more`),
    );
  });
}

function restart(io: Io): Command {
  const command = withChannel(new Command("restart"))
    .description("end a channel and run it anew, at once")
    .option("--delete-webhook", "delete the webhook of its account first, which takes its messages");
  return asClient<Chosen & { deleteWebhook?: boolean }, []>(io, command, async (call) => {
    const { client, printer, options } = call;
    const input = { channel: await chosen(call), deleteWebhook: options.deleteWebhook === true };
    printer.result(await client.post("channels.restart", input), ({ channel }) =>
      printer.line(`${channel} begins anew`),
    );
  });
}

function mute(io: Io, name: string, about: string, muted: boolean): Command {
  const command = withChannel(new Command(name)).description(about);
  return asClient<Chosen, []>(io, command, async (call) => {
    const { client, printer } = call;
    printer.result(await client.post("channels.mute", { channel: await chosen(call), muted }), ({ channel }) =>
      printer.line(`${channel} is ${muted ? "muted" : "not muted any more"}`),
    );
  });
}

function withChannel(command: Command): Command {
  return command.option("--channel <name>", "which channel (default: the only one)");
}
