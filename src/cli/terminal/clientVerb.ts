import { type Command, Option } from "commander";
import { type Clock, systemClock } from "../../base/clock.ts";
import { type AddressOptions, findGateway } from "../../client/gatewayAddress.ts";
import { createRestClient, type RestClient } from "../../client/restClient.ts";
import type { Io } from "./io.ts";
import { createPrinter, type Printer } from "./printer.ts";
import { toFolderPath } from "./givenPlaces.ts";

/** Makes one word of the command line: `pincer send`. */
export type Verb = (io: Io) => Command;

interface ClientOptions extends AddressOptions {
  gateway?: string;
  json?: boolean;
}

/** What a verb that asks the gateway works with. */
export interface ClientCall<Options> {
  client: RestClient;
  /** A client of the gateway that is meant by now: another may have its place, or another token. Throws where there is none. */
  findAgain(): RestClient;
  printer: Printer;
  options: Options;
  clock: Clock;
}

/** Gives a command the options that say which gateway is meant, and with which token. */
export function withAddress(command: Command): Command {
  return command
    .option("--gateway <url>", "the gateway's address (default: PINCER_URL, else the one that runs here)")
    .option("--token-file <file>", "file that holds the token (default: PINCER_TOKEN, else that of the gateway here)")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath);
}

/**
 * Gives a command the options that every client has, and runs it with a client of the gateway they name. The arguments
 * come as the command declares them: a text, undefined for an optional one that is not given, a list for a variadic one.
 */
export function asClient<Options, Args extends unknown[]>(
  io: Io,
  command: Command,
  run: (call: ClientCall<Options>, ...args: Args) => Promise<void>,
): Command {
  // A verb with an address of its own, as a page's, keeps --url for it: the two are never taken for each other.
  const hasOwnUrl = command.options.some(({ long }) => long === "--url");
  if (!hasOwnUrl) command.addOption(new Option("--url <url>", "the same").hideHelp());
  return withAddress(command)
    .option("--json", "print the answer as it came")
    .action(async (...given: unknown[]) => {
      const options = command.opts<ClientOptions & Options>();
      const url = options.gateway ?? (hasOwnUrl ? undefined : options.url);
      const findAgain = () => createRestClient(findGateway({ ...options, url }, io.env));
      const client = findAgain();
      // The last two are the options and the command.
      const printer = createPrinter(io, options.json === true);
      await run(
        { client, findAgain, printer, options, clock: io.clock ?? systemClock },
        ...(given.slice(0, -2) as Args),
      );
    });
}
