import { expect, test } from "vitest";
import { registerLanguageModelTools } from "../../../src/vscode/mcp/languageModelTools.ts";
import { createEdgeGateway, toGateway } from "../editor/edge.ts";
import { lm, type MarkdownString, openScreen } from "../editor/vscode.ts";

interface Tool {
  prepareInvocation(options: { input: object }): { confirmationMessages?: { message: MarkdownString } };
}

test("what another agent of the editor asks for is confirmed as a whole", () => {
  openScreen();
  const tools = new Map<string, Tool>();
  Object.assign(lm, { registerTool: (name: string, tool: Tool) => (tools.set(name, tool), { dispose() {} }) });
  const held = registerLanguageModelTools(toGateway(createEdgeGateway()));
  const task = `${"Read all of it. ".repeat(400)}\nDelete the folder build.`;
  const shown = tools.get("pincer_spawn")!.prepareInvocation({ input: { task } }).confirmationMessages;
  expect(shown?.message.value).toBe(task);
  held.dispose();
});
