import { expect, test } from "vitest";
import type { ApprovalAsk, AskedEffect } from "../../../src/core/ports/tool.ts";
import { proposalFor } from "../../../src/core/permission/proposals.ts";

const ask = (effects: AskedEffect[], more: Partial<ApprovalAsk> = {}): ApprovalAsk => ({
  summary: "x",
  subject: { type: "other", text: "x" },
  reason: "x",
  safe: false,
  protected: false,
  effects,
  ...more,
});

const propose = (effects: AskedEffect[], tool = "exec", more: Partial<ApprovalAsk> = {}) =>
  proposalFor(ask(effects, more), { tool, workspace: "/w", covers: () => true });

test.each<[string, string, AskedEffect[], object[]]>([
  [
    "files by their own paths, and not their folder",
    "edit",
    [
      { kind: "change", place: "/w/src/a.ts" },
      { kind: "change", place: "/w/src/b.ts" },
      { kind: "delete", place: "/w/src/c.ts" },
    ],
    [
      { allow: "edit", path: "src/a.ts" },
      { allow: "edit", path: "src/b.ts" },
      { allow: "delete", path: "src/c.ts" },
    ],
  ],
  [
    "a name with signs of patterns as it is",
    "edit",
    [{ kind: "change", place: "/w/src/[id].ts" }],
    [{ allow: "edit", path: "src/[[]id[]].ts" }],
  ],
  [
    "a command with the one host that it reaches",
    "exec",
    [
      { kind: "run", place: "npm ci" },
      { kind: "connect", place: "registry.npmjs.org:443" },
    ],
    [{ allow: "exec", command: "npm ci", host: "registry.npmjs.org:443" }],
  ],
  [
    "a page's host",
    "web_fetch",
    [{ kind: "connect", place: "https://docs.example.org" }],
    [{ allow: "web_fetch", host: "docs.example.org" }],
  ],
  [
    "a tool of a server as it is now",
    "mcp__github__list",
    [{ kind: "call", place: "github/list", before: "h" }],
    [{ allow: "mcp", server: "github", tool: "list", hash: "h" }],
  ],
  [
    "the chat of a message, and the file that it brings",
    "message_send",
    [
      { kind: "send", place: "telegram/-100:5" },
      { kind: "read", place: "/w/out/a.pdf", before: "h" },
    ],
    [
      { allow: "message", channel: "telegram", to: "-100:5" },
      { allow: "read", path: "out/a.pdf" },
    ],
  ],
])("proposes %s", (_, tool, effects, grants) => {
  expect(propose(effects, tool)).toEqual({ grants });
});

test.each<[string, AskedEffect[], Partial<ApprovalAsk>]>([
  ["a file outside of the workspace", [{ kind: "change", place: "/etc/hosts" }], {}],
  ["what has no effect that it names", [], {}],
  ["what is protected", [{ kind: "change", place: "/w/.env" }], { protected: true }],
  ["what is asked about each time", [{ kind: "run", place: "npm test" }], { once: true }],
  ["a name that turns a pattern round", [{ kind: "change", place: "/w/!a" }], {}],
])("proposes nothing for %s", (_, effects, more) => {
  expect(propose(effects, "exec", more)).toEqual({ ungranted: expect.any(String) });
});

test("proposes nothing that would not let the same call run", () => {
  const given = { tool: "exec", workspace: "/w", covers: () => false };
  expect(proposalFor(ask([{ kind: "run", place: "npm test" }]), given)).toHaveProperty("ungranted");
});
