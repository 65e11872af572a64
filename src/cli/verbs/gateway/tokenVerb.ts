import { resolve } from "node:path";
import { Command, Option } from "commander";
import { findStateDir, readGatewayFile, readOrMakeToken, rotateToken } from "../../../config/stateFolder.ts";
import { type Verb, withAddress } from "../../terminal/clientVerb.ts";
import { defined } from "../../../base/defined.ts";
import { isAlive } from "../../../base/isAlive.ts";
import { type AddressOptions, findGateway } from "../../../client/gatewayAddress.ts";
import { createRestClient } from "../../../client/restClient.ts";
import type { Io } from "../../terminal/io.ts";
import { createPrinter } from "../../terminal/printer.ts";
import { toFolderPath } from "../../terminal/givenPlaces.ts";

export const token: Verb = (io) =>
  new Command("token")
    .description("print the gateway's token, or replace it")
    .addCommand(show(io), { isDefault: true })
    .addCommand(rotate(io));

function show(io: Io): Command {
  const command = new Command("show")
    .description("print the token that scripts send")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print it as JSON");
  return command.action(async (options: { state?: string; json?: boolean }) => {
    const stateDir = toStateDir(options.state, io.env);
    print(io, runningGateway(stateDir)?.token ?? (await readOrMakeToken(stateDir)), options.json);
  });
}

function rotate(io: Io): Command {
  const command = new Command("rotate")
    .description("replace the token; the old one is dead at once, and what it holds open is closed")
    .addOption(new Option("--url <url>", "the same as --gateway").hideHelp());
  return withAddress(command)
    .option("--json", "print it as JSON")
    .action(async (given: AddressOptions & { gateway?: string; json?: boolean }) => {
      const options = { ...given, ...defined({ url: given.gateway ?? given.url }) };
      const stateDir = toStateDir(options.state, io.env);
      const isLocal = options.url === undefined && (options.state !== undefined || !io.env["PINCER_URL"]);
      // Nobody serves with it: the kept one can be replaced where it lies.
      if (isLocal && !runningGateway(stateDir)) return print(io, await rotateToken(stateDir), options.json);
      const client = createRestClient(findGateway(options, io.env));
      print(io, (await client.post("gateway.token.rotate")).token, options.json);
    });
}

function runningGateway(stateDir: string) {
  const running = readGatewayFile(stateDir);
  return running && isAlive(running.pid) ? running : undefined;
}

function toStateDir(given: string | undefined, env: Io["env"]): string {
  return given ? resolve(given) : findStateDir(env);
}

function print(io: Io, value: string, json = false): void {
  const printer = createPrinter(io, json);
  printer.result({ token: value }, () => printer.line(value));
}
