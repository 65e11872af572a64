import type { Command } from "commander";
import { Option } from "commander";
import { openMoving } from "../../app/openMoving.ts";
import { isAppError } from "../../base/appError.ts";
import { type AddressOptions, findGateway } from "../../client/gatewayAddress.ts";
import { createRestClient } from "../../client/restClient.ts";
import { findStateDir } from "../../config/stateFolder.ts";
import type { TakenJob, TakenSession, TakeRequest } from "../../protocol/written/movedLine.ts";
import type { Io } from "../terminal/io.ts";
import { toFolderPath } from "../terminal/givenPlaces.ts";
import { createPrinter, type Printer } from "../terminal/printer.ts";
import { defined } from "../../base/defined.ts";

/** What is exported and imported: a gateway that runs, over REST, or the store of a state folder on which none does. */
export interface MovingDesk {
  page(
    part: "sessions" | "jobs",
    cursor?: string,
  ): Promise<{ lines: string[]; leftOut: number; nextCursor?: string | undefined }>;
  take(request: TakeRequest): Promise<{ sessions: TakenSession[]; jobs: TakenJob[] }>;
  /** Longest call, in characters of JSON. */
  mostChars: number;
  close(): Promise<void>;
}

export interface MovingOptions extends AddressOptions {
  gateway?: string;
  json?: boolean;
}

// A body of REST has 1 MB at most, and not every character is one byte.
const REST_BYTES = 900_000;
const STORE_BYTES = 40_000_000;

/** Gives a verb the options that say where, and runs it with that. */
export function withDesk<Options, Args extends unknown[]>(
  io: Io,
  command: Command,
  { make }: { make: boolean },
  run: (
    call: { open: (how?: { dryRun: boolean }) => Promise<MovingDesk>; printer: Printer; options: Options },
    ...args: Args
  ) => Promise<void>,
): Command {
  return command
    .addOption(new Option("--url <url>", "the same").hideHelp())
    .option(
      "--gateway <url>",
      "the gateway's address (default: PINCER_URL, else the one that runs here, else the store itself)",
    )
    .option("--token-file <file>", "file that holds the token (default: PINCER_TOKEN, else that of the gateway here)")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print what was done as JSON")
    .action(async (...given: unknown[]) => {
      const options = command.opts<MovingOptions & Options>();
      let desk: MovingDesk | undefined;
      const open = async ({ dryRun } = { dryRun: false }) =>
        (desk ??= await openDesk(options, io, make && dryRun ? "tried" : make));
      try {
        await run(
          { open, printer: createPrinter(io, options.json === true), options },
          ...(given.slice(0, -2) as Args),
        );
      } finally {
        await desk?.close();
      }
    });
}

async function openDesk(options: MovingOptions, io: Io, make: boolean | "tried"): Promise<MovingDesk> {
  const url = options.gateway ?? options.url;
  let address;
  try {
    address = findGateway({ ...options, ...defined({ url }) }, io.env);
  } catch (error) {
    if (url !== undefined || !isAppError(error) || error.code !== "unavailable") throw error;
    return openStoreDesk(options.state ?? findStateDir(io.env), make);
  }
  const client = createRestClient(address);
  return {
    page: (part, cursor) => client.get("export.read", { part, cursor }),
    take: (request) => client.post("import.write", request),
    mostChars: REST_BYTES,
    close: async () => {},
  };
}

async function openStoreDesk(stateDir: string, make: boolean | "tried"): Promise<MovingDesk> {
  const moving = await openMoving(stateDir, { make });
  return {
    page: async (part, cursor) =>
      part === "jobs" ? moving.jobs() : { leftOut: 0, ...(await moving.sessions(cursor)) },
    take: (request) => moving.take(request, { via: "cli" }),
    mostChars: STORE_BYTES,
    close: () => moving.close(),
  };
}
