import { Command } from "commander";
import type { Output } from "../../../client/routeClient.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

export const subagents: Verb = (io) =>
  new Command("subagents")
    .description("show the tree of a session's sub-agents, end them")
    .addCommand(list(io), { isDefault: true })
    .addCommand(cancel(io));

function list(io: Io): Command {
  const command = new Command("list")
    .description("show the sub-agents below a session and what each is at")
    .argument("[session]", "its key", "main");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.get("subagents.list", { sessionKey }), (answer) =>
      printer.table(["SUB-AGENT", "KEY", "STATE", "TOKENS", "COST", "SINCE", "DOING"], answer.subagents.map(toRow)),
    );
  });
}

type Subagent = Output<"subagents.list">["subagents"][number];

function toRow({ depth, title, key, state, usage, run, createdAt, activity, detached }: Subagent) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd, knownUsd } = usage;
  const dollars = (amount: number) => `$${amount.toFixed(amount < 0.01 ? 4 : 2)}`;
  const known = knownUsd === undefined ? null : `${dollars(knownUsd)} + ?`;
  return [
    `${". ".repeat(depth - 1)}${title ?? key}${detached ? " (detached)" : ""}`,
    key,
    state === "idle" ? (run?.outcome?.type ?? state) : state,
    inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens,
    costUsd === null ? known : dollars(costUsd),
    relativeTime(createdAt),
    activity,
  ];
}

function cancel(io: Io): Command {
  const command = new Command("cancel")
    .description("end what a sub-agent is at and what is below it; of another session, all its sub-agents")
    .argument("<session>", "its key")
    .option("--no-tree", "leave what is below it");
  return asClient<{ tree: boolean }, [string]>(io, command, async ({ client, printer, options }, sessionKey) => {
    printer.result(await client.post("subagents.cancel", { sessionKey, tree: options.tree }), ({ cancelled }) =>
      printer.line(cancelled === 1 ? "1 run is cancelled" : `${cancelled} runs are cancelled`),
    );
  });
}
