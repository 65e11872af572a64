import { describe, expect, test } from "vitest";
import type { WorktreeState } from "../../../src/protocol/worktree.ts";
import { ChannelsView } from "../../../src/vscode/channels/channelsView.ts";
import { McpView } from "../../../src/vscode/mcp/mcpView.ts";
import { WorktreesView } from "../../../src/vscode/sessions/worktreesView.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const trees = {
  "pincer.channels": {
    route: "channels.list",
    field: "channels",
    open: (gateway: ReturnType<typeof toGateway>) => new ChannelsView(gateway, quiet),
    entry: (id: string) => ({ id, people: [], pending: [], state: "connected", account: null, error: null }),
    context: "pincer.hasChannels",
    failure: "Channels could not be listed; the log says why.",
  },
  "pincer.mcp": {
    route: "mcp.list",
    field: "servers",
    open: (gateway: ReturnType<typeof toGateway>) => new McpView(gateway, quiet),
    entry: (name: string) => ({ name, state: "ready", tools: [] }),
    context: "pincer.hasMcpServers",
    failure: "MCP servers could not be listed; the log says why.",
  },
  "pincer.worktrees": {
    route: "worktrees.list",
    field: "worktrees",
    open: (gateway: ReturnType<typeof toGateway>) => new WorktreesView(gateway, "/state", quiet),
    entry: (name: string): Partial<WorktreeState> => ({ name }),
    context: "pincer.hasWorktrees",
    failure: "Worktrees could not be listed; the log says why.",
  },
};

describe.each(Object.entries(trees))("the tree %s", (_, { route, field, open, entry, context, failure }) => {
  test("shows what was asked for last, however late an earlier answer comes", async () => {
    openScreen();
    const asked: PromiseWithResolvers<unknown>[] = [];
    const answer = () => {
      const one = Promise.withResolvers<unknown>();
      asked.push(one);
      return one.promise;
    };
    const view = open(toGateway(createEdgeGateway({ [route]: answer })));
    const [first, second] = [view.refresh(), view.refresh()];
    asked[1]!.resolve({ [field]: [entry("new"), entry("newer")] });
    await second;
    asked[0]!.resolve({ [field]: [entry("old")] });
    await first;
    expect(view.getChildren()).toHaveLength(2);
    expect(screen.commands.filter(([name]) => name === "setContext")).toEqual([["setContext", context, true]]);
    view.dispose();
  });

  test("is drawn anew only when something changed, keeps its rows where they cannot be listed, and has none while no gateway runs", async () => {
    openScreen();
    let answer: unknown = { [field]: [entry("one")] };
    const gateway = createEdgeGateway({ [route]: () => (answer instanceof Error ? Promise.reject(answer) : answer) });
    const view = open(toGateway(gateway));
    let drawn = 0;
    view.onDidChangeTreeData(() => (drawn += 1));
    await view.refresh();
    await view.refresh();
    expect(drawn).toBe(1);
    answer = new Error("the wire is gone");
    await view.refresh();
    expect([drawn, view.getChildren().length, screen.trees[0]!["message"]]).toEqual([1, 1, failure]);
    answer = { [field]: [entry("one")] };
    await view.refresh();
    expect([drawn, screen.trees[0]!["message"]]).toEqual([1, undefined]);
    gateway.become({ state: "stopped" });
    await expect.poll(() => view.getChildren()).toEqual([]);
    expect(screen.commands.at(-1)).toEqual(["setContext", context, false]);
    view.dispose();
  });
});
