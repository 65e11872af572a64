import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import type { Effort } from "../../../protocol/context/agentPart.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { toCount } from "../../terminal/durations.ts";
import { deleteSession, restoreSession } from "./deleteVerb.ts";
import { exportSession } from "./exportSessionVerb.ts";
import { searchVerb } from "./searchVerb.ts";
import { relativeTime } from "../../terminal/timeWords.ts";
import { toFolderThere } from "../../terminal/givenPlaces.ts";
import { nameTable } from "../../../base/nameTable.ts";

export const sessions: Verb = (io) =>
  new Command("sessions")
    .description("list sessions, make and change them")
    .addCommand(list(io), { isDefault: true })
    .addCommand(searchVerb(io))
    .addCommand(create(io))
    .addCommand(rename(io))
    .addCommand(set(io))
    .addCommand(place(io, "pin", { pinned: true }, "let a session stand above others; it is not removed for its age"))
    .addCommand(place(io, "unpin", { pinned: false }, "let it stand by its time again"))
    .addCommand(place(io, "archive", { archived: true }, "put a session away until something is said in it"))
    .addCommand(place(io, "unarchive", { archived: false }, "put it back among the others"))
    .addCommand(exportSession(io))
    .addCommand(deleteSession(io))
    .addCommand(restoreSession(io))
    .addCommand(act(io, "reset", "cancel a session's runs and remove its history"))
    .addCommand(fork(io))
    .addCommand(compact(io))
    .addCommand(prune(io))
    .addCommand(act(io, "abort", "cancel a session's active and queued runs"));

function list(io: Io): Command {
  const command = new Command("list")
    .description("list sessions, newest first")
    .option("-k, --kinds <kinds>", "main, isolated, channel; separated by commas")
    .option("-n, --limit <count>", "how many", toCount, 50)
    .option("--search <text>", "only those whose title, key or messages match")
    .option("--pinned", "only those that are pinned")
    .option("--archived", "those that are archived, which else are left out");
  return asClient<ListOptions, []>(io, command, async ({ client, printer, options }) => {
    const { kinds, limit, search, pinned, archived = false } = options;
    printer.result(await client.get("sessions.list", { kinds, limit, search, pinned, archived }), (answer) =>
      printer.table(
        ["KEY", "KIND", "STATE", "MESSAGES", "UPDATED", "TITLE"],
        answer.sessions.map((session) => [
          session.key,
          session.kind,
          session.state,
          session.messageCount,
          relativeTime(session.updatedAt),
          session.pinned ? `${session.title ?? ""} (pinned)`.trimStart() : session.title,
        ]),
      ),
    );
  });
}

interface ListOptions {
  kinds?: string;
  limit: number;
  search?: string;
  pinned?: boolean;
  archived?: boolean;
}

function create(io: Io): Command {
  const command = new Command("create")
    .description("make an empty session and print its key")
    .argument("[title]", "its title")
    .option("-m, --model <id>", "its model")
    .option("-w, --workspace <dir>", "folder that its tools work in", toFolderThere);
  return asClient<{ model?: string; workspace?: string }, [string | undefined]>(
    io,
    command,
    async ({ client, printer, options }, title) => {
      const { model, workspace } = options;
      printer.result(await client.post("sessions.create", { title, model, workspace }), (answer) =>
        printer.line(answer.sessionKey),
      );
    },
  );
}

function rename(io: Io): Command {
  const command = new Command("rename").description("give a session a title").argument("<key>").argument("<title>");
  return asClient<object, [string, string]>(io, command, async ({ client, printer }, sessionKey, title) => {
    printer.result(await client.post("sessions.rename", { sessionKey, title }), () =>
      printer.line(`${sessionKey} is now "${title}"`),
    );
  });
}

/** "default" takes a choice back: what is configured holds again. */
function set(io: Io): Command {
  const command = new Command("set")
    .description('choose a session\'s model and how long it thinks; "default" for what is configured')
    .argument("<key>")
    .option("-m, --model <model>", "as `pincer models` lists it")
    .option("--effort <level>", "how long its model thinks, as low, medium or high");
  return asClient<Choices, [string]>(io, command, async ({ client, printer, options }, sessionKey) => {
    const { model, effort } = options;
    if (model === undefined && effort === undefined) throw new AppError("bad_request", "Say --model or --effort");
    const orNone = (value: string) => (value === "default" ? null : value);
    const patch = {
      ...(model === undefined ? {} : { model: orNone(model) }),
      ...(effort === undefined ? {} : { effort: orNone(effort) as Effort | null }),
    };
    printer.result(await client.post("sessions.update", { sessionKey, ...patch }), () => {
      const words = [`model ${model}`, `effort ${effort}`].filter((_word, at) => [model, effort][at] !== undefined);
      printer.line(`${sessionKey} has ${words.join(" and ")} now`);
    });
  });
}

interface Choices {
  model?: string;
  effort?: string;
}

function fork(io: Io): Command {
  const command = new Command("fork")
    .description("copy a session's messages into a new one and print its key")
    .argument("<key>")
    .argument("[title]", "the new one's title");
  return asClient<object, [string, string | undefined]>(io, command, async ({ client, printer }, sessionKey, title) => {
    printer.result(await client.post("sessions.fork", { sessionKey, title }), (told) => printer.line(told.sessionKey));
  });
}

function compact(io: Io): Command {
  const command = new Command("compact").description("summarise a session's older messages").argument("<key>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.post("sessions.compact", { sessionKey }), (told) =>
      printer.line(
        told.compacted
          ? `${sessionKey}: ${told.usedTokensBefore} tokens are now ${told.usedTokensAfter}`
          : `${sessionKey} is short enough as it is`,
      ),
    );
  });
}

function prune(io: Io): Command {
  const command = new Command("prune")
    .description("remove what `retention` of openclaw.yml lets go, as happens every hour")
    .option("--dry-run", "only say what would be removed");
  return asClient<{ dryRun?: boolean }, []>(io, command, async ({ client, printer, options }) => {
    const { dryRun = false } = options;
    printer.result(await client.post("sessions.prune", { dryRun }), ({ count, sessions }) => {
      printer.line(dryRun ? `${count} would be removed` : `${count} removed`);
      if (count > 0)
        printer.table(
          ["KEY", "RULE", "MESSAGES", "UPDATED", "TITLE"],
          sessions.map((one) => [one.key, one.rule, one.messageCount, relativeTime(one.updatedAt), one.title]),
        );
    });
  });
}

function place(io: Io, name: string, fields: { pinned?: boolean; archived?: boolean }, description: string): Command {
  const command = new Command(name).description(description).argument("<key>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.post("sessions.update", { sessionKey, ...fields }), ({ session }) =>
      printer.line(`${sessionKey} is ${PLACES[name]}${session.title === null ? "" : `: ${session.title}`}`),
    );
  });
}

const PLACES = nameTable<string>({
  pin: "pinned",
  unpin: "not pinned any more",
  archive: "archived",
  unarchive: "among the others again",
});

type Act = "reset" | "abort";

function act(io: Io, name: Act, description: string): Command {
  const command = new Command(name).description(description).argument("<key>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.post(`sessions.${name}`, { sessionKey }), (told) => {
      printer.line("aborted" in told ? `${told.aborted} cancelled` : `${sessionKey} is reset`);
    });
  });
}
