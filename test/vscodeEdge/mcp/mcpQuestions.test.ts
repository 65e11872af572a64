import { expect, test } from "vitest";
import { readPanelInput } from "../../../src/vscode/chat/panelInput.ts";
import { followMcpQuestions } from "../../../src/vscode/mcp/mcpQuestions.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { openScreen } from "../editor/vscode.ts";

const asked = (id: string) => ({ type: "mcp.asked", question: { id, server: "x", message: `${id}?`, fields: [] } });

test("a question is told where no chat shows it, and answered there", async () => {
  const screen = openScreen([
    [/asks: where\?/, "Answer…"],
    [/asks: why\?/, "Decline"],
  ]);
  const gateway = createEdgeGateway({ "mcp.answer": {} });
  const shown = Promise.withResolvers<void>();
  const chat = { visible: true, answer: async () => shown.resolve() };
  const following = followMcpQuestions(toGateway(gateway), chat, quiet);
  gateway.tell(asked("seen"));
  chat.visible = false;
  gateway.tell(asked("where"));
  await shown.promise;
  expect(gateway.calls).toEqual([]);
  gateway.tell(asked("why"));
  await expect.poll(() => gateway.calls).toEqual([["mcp.answer", { id: "why", action: "decline" }]]);
  expect(screen.asked.map(({ text }) => text)).toEqual([
    "The MCP server x asks: where?",
    "The MCP server x asks: why?",
  ]);
  following.dispose();
});

test("the panel may ask for questions of MCP servers and answer them, and nothing else of them", () => {
  const may = (method: string) => readPanelInput({ type: "req", id: "1", method, params: {} }) !== undefined;
  const names = ["questions", "answer", "answers", "list", "read", "restart", "signIn", "signOut", "log"];
  expect(names.filter((name) => may(`mcp.${name}`))).toEqual(["questions", "answer"]);
});
