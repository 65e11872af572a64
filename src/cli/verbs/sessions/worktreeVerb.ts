import { Command } from "commander";
import { defined } from "../../../base/defined.ts";
import { sizeWords } from "../../../base/text/sizeWords.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

export const worktree: Verb = (io) =>
  new Command("worktree")
    .description("look at what sub-agents did in git worktrees, take it over, clean up")
    .addCommand(list(io), { isDefault: true })
    .addCommand(diff(io, "diff", "print what is different in a worktree"))
    .addCommand(diff(io, "patch", "the same, for `git apply`: pincer worktree patch NAME > x.patch"))
    .addCommand(merge(io))
    .addCommand(push(io))
    .addCommand(remove(io));

function list(io: Io): Command {
  const command = new Command("list").description("list worktrees, newest first");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("worktrees.list", {}), (result) =>
      printer.table(
        ["NAME", "BRANCH", "COMMITS", "UNCOMMITTED", "SIZE", "CREATED", "SESSION", "OF"],
        result.worktrees.map((one) => [
          one.name,
          one.state === "ok" ? one.branch : one.state,
          one.ahead,
          one.uncommitted,
          sizeWords(one.sizeBytes),
          relativeTime(one.createdAt),
          one.sessionKey,
          one.repository,
        ]),
      ),
    );
  });
}

function diff(io: Io, name: string, description: string): Command {
  const command = new Command(name).description(description).argument("<name>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, which) => {
    printer.result(await client.get("worktrees.diff", { name: which }), ({ patch, left }) => {
      printer.line(patch.replace(/\n$/, ""));
      if (left) printer.note(`Left out, for a token of scope admin alone: ${left.join(", ")}`);
    });
  });
}

function merge(io: Io): Command {
  const command = new Command("merge")
    .description("commit what is in a worktree and merge it into the branch that is checked out")
    .argument("<name>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, name) => {
    printer.result(await client.post("worktrees.merge", { name }), ({ into, commit }) =>
      printer.line(`${name} is merged into ${into}: ${commit.slice(0, 10)}`),
    );
  });
}

function push(io: Io): Command {
  const command = new Command("push")
    .description("commit what is in a worktree and push its branch, for a pull request")
    .argument("<name>")
    .option("-r, --remote <name>", "which remote (default: origin)");
  return asClient<{ remote?: string }, [string]>(io, command, async ({ client, printer, options }, name) => {
    const pushed = await client.post("worktrees.push", { name, ...defined({ remote: options.remote }) });
    printer.result(pushed, ({ remote, branch, url }) => {
      printer.line(`${branch} is pushed to ${remote}`);
      if (url !== undefined) printer.line(`A pull request of it is made at ${url}`);
    });
  });
}

function remove(io: Io): Command {
  const command = new Command("remove")
    .description("remove a worktree; its branch stays where no other has its commits")
    .argument("<name>")
    .option("-f, --force", "whatever is lost: changes in no commit, commits on no branch, work under way in it");
  return asClient<{ force?: boolean }, [string]>(io, command, async ({ client, printer, options }, name) => {
    const { force = false } = options;
    printer.result(await client.post("worktrees.remove", { name, force }), ({ branchKept }) =>
      printer.line(`${name} is removed${branchKept ? "; its branch stays" : ""}`),
    );
  });
}
